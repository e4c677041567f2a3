#include "runs/retention.hpp"

#include <catch2/catch.hpp>

#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"

using namespace signalbox;
using namespace signalbox::runs;

namespace {

constexpr std::int64_t kDayMs = 24 * 3'600'000;

/// Answers as a test says and keeps what it was asked.
class SweptJournal : public test::MemoryJournal {
  public:
    explicit SweptJournal(Executor& executor) : MemoryJournal(executor), executor_(executor) {}

    std::vector<std::string> names;
    std::map<std::string, journal::Sequence> cuts;
    std::vector<journal::Sequence> nexts;  // answered to the steps in turn; then 0
    std::vector<journal::SweepStep> steps;
    std::size_t counted_newer = 0;
    bool fails = false;
    std::function<void()> on_step;

    void actions(std::string after,
                 std::function<void(Result<std::vector<std::string>>)> done) override {
        std::vector<std::string> page;
        for (const std::string& name : names) {
            if (name > after && page.size() < 2) page.push_back(name);
        }
        executor_.post([done, page] { done(page); });
    }
    void older_than_newest(std::string action, std::size_t newer,
                           std::function<void(Result<journal::Sequence>)> done) override {
        counted_newer = newer;
        executor_.post([done, cut = cuts[action]] { done(cut); });
    }
    void sweep(journal::SweepStep step, std::function<void(Result<journal::Swept>)> done) override {
        steps.push_back(step);
        if (on_step) on_step();
        journal::Swept swept{1, nexts.empty() ? 0 : nexts.front()};
        if (!nexts.empty()) nexts.erase(nexts.begin());
        executor_.post([done, swept, fails = fails] {
            if (fails) return done(Error{"journal_unavailable", "the disk is full"});
            done(swept);
        });
    }

  private:
    Executor& executor_;
};

class Names final : public LogSink {
  public:
    std::vector<std::string> written;
    void write(const LogEvent& event) override { written.emplace_back(event.name); }
};

struct Bench {
    test::ManualClock clock;
    test::ManualExecutor executor{clock};
    SweptJournal journal{executor};
    Names log;

    void pass(std::int64_t ms) { executor.pass(ms); }
    std::vector<std::string> swept() const {
        std::vector<std::string> actions;
        for (const auto& step : journal.steps)
            actions.push_back(step.action);
        return actions;
    }
};

RetentionRules keep_days(std::int64_t days) {
    RetentionRules rules;
    rules.otherwise.keep_ms = days * kDayMs;
    return rules;
}

}  // namespace

TEST_CASE("runs: without a rule retention sets no timer", "[runs]") {
    Bench bench;
    RetentionRules rules;
    rules.actions["deploy"] = {};
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, rules);
    retention.start();
    CHECK(bench.executor.timers() == 0);
}

TEST_CASE("runs: retention sweeps every action by its own rule and begins again later", "[runs]") {
    Bench bench;
    bench.journal.names = {"build", "deploy", "release", "test"};
    RetentionRules rules = keep_days(30);
    rules.actions["release"] = {};     // kept for ever
    rules.actions["test"] = {0, 100};  // by count alone
    bench.journal.cuts["test"] = 17;
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, rules);
    retention.start();
    bench.pass(Retention::first_ms - 1);
    CHECK(bench.journal.steps.empty());
    bench.pass(1);
    REQUIRE(bench.swept() == std::vector<std::string>{"build", "deploy", "test"});
    CHECK(bench.journal.steps[0].ended_before_ms == bench.clock.wall_ms() - 30 * kDayMs);
    CHECK(bench.journal.steps[0].counted_out == 0);
    CHECK(bench.journal.steps[0].keyed_before_ms == bench.clock.wall_ms() - kDayMs);
    CHECK(bench.journal.steps[2].ended_before_ms == 0);
    CHECK(bench.journal.steps[2].counted_out == 17);
    CHECK(bench.journal.counted_newer == 100);
    CHECK(bench.log.written == std::vector<std::string>{"retention_deleted"});
    bench.pass(Retention::pause_ms);
    CHECK(bench.journal.steps.size() == 6);
}

