#include <catch2/catch.hpp>

#include "support.hpp"

namespace signalbox::journal::test {
namespace {

RunSeed keyed(const std::string& id, const std::string& key, char digest = 'd') {
    RunSeed seed = seed_of(id);
    seed.client = "portal";
    seed.payload = "the payload";
    seed.properties = "{}";
    seed.idempotency_key = key;
    seed.idempotency_digest = std::string(32, digest);
    return seed;
}

}  // namespace

TEST_CASE("journal: a repeated idempotency key answers the first run whole", "[journal]") {
    Desk desk;
    const auto first = desk.insert(keyed("r_1", "k"), state_of(Phase::held));
    REQUIRE(first);
    const auto again = desk.insert(keyed("r_2", "k"));
    REQUIRE(again);
    CHECK(again->sequence == first->sequence);
    REQUIRE(again->existing);
    CHECK(again->existing->sequence == first->sequence);
    CHECK(again->existing->seed.id == "r_1");
    CHECK(again->existing->seed.payload == "the payload");
    CHECK(again->existing->seed.properties == "{}");
    CHECK(again->existing->state.phase == Phase::held);
    CHECK_FALSE(desk.find("r_2"));
}

TEST_CASE("journal: an idempotency key with another digest is a conflict", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(keyed("r_1", "k")));
    const auto other = desk.insert(keyed("r_2", "k", 'e'));
    REQUIRE_FALSE(other);
    CHECK(other.error().code == "idempotency_conflict");
    CHECK_FALSE(desk.find("r_2"));
    CHECK(desk.find("r_1"));
}

TEST_CASE("journal: idempotency keys of other clients and actions are other keys", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(keyed("r_1", "k")));
    RunSeed other_client = keyed("r_2", "k", 'e');
    other_client.client.clear();
    CHECK_FALSE(desk.insert(other_client)->existing);
    RunSeed other_action = keyed("r_3", "k", 'f');
    other_action.action = "destroy";
    CHECK_FALSE(desk.insert(other_action)->existing);
    RunSeed same_client = keyed("r_4", "k", 'e');
    same_client.client.clear();
    const auto again = desk.insert(same_client);
    REQUIRE(again->existing);
    CHECK(again->existing->seed.id == "r_2");
}

TEST_CASE("journal: runs without an idempotency key are never taken for one", "[journal]") {
    Desk desk;
    CHECK_FALSE(desk.insert(seed_of("r_1"))->existing);
    CHECK_FALSE(desk.insert(seed_of("r_2"))->existing);
    CHECK(desk.list({})->runs.size() == 2);
}

TEST_CASE("journal: the same idempotency key twice in a batch makes one run", "[journal]") {
    Desk desk;
    std::vector<Result<Inserted>> answers;
    const auto keep = [&](Result<Inserted> answer) { answers.push_back(std::move(answer)); };
    {
        const Hold hold(desk);
        desk.journal->insert(keyed("r_1", "k"), {}, keep);
        desk.journal->insert(keyed("r_2", "k"), {}, keep);
        desk.journal->insert(keyed("r_3", "k", 'x'), {}, keep);
    }
    desk.inbox.run_until([&] { return answers.size() == 3; });
    REQUIRE(answers[0]);
    CHECK_FALSE(answers[0]->existing);
    REQUIRE(answers[1]);
    REQUIRE(answers[1]->existing);
    CHECK(answers[1]->existing->seed.id == "r_1");
    CHECK(answers[2].error().code == "idempotency_conflict");
}

TEST_CASE("journal: an idempotency key is remembered by a journal opened again", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(keyed("r_1", "k")));
    REQUIRE(desk.change("r_1", to_phase(Phase::finished, "SUCCESS")));
    desk.reopen();
    const auto again = desk.insert(keyed("r_2", "k"));
    REQUIRE(again);
    REQUIRE(again->existing);
    CHECK(again->existing->state.result == "SUCCESS");
}

}  // namespace signalbox::journal::test
