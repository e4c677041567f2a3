#include <catch2/catch.hpp>
#include <filesystem>

#include "journal/sqlite/database.hpp"
#include "journal/sqlite/schema.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

// Bytes that a text column might not survive: a NUL, broken UTF-8, a quote.
const std::string odd_bytes("a\0b\xff'\"\n", 7);

RunSeed full_seed() {
    RunSeed seed;
    seed.id = "r_full";
    seed.action = "scaffold";
    seed.connection = "contoso";
    seed.invocation_type = "AZURE_DEVOPS";
    seed.client = "portal";
    seed.origin = "CLI";
    seed.created_ms = 1'700'000'000'123;
    seed.properties = R"({"env":"prod"})";
    seed.entity = R"({"identifier":"svc"})";
    seed.method = R"({"org":"contoso"})";
    seed.payload = odd_bytes;
    seed.idempotency_key = "key-1";
    seed.idempotency_digest = std::string(32, '\x80');
    return seed;
}

RunState full_state() {
    RunState state;
    state.phase = Phase::sending;
    state.result = "FAILURE";
    state.effect_possible = true;
    state.due_ms = -5;
    state.updated_ms = 2;
    state.ended_ms = 3;
    state.attempts = 4;
    state.open = OpenAttempt{4, 77, {"POST", "https://x.example/a?b=c", odd_bytes, odd_bytes}};
    state.status_label = "Starting";
    state.link = R"(["https://x.example"])";
    state.summary = "line\nline";
    state.external_run_id = "881";
    state.reason = "because";
    state.plugin_state = odd_bytes;
    state.plugin_state_version = 4'294'967'295U;
    state.response = R"({"made":7})";
    return state;
}

void check_request(const AttemptRequest& found, const AttemptRequest& expected) {
    CHECK(found.method == expected.method);
    CHECK(found.url == expected.url);
    CHECK(found.head == expected.head);
    CHECK(found.body == expected.body);
}

void check_state(const RunState& found, const RunState& expected) {
    CHECK(found.phase == expected.phase);
    CHECK(found.result == expected.result);
    CHECK(found.response == expected.response);
    CHECK(found.effect_possible == expected.effect_possible);
    CHECK(found.due_ms == expected.due_ms);
    CHECK(found.updated_ms == expected.updated_ms);
    CHECK(found.ended_ms == expected.ended_ms);
    CHECK(found.attempts == expected.attempts);
    CHECK(found.status_label == expected.status_label);
    CHECK(found.link == expected.link);
    CHECK(found.summary == expected.summary);
    CHECK(found.external_run_id == expected.external_run_id);
    CHECK(found.reason == expected.reason);
    CHECK(found.plugin_state == expected.plugin_state);
    CHECK(found.plugin_state_version == expected.plugin_state_version);
    REQUIRE(found.open.has_value() == expected.open.has_value());
    if (!expected.open) return;
    CHECK(found.open->number == expected.open->number);
    CHECK(found.open->started_ms == expected.open->started_ms);
    check_request(found.open->request, expected.open->request);
}

void check_small_seed(const RunSeed& found, const RunSeed& expected) {
    CHECK(found.id == expected.id);
    CHECK(found.action == expected.action);
    CHECK(found.connection == expected.connection);
    CHECK(found.invocation_type == expected.invocation_type);
    CHECK(found.client == expected.client);
    CHECK(found.origin == expected.origin);
    CHECK(found.created_ms == expected.created_ms);
    CHECK(found.idempotency_key == expected.idempotency_key);
    CHECK(found.idempotency_digest == expected.idempotency_digest);
}

void check_seed(const RunSeed& found, const RunSeed& expected) {
    check_small_seed(found, expected);
    CHECK(found.properties == expected.properties);
    CHECK(found.entity == expected.entity);
    CHECK(found.method == expected.method);
    CHECK(found.payload == expected.payload);
}

