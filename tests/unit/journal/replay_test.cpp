#include <catch2/catch.hpp>

#include "fault_vfs.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/schema.hpp"
#include "journal/sqlite/store.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

constexpr std::int64_t kNow_ms = 1'700'000'000'000;

RunSeed message(const std::string& id, char digest, std::int64_t expires_ms = kNow_ms + 1'000,
                const std::string& source = "port", std::size_t keys_max = 1'000) {
    RunSeed seed = seed_of(id);
    seed.created_ms = kNow_ms;
    seed.replay = ReplayKey{source, std::string(32, digest), expires_ms, keys_max};
    return seed;
}

RunSeed at(RunSeed seed, std::int64_t now_ms) {
    seed.created_ms = now_ms;
    return seed;
}

/// So many messages that expire a millisecond from now.
void take_many(Desk& desk, int count, const std::string& source) {
    for (int i = 0; i < count; ++i) {
        RunSeed seed = message("r_" + std::to_string(i), 'x', kNow_ms + 1, source);
        seed.replay->digest = std::to_string(1'000 + i) + std::string(28, 'x');
        REQUIRE(desk.insert(seed));
    }
}

std::string refusal(Desk& desk, const RunSeed& seed) {
    const auto inserted = desk.insert(seed);
    return inserted ? "" : inserted.error().code;
}

}  // namespace

TEST_CASE("journal: a message is taken once, and a journal opened again knows it", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(message("r_1", 'a')));
    CHECK(refusal(desk, message("r_2", 'a')) == "replay_refused");
    CHECK_FALSE(desk.find("r_2"));
    CHECK(refusal(desk, message("r_3", 'b')).empty());
    CHECK(refusal(desk, message("r_4", 'a', kNow_ms + 1'000, "other")).empty());
    desk.reopen();
    CHECK(refusal(desk, message("r_5", 'a')) == "replay_refused");
    CHECK(refusal(desk, message("r_6", 'b')) == "replay_refused");
}

TEST_CASE("journal: a message is known until it expires and not one moment longer", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(message("r_1", 'a', kNow_ms + 500)));
    CHECK(refusal(desk, at(message("r_2", 'a', kNow_ms + 900), kNow_ms + 499)) == "replay_refused");
    CHECK(refusal(desk, at(message("r_2", 'a', kNow_ms + 900), kNow_ms + 500)).empty());
    CHECK(refusal(desk, at(message("r_3", 'a', kNow_ms + 900), kNow_ms + 899)) == "replay_refused");
}

TEST_CASE("journal: two of one message in a batch make one run", "[journal]") {
    Desk desk;
    std::vector<Result<Inserted>> answers;
    const auto keep = [&](Result<Inserted> answer) { answers.push_back(std::move(answer)); };
    {
        const Hold hold(desk);
        desk.journal->insert(message("r_1", 'a'), {}, keep);
        desk.journal->insert(message("r_2", 'a'), {}, keep);
    }
    desk.inbox.run_until([&] { return answers.size() == 2; });
    CHECK(answers[0]);
    CHECK(answers[1].error().code == "replay_refused");
}

TEST_CASE("journal: a full guard refuses what is new until something has expired", "[journal]") {
    Desk desk;
    const auto one_of_two = [](const std::string& id, char digest, std::int64_t expires_ms) {
        return message(id, digest, expires_ms, "port", 2);
    };
    REQUIRE(desk.insert(one_of_two("r_1", 'a', kNow_ms + 500)));
    REQUIRE(desk.insert(one_of_two("r_2", 'b', kNow_ms + 600)));
    CHECK(refusal(desk, one_of_two("r_3", 'c', kNow_ms + 600)) == "replay_keys_full");
    CHECK(refusal(desk, one_of_two("r_3", 'a', kNow_ms + 600)) == "replay_refused");
    CHECK_FALSE(desk.find("r_3"));
    CHECK(refusal(desk, message("r_4", 'c', kNow_ms + 600, "other", 2)).empty());
    desk.reopen();  // the count is of what is on disk
    CHECK(refusal(desk, one_of_two("r_5", 'c', kNow_ms + 600)) == "replay_keys_full");
    CHECK(refusal(desk, at(one_of_two("r_5", 'c', kNow_ms + 900), kNow_ms + 500)).empty());
    CHECK(refusal(desk, at(one_of_two("r_6", 'd', kNow_ms + 900), kNow_ms + 500)) ==
          "replay_keys_full");
}

TEST_CASE("journal: a guard has room again once any of its messages has expired", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(message("r_1", 'a', kNow_ms + 900, "port", 2)));
    REQUIRE(desk.insert(message("r_2", 'b', kNow_ms + 500, "port", 2)));
    CHECK(refusal(desk, at(message("r_3", 'c', kNow_ms + 900, "port", 2), kNow_ms + 499)) == "replay_keys_full");
    CHECK(refusal(desk, at(message("r_4", 'c', kNow_ms + 900, "port", 2), kNow_ms + 500)).empty());
}

