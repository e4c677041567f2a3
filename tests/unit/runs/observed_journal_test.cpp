#include "runs/observed_journal.hpp"

#include <catch2/catch.hpp>

#include "base/meter.hpp"
#include "dispatch/outcome.hpp"
#include "runs/report.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"

using namespace signalbox;
using namespace signalbox::runs;
using journal::Change;
using journal::Phase;
using journal::Run;
using journal::RunState;

namespace {

struct Observed {
    test::ManualClock clock;
    test::ManualExecutor executor{clock};
    test::MemoryJournal stored{executor};
    Feed feed{0};
    Meter meter;
    ObservedJournal journal{stored, feed, meter, clock};
    std::shared_ptr<Subscription> all = feed.subscribe("", {}, nullptr);

    void insert(const std::string& id, Phase phase = Phase::queued) {
        journal::RunSeed seed;
        seed.id = id;
        seed.action = "deploy";
        seed.connection = "contoso";
        RunState state;
        state.phase = phase;
        journal.insert(seed, state, [](auto inserted) { REQUIRE(inserted); });
        executor.settle();
    }
    bool change(const std::string& id, std::function<Change(const Run&)> decide) {
        std::optional<bool> came;
        journal.change(id, std::move(decide), [&](const Result<Run>& run) { came = run.ok(); });
        executor.settle();
        return came.value();
    }
    void move(const std::string& id, Phase phase, const std::string& result = {}) {
        REQUIRE(change(id, [&](const Run& run) {
            Change change;
            change.state = run.state;
            change.state->phase = phase;
            change.state->result = result;
            return change;
        }));
    }
    std::vector<std::string> told() {
        std::vector<std::string> kinds;
        while (const RunEventPtr event = all->next())
            kinds.push_back(run_event_name(event->kind) + std::string(" ") +
                            std::string(event->phase));
        return kinds;
    }
    double held() const {
        for (const auto& gauge : meter.snapshot().gauges) {
            if (gauge.name == Gauge::runs_held_now) return gauge.value;
        }
        return -1;
    }
    std::uint64_t count(Counter name, const std::string& outcome = {}) const {
        for (const auto& counter : meter.snapshot().counters) {
            if (counter.name == name && counter.labels.outcome == outcome) return counter.value;
        }
        return 0;
    }
};

Change with_attempt(const Run& run, Phase phase, const std::string& outcome) {
    Change change;
    change.state = run.state;
    change.state->phase = phase;
    change.state->attempts = 1;
    change.state->due_ms = 77;
    change.attempt.emplace();
    change.attempt->number = 1;
    change.attempt->outcome = outcome;
    change.attempt->reason = "because";
    return change;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("runs: each committed change is told once under its name", "[runs]") {
    Observed world;
    world.insert("r_1");
    world.move("r_1", Phase::sending);
    world.change("r_1",
                 [](const Run& run) { return with_attempt(run, Phase::retrying, "retryable"); });
    world.move("r_1", Phase::sending);
    world.change("r_1",
                 [](const Run& run) { return with_attempt(run, Phase::accepted, "accepted"); });
    world.change("r_1", [](const Run& run) { return *runs::report(run, {}, 5); });
    world.change("r_1", [](const Run& run) {
        return *runs::log(run, {"hello", "", {}}, "bob", 6);
    });
    world.change("r_1", [](const Run& run) {
        return *runs::log(run, {"bye", "SUCCESS", {}}, "bob", 7);
    });
    CHECK(world.told() == Told{"accepted queued", "opened sending", "retry_planned retrying",
                               "opened sending", "closed accepted", "reported confirmed",
                               "logged confirmed", "finished finished"});
}

TEST_CASE("runs: held and cancelled and redelivered and reviewed runs are told", "[runs]") {
    Observed world;
    world.insert("r_1", Phase::sending);
    world.change("r_1",
                 [](const Run& run) { return with_attempt(run, Phase::held, "effect_unknown"); });
    world.change("r_1", [](const Run& run) { return *runs::redeliver(run, 5); });
    world.change("r_1", [](const Run& run) { return *runs::cancel(run, 6); });
    CHECK(world.told() ==
          Told{"accepted sending", "held held", "redelivered retrying", "cancelled cancelled"});
    world.insert("r_2", Phase::waiting_approval);
    world.move("r_2", Phase::queued);
    world.insert("r_3", Phase::waiting_approval);
    world.move("r_3", Phase::declined);
    CHECK(world.told() == Told{"accepted waiting_approval", "approved queued",
                               "accepted waiting_approval", "declined declined"});
}

TEST_CASE("runs: an event carries the attempt and the log line that made it", "[runs]") {
    Observed world;
    world.insert("r_1", Phase::sending);
    world.change("r_1",
                 [](const Run& run) { return with_attempt(run, Phase::retrying, "throttled"); });
    world.change("r_1", [](const Run& run) {
        return *runs::log(run, {"hello", "", {}}, "bob", 6);
    });
    const RunEventPtr accepted = world.all->next();
    CHECK(accepted->run_id == "r_1");
    CHECK(accepted->action == "deploy");
    CHECK(accepted->connection == "contoso");
    CHECK(accepted->status == "IN_PROGRESS");
    CHECK(accepted->at_ms == world.clock.wall_ms());
    const RunEventPtr closed = world.all->next();
    CHECK(closed->attempt == 1);
    CHECK(closed->outcome == "throttled");
    CHECK(closed->reason == "because");
    CHECK(closed->next_ms == 77);
    const RunEventPtr logged = world.all->next();
    CHECK(logged->log_number == 1);
    CHECK(logged->log_message == "hello");
}

TEST_CASE("runs: the first event of a run says what it waits for", "[runs]") {
    Observed world;
    const auto insert = [&](const std::string& id, Phase phase) {
        journal::RunSeed seed;
        seed.id = id;
        RunState state;
        state.phase = phase;
        state.attempts = 1;
        state.due_ms = 77;
        state.reason = "waits for approval";
        world.journal.insert(seed, state, [](auto inserted) { REQUIRE(inserted); });
        world.executor.settle();
        return world.all->next();
    };
    const RunEventPtr waiting = insert("r_1", Phase::waiting_approval);
    CHECK(waiting->status == "WAITING_FOR_APPROVAL");
    CHECK(waiting->reason == "waits for approval");
    CHECK(waiting->next_ms == 0);
    const RunEventPtr queued = insert("r_2", Phase::queued);
    CHECK(queued->status == "IN_PROGRESS");
    CHECK(queued->attempt == 1);
    CHECK(queued->next_ms == 77);
}

TEST_CASE("runs: what was not committed or changed nothing is not told", "[runs]") {
    Observed world;
    world.insert("r_1");
    world.told();
    CHECK(world.change("r_1", [](const Run&) { return Change{}; }));
    world.stored.fail_commits = true;
    CHECK_FALSE(world.change("r_1", [](const Run& run) { return *runs::cancel(run, 1); }));
    CHECK(world.told().empty());
    CHECK(world.count(Counter::runs_finished, "CANCELLED") == 0);
}

TEST_CASE("runs: an invocation that repeats a key is told once", "[runs]") {
    Observed world;
    journal::RunSeed seed;
    seed.idempotency_key = "k";
    int answers = 0;
    for (const char* id : {"r_1", "r_2"}) {
        seed.id = id;
        world.journal.insert(seed, {}, [&](auto inserted) { answers += inserted ? 1 : 0; });
        world.executor.settle();
    }
    CHECK(answers == 2);
    CHECK(world.told() == Told{"accepted queued"});
    CHECK(world.count(Counter::runs_accepted) == 1);
}

TEST_CASE("runs: the held gauge starts from the journal and follows what changes", "[runs]") {
    Observed world;
    const std::size_t many = limits::list_rows_max + 2;
    for (std::size_t i = 0; i < many; ++i) {
        journal::RunSeed seed;
        seed.id = "r_" + std::to_string(i);
        RunState state;
        state.phase = Phase::held;
        world.stored.insert(seed, state, [](auto) {});
    }
    world.stored.run("r_5").state.phase = Phase::accepted;
    world.journal.count_held();
    // One that the count has not reached and one behind it change while it runs.
    world.journal.change(
        "r_0", [](const Run& run) { return *runs::cancel(run, 1); }, [](auto) {});
    world.executor.settle();
    CHECK(world.held() == static_cast<double>(many - 2));
    world.move("r_5", Phase::held);
    CHECK(world.held() == static_cast<double>(many - 1));
    world.change("r_7", [](const Run& run) { return *runs::cancel(run, 1); });
    CHECK(world.held() == static_cast<double>(many - 2));
    CHECK(world.count(Counter::runs_held) == 1);
    CHECK(world.count(Counter::runs_finished, "CANCELLED") == 2);
}
