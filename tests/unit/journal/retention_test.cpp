#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <future>
#include <optional>

#include "base/limits.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

constexpr std::int64_t day_ms = 24 * 3'600'000;
constexpr std::int64_t now_ms = 1'700'000'000'000;

/// A run that ended `days` ago; it was created a minute before.
Sequence put(Desk& desk, const std::string& id, std::int64_t days, Phase phase = Phase::finished,
             const std::string& action = "deploy", const std::string& key = "") {
    RunSeed seed = seed_of(id, action);
    seed.created_ms = now_ms - days * day_ms - 60'000;
    seed.idempotency_key = key;
    if (!key.empty()) seed.idempotency_digest.assign(32, 'd');
    RunState state = state_of(phase, phase == Phase::finished ? "SUCCESS" : "");
    if (is_final(phase)) state.ended_ms = now_ms - days * day_ms;
    const auto inserted = desk.insert(std::move(seed), std::move(state));
    REQUIRE(inserted);
    return inserted->sequence;
}

/// Everything that ended more than `days` ago.
SweepStep older_than(std::int64_t days) {
    SweepStep step;
    step.action = "deploy";
    step.ended_before_ms = now_ms - days * day_ms;
    step.keyed_before_ms = now_ms - day_ms;
    return step;
}

std::vector<std::string> left(Desk& desk) {
    RunFilter filter;
    filter.limit = 1'000;
    return ids_of(desk.list(filter)->runs);
}

}  // namespace

TEST_CASE("journal: retention by age deletes only what has ended and is old", "[journal]") {
    Desk desk;
    put(desk, "r_old", 40);
    put(desk, "r_old_failure", 40, Phase::cancelled);
    put(desk, "r_old_held", 40, Phase::held);
    put(desk, "r_old_queued", 40, Phase::queued);
    put(desk, "r_old_accepted", 40, Phase::accepted);
    put(desk, "r_young", 20);
    put(desk, "r_other", 40, Phase::finished, "rollback");
    put(desk, "r_newest", 1);
    const auto swept = desk.sweep(older_than(30));
    REQUIRE(swept);
    CHECK(swept->deleted == 2);
    CHECK(swept->next == 0);
    CHECK(left(desk) == std::vector<std::string>{"r_newest", "r_other", "r_young", "r_old_accepted",
                                                 "r_old_queued", "r_old_held"});
}

TEST_CASE("journal: a run that is taken up again while a sweep waits stays", "[journal]") {
    Desk desk;
    const Sequence old = put(desk, "r_old", 40);
    put(desk, "r_newest", 1);
    REQUIRE(desk.find("r_old"));
    std::promise<void> found;
    std::promise<void> gate;
    std::optional<Result<Run>> changed;
    std::optional<Result<Swept>> swept;
    desk.journal->change(
        old,
        [&](const Run& run) {
            found.set_value();
            gate.get_future().wait();
            return to_phase(Phase::queued)(run);
        },
        [&](Result<Run>&& run) { changed = std::move(run); });
    desk.inbox.run_posted();
    found.get_future().wait();
    desk.journal->sweep(older_than(30), [&](Result<Swept> result) { swept = std::move(result); });
    REQUIRE(desk.find("r_newest"));
    gate.set_value();
    desk.inbox.run_until([&] { return changed && swept; });
    REQUIRE(*changed);
    REQUIRE(*swept);
    CHECK((*swept)->deleted == 0);
    const auto kept = desk.find("r_old");
    REQUIRE(kept);
    CHECK(kept->run.state.phase == Phase::queued);
}

TEST_CASE("journal: a run that ends exactly at the age stays and one before it goes", "[journal]") {
    Desk desk;
    put(desk, "r_at", 30);
    put(desk, "r_newest", 1);
    SweepStep step = older_than(30);
    CHECK(desk.sweep(step)->deleted == 0);
    ++step.ended_before_ms;
    CHECK(desk.sweep(step)->deleted == 1);
    CHECK(left(desk) == std::vector<std::string>{"r_newest"});
}