TEST_CASE("journal: what has expired is deleted, of sources that are gone too", "[journal]") {
    Desk desk;
    take_many(desk, 200, "gone");
    for (int i = 0; i < 5; ++i)
        REQUIRE(desk.insert(at(message("r_after_" + std::to_string(i), static_cast<char>('a' + i)),
                               kNow_ms + 1)));
    desk.journal.reset();
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM replay_keys") == 5);
}

TEST_CASE("journal: a message that came again after its time is known when its first row goes", "[journal][file]") {
    Desk desk;
    // More than are deleted beside one insertion, so that the row of 'a' stays.
    take_many(desk, 80, "other");
    REQUIRE(desk.insert(message("r_first", 'a', kNow_ms + 2)));
    REQUIRE(desk.insert(at(message("r_again", 'a', kNow_ms + 900), kNow_ms + 2)));
    REQUIRE(ask_sql(desk.folder.file(), "SELECT count(*) FROM replay_keys WHERE source = 'port'") == 2);
    REQUIRE(desk.insert(at(message("r_b", 'b', kNow_ms + 900), kNow_ms + 3)));
    REQUIRE(ask_sql(desk.folder.file(), "SELECT count(*) FROM replay_keys WHERE source = 'port'") == 2);
    CHECK(refusal(desk, at(message("r_late", 'a', kNow_ms + 900), kNow_ms + 899)) == "replay_refused");
    desk.reopen();
    CHECK(refusal(desk, at(message("r_late", 'a', kNow_ms + 900), kNow_ms + 899)) == "replay_refused");
}

/// The time of 'a' is over at kNow_ms + 500, and the commit that lets go of it fails.
static void fail_to_let_go(Desk& desk, FaultyDisk& disk) {
    REQUIRE(desk.insert(message("r_1", 'a', kNow_ms + 500)));
    disk.set(Fault::full);
    CHECK(refusal(desk, at(message("r_2", 'b'), kNow_ms + 500)) == "journal_unavailable");
    disk.set(Fault::none);
}

TEST_CASE("journal: what a failed commit had let go is known again", "[journal]") {
    FaultyDisk disk;
    Desk desk;
    fail_to_let_go(desk, disk);
    // The clock was set back.
    CHECK(refusal(desk, at(message("r_3", 'a'), kNow_ms + 499)) == "replay_refused");
    CHECK(refusal(desk, at(message("r_4", 'b'), kNow_ms + 499)).empty());
}

TEST_CASE("journal: what a failed commit could not delete is deleted with the next message", "[journal]") {
    FaultyDisk disk;
    Desk desk;
    fail_to_let_go(desk, disk);
    REQUIRE(desk.insert(at(message("r_3", 'b'), kNow_ms + 600)));
    desk.journal.reset();
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM replay_keys") == 1);
}