Attempt full_attempt() {
    Attempt attempt;
    attempt.number = 4;
    attempt.started_ms = 77;
    attempt.ended_ms = 99;
    attempt.phases = {0.5, 1.25, -1, 3, 4, 5};
    attempt.request = {"POST", "https://x.example", "A: b\r\n", odd_bytes};
    attempt.response_status = 503;
    attempt.outcome = "retryable";
    attempt.reason = "the target is busy";
    attempt.next_ms = 123;
    attempt.address = "10.1.2.3:443";
    attempt.tls_version = "TLSv1.3";
    return attempt;
}

void check_attempt(const Attempt& kept, const Attempt& expected) {
    CHECK(kept.number == expected.number);
    CHECK(kept.started_ms == expected.started_ms);
    CHECK(kept.ended_ms == expected.ended_ms);
    CHECK(kept.phases.dns == expected.phases.dns);
    CHECK(kept.phases.connect == expected.phases.connect);
    CHECK(kept.phases.tls == expected.phases.tls);
    CHECK(kept.phases.send == expected.phases.send);
    CHECK(kept.phases.wait == expected.phases.wait);
    CHECK(kept.phases.read == expected.phases.read);
    check_request(kept.request, expected.request);
    CHECK(kept.response_status == expected.response_status);
    CHECK(kept.outcome == expected.outcome);
    CHECK(kept.reason == expected.reason);
    CHECK(kept.next_ms == expected.next_ms);
    CHECK(kept.address == expected.address);
    CHECK(kept.tls_version == expected.tls_version);
}

/// A state in which the attempt of that number is open.
RunState opened_state(const Attempt& attempt) {
    RunState state;
    state.phase = Phase::sending;
    state.attempts = attempt.number;
    state.open = OpenAttempt{attempt.number, attempt.started_ms, attempt.request};
    return state;
}

Attempt attempt_of(std::int32_t number) {
    Attempt attempt = full_attempt();
    attempt.number = number;
    attempt.outcome = "outcome " + std::to_string(number);
    return attempt;
}

}  // namespace

TEST_CASE("journal: a run comes back with every field it was given", "[journal]") {
    Desk desk;
    const auto inserted = desk.insert(full_seed(), full_state());
    REQUIRE(inserted);
    CHECK_FALSE(inserted->existing);
    desk.reopen();

    const auto found = desk.find("r_full");
    REQUIRE(found);
    CHECK(found->run.sequence == inserted->sequence);
    check_seed(found->run.seed, full_seed());
    check_state(found->run.state, full_state());
    CHECK(found->attempts.empty());

    const auto loaded = desk.load({inserted->sequence});
    REQUIRE(loaded);
    REQUIRE(loaded->size() == 1);
    check_seed(loaded->front().seed, full_seed());
    check_state(loaded->front().state, full_state());
}

TEST_CASE("journal: a run of empty fields comes back with empty fields", "[journal]") {
    Desk desk;
    RunSeed seed;
    seed.id = "r_empty";
    REQUIRE(desk.insert(seed, RunState{}));
    const auto found = desk.find("r_empty");
    REQUIRE(found);
    check_seed(found->run.seed, seed);
    check_state(found->run.state, RunState{});
}

TEST_CASE("journal: a list leaves the payload out and nothing else", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(full_seed(), full_state()));
    const auto page = desk.list({});
    REQUIRE(page);
    REQUIRE(page->runs.size() == 1);
    RunSeed expected = full_seed();
    expected.payload.clear();
    check_seed(page->runs[0].seed, expected);
    check_state(page->runs[0].state, full_state());
}

TEST_CASE("journal: a change replaces the state and keeps the attempt and the line", "[journal]") {
    Desk desk;
    const auto inserted = desk.insert(full_seed());
    REQUIRE(inserted);
    LogLine line{0, 55, "pipeline", "compiled", "Building", "SUCCESS"};
    const auto changed = desk.change("r_full", [&](const Run& run) {
        check_small_seed(run.seed, full_seed());
        CHECK(run.seed.payload.empty());
        return Change{full_state(), full_attempt(), line};
    });
    REQUIRE(changed);
    CHECK(changed->sequence == inserted->sequence);
    check_small_seed(changed->seed, full_seed());
    check_state(changed->state, full_state());
    desk.reopen();

    const auto found = desk.find("r_full");
    REQUIRE(found);
    check_seed(found->run.seed, full_seed());
    check_state(found->run.state, full_state());
    REQUIRE(found->attempts.size() == 1);
    check_attempt(found->attempts[0], full_attempt());

    const auto lines = desk.logs("r_full");
    REQUIRE(lines);
    REQUIRE(lines->size() == 1);
    CHECK(lines->front().number == 1);
    CHECK(lines->front().created_ms == line.created_ms);
    CHECK(lines->front().created_by == line.created_by);
    CHECK(lines->front().message == line.message);
    CHECK(lines->front().status_label == line.status_label);
    CHECK(lines->front().termination_status == line.termination_status);
}