TEST_CASE("journal: retention by count deletes the oldest past the count", "[journal]") {
    Desk desk;
    for (int i = 1; i <= 5; ++i)
        put(desk, "r_" + std::to_string(i), 1);
    put(desk, "r_other", 1, Phase::finished, "rollback");
    const auto cut = desk.older_than_newest("deploy", 3);
    REQUIRE(cut);
    CHECK(*cut == 2);
    SweepStep step = older_than(30);
    step.counted_out = *cut;
    CHECK(desk.sweep(step)->deleted == 2);
    CHECK(left(desk) == std::vector<std::string>{"r_other", "r_5", "r_4", "r_3"});
    CHECK(*desk.older_than_newest("deploy", 3) == 0);
    CHECK(*desk.older_than_newest("no_such_action", 0) == 0);
}

TEST_CASE("journal: an idempotency key keeps its run until it is a day old", "[journal]") {
    Desk desk;
    put(desk, "r_key_young", 0, Phase::finished, "deploy", "k1");
    const Sequence old = put(desk, "r_key_old", 2, Phase::finished, "deploy", "k2");
    put(desk, "r_newest", 0);
    SweepStep step = older_than(30);
    step.counted_out = old;
    CHECK(desk.sweep(step)->deleted == 1);
    CHECK(left(desk) == std::vector<std::string>{"r_newest", "r_key_young"});
}

TEST_CASE("journal: the newest run stays so that no number is given twice", "[journal]") {
    Desk desk;
    put(desk, "r_1", 40);
    const Sequence last = put(desk, "r_2", 40);
    CHECK(desk.sweep(older_than(30))->deleted == 1);
    CHECK(left(desk) == std::vector<std::string>{"r_2"});
    desk.reopen();
    CHECK(put(desk, "r_3", 40) == last + 1);
    CHECK(desk.sweep(older_than(30))->deleted == 1);
    CHECK(put(desk, "r_4", 40) == last + 2);
}