TEST_CASE("journal: what was committed stays known when something later fails", "[journal]") {
    Desk desk;
    desk.journal.reset();
    sqlite::Database database(desk.folder.file());
    sqlite::Store store(database);
    const auto take = [&](const std::string& id, char digest) {
        store.begin();
        const auto inserted = store.insert(message(id, digest), {});
        store.commit();
        return inserted ? "" : inserted.error().code;
    };
    CHECK(take("r_1", 'a').empty());
    store.forget();  // a step of upkeep has failed
    CHECK(take("r_2", 'a') == "replay_refused");
}

TEST_CASE("journal: the messages that an older journal knows are known", "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.journal());
    {
        sqlite::Database old(desk.folder.file());
        old.execute("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL;");
        REQUIRE(sqlite::migrate(old, sqlite::migrations().first(8)));
        old.execute("INSERT INTO replay_keys VALUES ('port', CAST('" + std::string(32, 'a') +
                    "' AS BLOB), " + std::to_string(kNow_ms + 500) + ")");
    }
    desk.open();
    CHECK(refusal(desk, message("r_1", 'a')) == "replay_refused");
    CHECK(refusal(desk, message("r_2", 'b')).empty());
    CHECK(refusal(desk, at(message("r_3", 'a'), kNow_ms + 500)).empty());
}

TEST_CASE("journal: a message whose commit failed is not known, and has no run", "[journal]") {
    FaultyDisk disk;
    Desk desk;
    REQUIRE(desk.insert(message("r_before", 'a')));
    disk.set(Fault::full);
    CHECK(refusal(desk, message("r_lost", 'b')) == "journal_unavailable");
    disk.set(Fault::none);
    CHECK_FALSE(desk.find("r_lost"));
    CHECK(refusal(desk, message("r_again", 'b')).empty());
    CHECK(refusal(desk, message("r_once_more", 'b')) == "replay_refused");
}

TEST_CASE("journal: a run's id that is taken spends no message", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    CHECK(refusal(desk, message("r_1", 'a')) == "run_exists");
    CHECK(refusal(desk, message("r_2", 'a')).empty());
}

TEST_CASE("journal: how far the reports of a run have come is kept with it", "[journal]") {
    Desk desk;
    const auto upstream = [&] {
        std::optional<Result<std::vector<UpstreamRun>>> found;
        desk.journal->upstream(0, [&](auto runs) { found = std::move(runs); });
        desk.inbox.run_until([&] { return found.has_value(); });
        return **found;
    };
    const auto wait = [&](auto call) {
        bool done = false;
        call([&](Result<Done> kept) {
            CHECK(kept);
            done = true;
        });
        desk.inbox.run_until([&] { return done; });
    };
    RunSeed seed = seed_of("r_1");
    seed.upstream_id = "r_Port";
    seed.upstream_reports = true;
    const auto sequence = desk.insert(seed)->sequence;
    REQUIRE(desk.insert(seed_of("r_2")));
    REQUIRE(upstream().size() == 1);
    CHECK(upstream()[0].sequence == sequence);
    CHECK(upstream()[0].told.empty());
    CHECK(desk.find("r_1")->run.seed.upstream_id == "r_Port");
    wait([&](auto done) { desk.journal->told_upstream({sequence, "told", 7}, done); });
    desk.reopen();
    CHECK(upstream()[0].told == "told");
    CHECK(upstream()[0].log_number == 7);
    wait([&](auto done) { desk.journal->forget_upstream(sequence, done); });
    CHECK(upstream().empty());
    // Told after it was forgotten: it stays forgotten.
    wait([&](auto done) { desk.journal->told_upstream({sequence, "late", 8}, done); });
    CHECK(upstream().empty());
}

TEST_CASE("journal: a claim is kept", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), state_of(Phase::accepted)));
    REQUIRE(desk.change("r_1", [](const Run& run) {
        Change change;
        change.state = run.state;
        change.state->claimed_ms = 5;
        return change;
    }));
    desk.reopen();
    CHECK(desk.find("r_1")->run.state.claimed_ms == 5);
}

}  // namespace signalbox::journal::test