TEST_CASE("runs: retention goes on in an action where its last step ended", "[runs]") {
    Bench bench;
    bench.journal.names = {"deploy"};
    bench.journal.nexts = {64, 128};
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, keep_days(1));
    retention.start();
    bench.pass(Retention::first_ms);
    REQUIRE(bench.journal.steps.size() == 3);
    CHECK(bench.journal.steps[0].after == 0);
    CHECK(bench.journal.steps[1].after == 64);
    CHECK(bench.journal.steps[2].after == 128);
}

TEST_CASE("runs: a clock that is set to another year deletes nothing early", "[runs]") {
    Bench bench;
    bench.journal.names = {"deploy"};
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, keep_days(30));
    retention.start();
    const std::int64_t started_ms = bench.clock.wall_ms();
    bench.clock.set_wall_ms(started_ms + 3650 * kDayMs);
    bench.pass(Retention::first_ms);
    REQUIRE(bench.journal.steps.size() == 1);
    CHECK(bench.journal.steps[0].ended_before_ms == started_ms + Retention::first_ms - 30 * kDayMs);
    bench.clock.set_wall_ms(0);
    bench.pass(Retention::pause_ms);
    REQUIRE(bench.journal.steps.size() == 2);
    CHECK(bench.journal.steps[1].ended_before_ms ==
          started_ms + Retention::first_ms + Retention::pause_ms - 30 * kDayMs);
}

TEST_CASE("runs: retention that fails says so and tries again at its next turn", "[runs]") {
    Bench bench;
    bench.journal.names = {"deploy", "test"};
    bench.journal.fails = true;
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, keep_days(1));
    retention.start();
    bench.pass(Retention::first_ms);
    CHECK(bench.journal.steps.size() == 1);
    CHECK(bench.log.written == std::vector<std::string>{"retention_failed"});
    bench.journal.fails = false;
    bench.pass(Retention::pause_ms);
    CHECK(bench.journal.steps.size() == 3);
}

TEST_CASE("runs: retention that is stopped begins no step", "[runs]") {
    Bench bench;
    bench.journal.names = {"deploy", "test"};
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, keep_days(1));
    retention.start();
    retention.stop();
    bench.pass(Retention::first_ms);
    CHECK(bench.journal.steps.empty());
    CHECK(bench.executor.timers() == 0);
}

TEST_CASE("runs: retention that is given other rules sweeps by them at its next turn", "[runs]") {
    Bench bench;
    bench.journal.names = {"deploy", "test"};
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, {});
    retention.start();
    REQUIRE(bench.executor.timers() == 0);
    retention.replace(keep_days(2));
    CHECK(bench.executor.timers() == 1);
    bench.pass(Retention::first_ms);
    REQUIRE(bench.journal.steps.size() == 2);
    CHECK(bench.journal.steps[1].ended_before_ms == bench.clock.wall_ms() - 2 * kDayMs);
    retention.replace(keep_days(30));
    CHECK(bench.executor.timers() == 1);
    bench.pass(Retention::pause_ms);
    REQUIRE(bench.journal.steps.size() == 4);
    CHECK(bench.journal.steps[3].ended_before_ms == bench.clock.wall_ms() - 30 * kDayMs);
    retention.replace({});  // everything is kept again
    bench.pass(2 * Retention::pause_ms);
    CHECK(bench.journal.steps.size() == 4);
    CHECK(bench.executor.timers() == 0);
}

TEST_CASE("runs: a sweep under way goes on by the rules that were put in its place", "[runs]") {
    Bench bench;
    bench.journal.names = {"deploy"};
    bench.journal.nexts = {64};
    Retention retention(bench.executor, bench.clock, bench.journal, bench.log, keep_days(1));
    bench.journal.on_step = [&] {
        if (bench.journal.steps.size() == 1) retention.replace(keep_days(30));
    };
    retention.start();
    bench.pass(Retention::first_ms);
    REQUIRE(bench.journal.steps.size() == 2);
    CHECK(bench.journal.steps[1].ended_before_ms == bench.clock.wall_ms() - 30 * kDayMs);
    CHECK(bench.journal.steps[1].after == 0);
}