TEST_CASE("journal: a payload of many pages comes back whole", "[journal]") {
    Desk desk;
    RunSeed seed = seed_of("r_large");
    for (int i = 0; i < 200'000; ++i)
        seed.payload += static_cast<char>(i % 251);
    REQUIRE(desk.insert(seed));
    const auto found = desk.find("r_large");
    REQUIRE(found);
    CHECK(found->run.seed.payload == seed.payload);
}

TEST_CASE("journal: inputs that are sent as they came are written once and come back", "[journal]") {
    const std::string properties = R"({"note":")" + std::string(2'000, 'x') + "\u00e4 \xc3\xa4\"}";
    const std::string open_object = properties.substr(0, properties.size() - 1);
    const std::vector<std::string> payloads = {
        properties,
        open_object + R"(,"runId":"r_1"})",
        "{\"\xc3\xa4\":\"\xc3\xa4\",\"payload\":{\"properties\":" + properties + "}}",
        // Not there: another text, and one that ends too soon.
        "{}" + std::string(2'000, 'y'),
        open_object.substr(0, 1'500),
    };
    Desk desk;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(i));
        seed.properties = properties;
        seed.payload = payloads[i];
        REQUIRE(desk.insert(seed));
        const auto found = desk.find(seed.id);
        REQUIRE(found);
        CHECK(found->run.seed.properties == properties);
        CHECK(found->run.seed.payload == payloads[i]);
        const auto loaded = desk.load({found->run.sequence});
        REQUIRE(loaded);
        CHECK(loaded->at(0).seed.properties == properties);
    }
    const auto page = desk.list({});
    REQUIRE(page);
    for (const Run& run : page->runs)
        CHECK(run.seed.properties == properties);
    desk.journal.reset();
    CHECK(ask_sql(desk.folder.file(),
                  "SELECT count(*) FROM bodies WHERE length(properties) < 16") == 3);
}

TEST_CASE("journal: inputs that are a small part of the payload are written beside it", "[journal]") {
    // Else who lists runs would read the payloads of all of them.
    Desk desk;
    RunSeed seed = seed_of("r_1");
    seed.properties = R"({"env":"prod"})";
    for (const std::size_t more : {std::size_t{13}, std::size_t{16}}) {
        seed.id = "r_" + std::to_string(more);
        seed.payload = seed.properties + std::string(more, 'x');
        REQUIRE(desk.insert(seed));
        CHECK(desk.find(seed.id)->run.seed.properties == seed.properties);
    }
    desk.journal.reset();
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM bodies WHERE properties LIKE '{%'") == 1);
}

TEST_CASE("journal: inputs that an earlier version wrote out come back", "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.journal());
    {
        sqlite::Database old(desk.folder.file());
        old.execute("PRAGMA page_size = 16384");
        old.text_of("PRAGMA journal_mode = WAL");
        REQUIRE(sqlite::migrate(old, sqlite::migrations().first(5)));
        old.execute(
            "INSERT INTO runs (id, action, connection, invocation_type, client, origin, created_ms, "
            "phase, effect_possible, due_ms, updated_ms, ended_ms, attempts, plugin_state_version) "
            "VALUES ('r_1', 'deploy', 'contoso', 'WEBHOOK', 'portal', 'API', 1, 1, 0, 5, 1, 0, 0, 0);"
            "INSERT INTO bodies VALUES (1, '{\"env\":\"prod\"}', NULL, '{}', "
            "CAST('{\"env\":\"prod\"}' AS BLOB));");
    }
    desk.open();
    const auto found = desk.find("r_1");
    REQUIRE(found);
    CHECK(found->run.seed.properties == R"({"env":"prod"})");
    CHECK(found->run.seed.payload == found->run.seed.properties);
}

