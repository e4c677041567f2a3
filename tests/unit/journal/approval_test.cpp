#include <catch2/catch.hpp>

#include "journal/sqlite/approval_text.hpp"
#include "journal/sqlite/schema.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

using Ids = std::vector<std::string>;

RunState waiting_state() {
    RunState state;
    state.phase = Phase::waiting_approval;
    state.due_ms = 2'000;
    state.approval = Approval{true, 2'000, 60'000, {}};
    state.approval->decisions.push_back({true, "lead", "", 1'500, "\"quoted\", and\na line"});
    state.approval->decisions.push_back({false, "portal", "ada@example.com", 1'600, ""});
    return state;
}

Ids listed(Desk& desk, const RunFilter& filter) {
    const auto page = desk.list(filter);
    REQUIRE(page);
    return ids_of(page->runs);
}

}  // namespace

TEST_CASE("journal: an approval and its decisions come back as they were written", "[journal]") {
    Desk desk;
    RunSeed seed = seed_of("r_1");
    seed.user = "bob@example.com";
    REQUIRE(desk.insert(seed, waiting_state()));
    desk.reopen();
    const auto found = desk.find("r_1");
    REQUIRE(found);
    CHECK(found->run.seed.user == "bob@example.com");
    REQUIRE(found->run.state.approval);
    const Approval& approval = *found->run.state.approval;
    CHECK(approval.all);
    CHECK(approval.deadline_ms == 2'000);
    CHECK(approval.allowed_ms == 60'000);
    REQUIRE(approval.decisions.size() == 2);
    CHECK(approval.decisions[0].approves);
    CHECK(approval.decisions[0].client == "lead");
    CHECK(approval.decisions[0].at_ms == 1'500);
    CHECK(approval.decisions[0].comment == "\"quoted\", and\na line");
    CHECK_FALSE(approval.decisions[1].approves);
    CHECK(approval.decisions[1].user == "ada@example.com");
    const auto other = desk.insert(seed_of("r_2"));
    REQUIRE(other);
    CHECK_FALSE(desk.find("r_2")->run.state.approval);
}

TEST_CASE("journal: an approval's text that is none of ours asks for everybody", "[journal]") {
    CHECK(sqlite::read_approval("nonsense").all);
    CHECK(sqlite::read_approval("[]").all);
    CHECK(sqlite::read_approval("nonsense").decisions.empty());
}

TEST_CASE("journal: a run that waits for approval is taken up with its deadline", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), waiting_state()));
    desk.reopen();
    const auto live = desk.recover();
    REQUIRE(live.size() == 1);
    CHECK(live[0].phase == Phase::waiting_approval);
    CHECK(live[0].due_ms == 2'000);
}

TEST_CASE("journal: runs are found by identity, entity, external run and origin", "[journal]") {
    Desk desk;
    const auto put = [&](const char* id, const char* user, const char* entity, const char* origin,
                         Phase phase) {
        RunSeed seed = seed_of(id);
        seed.user = user;
        seed.entity_id = entity;
        seed.origin = origin;
        RunState state = state_of(phase, phase == Phase::finished ? "SUCCESS" : "");
        state.external_run_id = std::string("ext-") + id;
        REQUIRE(desk.insert(seed, state));
    };
    put("r_1", "ada@example.com", "checkout", "API", Phase::queued);
    put("r_2", "", "checkout", "UI", Phase::held);
    put("r_3", "ada@example.com", "", "UI", Phase::finished);
    RunFilter filter;
    filter.user = "ada@example.com";
    CHECK(listed(desk, filter) == Ids{"r_3", "r_1"});
    filter.origin = "UI";
    CHECK(listed(desk, filter) == Ids{"r_3"});
    filter.phases = {Phase::queued};
    CHECK(listed(desk, filter).empty());
    filter = {};
    filter.entity_id = "checkout";
    CHECK(listed(desk, filter) == Ids{"r_2", "r_1"});
    filter.phases = {Phase::held, Phase::finished};
    CHECK(listed(desk, filter) == Ids{"r_2"});
    filter = {};
    filter.external_run_id = "ext-r_3";
    CHECK(listed(desk, filter) == Ids{"r_3"});
    filter.result = "FAILURE";
    CHECK(listed(desk, filter).empty());
    filter = {};
    filter.origin = "UI";
    CHECK(listed(desk, filter) == Ids{"r_3", "r_2"});
    filter.phases = {Phase::held};
    CHECK(listed(desk, filter) == Ids{"r_2"});
}

TEST_CASE("journal: a list of actions keeps all others out of every lane", "[journal]") {
    Desk desk;
    const auto put = [&](const char* id, const char* action, Phase phase) {
        RunSeed seed = seed_of(id, action);
        seed.user = "ada@example.com";
        REQUIRE(desk.insert(seed, state_of(phase, phase == Phase::finished ? "SUCCESS" : "")));
    };
    put("r_1", "open", Phase::queued);
    put("r_2", "hidden", Phase::queued);
    put("r_3", "hidden", Phase::finished);
    put("r_4", "open", Phase::finished);
    RunFilter filter;
    filter.actions = Ids{"open", "else"};
    CHECK(listed(desk, filter) == Ids{"r_4", "r_1"});
    filter.phases = {Phase::queued, Phase::finished};
    CHECK(listed(desk, filter) == Ids{"r_4", "r_1"});
    filter.user = "ada@example.com";
    CHECK(listed(desk, filter) == Ids{"r_4", "r_1"});
    filter.action = "hidden";
    CHECK(listed(desk, filter).empty());
    filter.user.clear();
    CHECK(listed(desk, filter).empty());
    filter = {};
    filter.actions.emplace();
    CHECK(listed(desk, filter).empty());
}

TEST_CASE("journal: a file of the version before gets approvals and finds its entities",
          "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.journal());
    {
        sqlite::Database old(desk.folder.file());
        old.execute("PRAGMA page_size = 16384");
        old.text_of("PRAGMA journal_mode = WAL");
        REQUIRE(sqlite::migrate(old, sqlite::migrations().first(3)));
        for (const char* entity : {"'{\"identifier\":\"checkout\"}'", "'\"billing\"'", "NULL"}) {
            old.execute(std::string("INSERT INTO runs (id, action, connection, invocation_type, "
                                    "client, origin, created_ms, phase, effect_possible, due_ms, "
                                    "updated_ms, ended_ms, attempts, plugin_state_version) "
                                    "SELECT 'r_' || (count(*) + 1), 'deploy', 'contoso', "
                                    "'AZURE_DEVOPS', 'portal', 'API', 1, 1, 0, 5, 1, 0, 0, 0 "
                                    "FROM runs; INSERT INTO bodies SELECT max(sequence), '{}', ") +
                        entity + ", '{}', x'7b7d' FROM runs;");
        }
    }
    desk.open();
    const auto old = desk.find("r_1");
    REQUIRE(old);
    CHECK_FALSE(old->run.state.approval);
    CHECK(old->run.seed.user.empty());
    CHECK(old->run.state.due_ms == 5);
    RunFilter filter;
    filter.entity_id = "checkout";
    CHECK(listed(desk, filter) == Ids{"r_1"});
    filter.entity_id = "billing";
    CHECK(listed(desk, filter) == Ids{"r_2"});
    REQUIRE(desk.change("r_3", [](const Run& run) {
        Change change;
        change.state = run.state;
        change.state->approval = Approval{};
        return change;
    }));
    CHECK(desk.find("r_3")->run.state.approval);
}

}  // namespace signalbox::journal::test