TEST_CASE("journal: a deleted run takes its attempts and log lines and bodies with it",
          "[journal]") {
    Desk desk;
    const Sequence sequence = put(desk, "r_1", 40, Phase::held);
    put(desk, "r_2", 40, Phase::held);
    for (const char* id : {"r_1", "r_2"}) {
        REQUIRE(desk.change(id, [](const Run& run) {
            Change change;
            change.state = run.state;
            change.state->phase = Phase::finished;
            change.state->ended_ms = now_ms - 40 * day_ms;
            change.attempt = Attempt{};
            change.attempt->number = 1;
            change.log = LogLine{};
            change.log->message = "a line";
            return change;
        }));
    }
    CHECK(desk.sweep(older_than(30))->deleted == 1);
    CHECK(desk.find("r_1").error().code == "run_not_found");
    CHECK(desk.logs("r_1").error().code == "run_not_found");
    CHECK(desk.find("r_2")->attempts.size() == 1);
    CHECK(desk.logs("r_2")->size() == 1);
    desk.journal->close();
    for (const char* rows :
         {"bodies WHERE sequence", "logs WHERE sequence", "attempts WHERE key / 1048576"}) {
        CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM " + std::string(rows) + " = " +
                                              std::to_string(sequence)) == 0);
    }
    CHECK(ask_sql(desk.folder.file(),
                  "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

TEST_CASE("journal: one step of retention looks at as many runs as the limit and no more",
          "[journal]") {
    Desk desk;
    const int count = static_cast<int>(limits::sweep_runs_max) + 1;
    for (int i = 0; i < count; ++i)
        put(desk, "r_" + std::to_string(i), 40);
    put(desk, "r_newest", 1);
    SweepStep step = older_than(30);
    const auto first = desk.sweep(step);
    CHECK(first->deleted == limits::sweep_runs_max);
    REQUIRE(first->next != 0);
    step.after = first->next;
    const auto second = desk.sweep(step);
    CHECK(second->deleted == 1);
    CHECK(second->next == 0);
    CHECK(left(desk) == std::vector<std::string>{"r_newest"});
}

TEST_CASE("journal: a sweep ends at the first page in which nothing is old", "[journal]") {
    Desk desk;
    put(desk, "r_old", 40);
    // A clock that was set forward once makes a run of the future, which hides nothing behind it.
    put(desk, "r_future", -1'000);
    put(desk, "r_old_2", 40);
    for (std::size_t i = 0; i < 2 * limits::sweep_runs_max; ++i)
        put(desk, "r_young_" + std::to_string(i), 1);
    SweepStep step = older_than(30);
    const auto first = desk.sweep(step);
    CHECK(first->deleted == 2);
    step.after = first->next;
    REQUIRE(step.after != 0);
    CHECK(desk.sweep(step)->next == 0);
}

TEST_CASE("journal: a run with a long log goes in steps", "[journal]") {
    Desk desk;
    const Sequence sequence = put(desk, "r_1", 40, Phase::held);
    put(desk, "r_newest", 1);
    const auto add_line = [](const Run&) {
        Change change;
        change.log = LogLine{};
        return change;
    };
    std::size_t added = 0;
    for (std::size_t i = 0; i <= limits::sweep_lines_max; ++i)
        desk.journal->change(sequence, add_line, [&](Result<Run>) { ++added; });
    desk.inbox.run_until([&] { return added == limits::sweep_lines_max + 1; });
    REQUIRE(desk.change("r_1", [](const Run& run) {
        Change change;
        change.state = run.state;
        change.state->phase = Phase::finished;
        change.state->ended_ms = now_ms - 40 * day_ms;
        return change;
    }));
    SweepStep step = older_than(30);
    const auto first = desk.sweep(step);
    CHECK(first->deleted == 0);
    REQUIRE(first->next == sequence - 1);
    CHECK(desk.logs("r_1", 0, 1'000)->size() == 1);
    step.after = first->next;
    CHECK(desk.sweep(step)->deleted == 1);
}

TEST_CASE("journal: actions that have runs are listed once and in order", "[journal]") {
    Desk desk;
    CHECK(desk.actions()->empty());
    for (const char* action : {"deploy", "build", "deploy", "rollback"})
        put(desk, std::string("r_") + std::to_string(desk.inbox.tasks()), 1, Phase::finished,
            action);
    CHECK(*desk.actions() == std::vector<std::string>{"build", "deploy", "rollback"});
    CHECK(*desk.actions("build") == std::vector<std::string>{"deploy", "rollback"});
    CHECK(desk.actions("rollback")->empty());
}

TEST_CASE("journal: upkeep has its turn under a load that never pauses", "[journal]") {
    std::atomic<bool> swept{false};
    std::atomic<int> changes{0};
    std::function<void()> change_again;
    Desk desk;
    put(desk, "r_old", 40);
    const Sequence newest = put(desk, "r_newest", 1);
    // Each change asks for the next one before its batch is committed, so something always waits.
    change_again = [&] {
        desk.journal->change(
            newest,
            [&](const Run&) {
                ++changes;
                if (!swept) change_again();
                return Change{};
            },
            nullptr);
    };
    {
        Hold hold(desk);
        change_again();
        desk.journal->sweep(older_than(30), [&](Result<Swept> result) {
            swept = true;
            CHECK(result);
            CHECK(result->deleted == 1);
        });
        hold.release();
    }
    desk.inbox.run_until([&] { return swept.load(); });
    CHECK(changes > 0);
    desk.journal->close();
}

TEST_CASE("journal: upkeep that waits at the close is answered", "[journal]") {
    Desk desk;
    std::string code;
    {
        Hold hold(desk);
        desk.journal->sweep(older_than(30), [&](Result<Swept> swept) {
            code = swept ? "fine" : swept.error().code;
        });
        hold.release();
        desk.journal->close();
    }
    desk.inbox.run_until([&] { return !code.empty(); });
    CHECK((code == "journal_unavailable" || code == "fine"));
    code.clear();
    desk.journal->sweep(older_than(30),
                        [&](Result<Swept> swept) { code = swept ? "fine" : swept.error().code; });
    desk.inbox.run_until([&] { return !code.empty(); });
    CHECK(code == "journal_unavailable");
}

}  // namespace signalbox::journal::test