TEST_CASE("journal: the first attempt ends in its run's row and the others beside it", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), opened_state(attempt_of(1))));
    REQUIRE(desk.change("r_1", [](const Run&) {
        return Change{state_of(Phase::retrying), attempt_of(1), {}};
    }));
    CHECK_FALSE(desk.find("r_1")->run.state.open);
    REQUIRE(desk.find("r_1")->attempts.size() == 1);
    for (const std::int32_t number : {2, 3}) {
        REQUIRE(desk.change("r_1", [number](const Run&) {
            return Change{opened_state(attempt_of(number)), {}, {}};
        }));
        REQUIRE(desk.change("r_1", [number](const Run&) {
            return Change{state_of(Phase::retrying), attempt_of(number), {}};
        }));
    }
    desk.reopen();
    const auto found = desk.find("r_1");
    REQUIRE(found);
    CHECK(found->run.state.phase == Phase::retrying);
    REQUIRE(found->attempts.size() == 3);
    for (std::int32_t number = 1; number <= 3; ++number)
        check_attempt(found->attempts[static_cast<std::size_t>(number - 1)], attempt_of(number));
    desk.journal.reset();
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM attempts") == 2);
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM runs WHERE first_room IS NULL") == 1);
}

TEST_CASE("journal: a verdict that comes after a report takes the place of the first attempt",
          "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), opened_state(attempt_of(1))));
    REQUIRE(desk.change("r_1", [](const Run&) {
        return Change{state_of(Phase::confirmed), attempt_of(1), {}};
    }));
    Attempt verdict = attempt_of(1);
    verdict.outcome = "accepted";
    REQUIRE(desk.change("r_1", [&](const Run&) { return Change{{}, verdict, {}}; }));
    const auto found = desk.find("r_1");
    REQUIRE(found);
    REQUIRE(found->attempts.size() == 1);
    check_attempt(found->attempts[0], verdict);
}

TEST_CASE("journal: a first attempt without an open record is kept all the same", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), state_of(Phase::sending)));
    REQUIRE(desk.change("r_1", [](const Run&) {
        return Change{state_of(Phase::accepted), attempt_of(1), {}};
    }));
    REQUIRE(desk.find("r_1")->attempts.size() == 1);
    check_attempt(desk.find("r_1")->attempts[0], attempt_of(1));
}

TEST_CASE("journal: attempts of neighbouring runs stay apart and in order", "[journal]") {
    Desk desk;
    for (const char* id : {"r_1", "r_2", "r_3"})
        REQUIRE(desk.insert(seed_of(id)));
    for (const int number : {2, 1, 10}) {
        for (const char* id : {"r_1", "r_2"}) {
            REQUIRE(desk.change(id, [&](const Run&) {
                Change change;
                change.attempt = Attempt{};
                change.attempt->number = number;
                change.attempt->outcome = id;
                return change;
            }));
        }
    }
    const auto found = desk.find("r_2");
    REQUIRE(found);
    REQUIRE(found->attempts.size() == 3);
    CHECK(found->attempts[0].number == 1);
    CHECK(found->attempts[1].number == 2);
    CHECK(found->attempts[2].number == 10);
    for (const Attempt& attempt : found->attempts)
        CHECK(attempt.outcome == "r_2");
    CHECK(desk.find("r_3")->attempts.empty());
}

TEST_CASE("journal: phases have names that lead back to them", "[journal]") {
    for (int number = 0; number <= 10; ++number) {
        const auto phase = static_cast<Phase>(number);
        CHECK(phase_from_name(phase_name(phase)) == phase);
        CHECK(is_final(phase) == (number >= 8));
    }
    CHECK(std::string(phase_name(Phase::waiting_approval)) == "waiting_approval");
    CHECK(std::string(phase_name(Phase::cancelled)) == "cancelled");
    CHECK_FALSE(phase_from_name("Queued"));
    CHECK_FALSE(phase_from_name(""));
}

}  // namespace signalbox::journal::test
