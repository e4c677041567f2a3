#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "dispatch/backlog.hpp"
#include "yard.hpp"

using namespace signalbox;
using namespace signalbox::dispatch;
using namespace signalbox::dispatch::test;
using journal::Phase;

TEST_CASE("dispatch: an action with many waiting runs holds up another by one turn", "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(1));
    yard.accept("first");
    for (int i = 0; i < 5; ++i)
        yard.accept("bulk_" + std::to_string(i), "target", "bulk");
    yard.accept("small", "target", "small");
    for (int i = 0; i < 6; ++i)
        yard.answer(200);
    CHECK(yard.sent() == Names{"first", "bulk_0", "small", "bulk_1", "bulk_2", "bulk_3", "bulk_4"});
}

TEST_CASE("dispatch: within an action the oldest due run goes first", "[dispatch]") {
    Backlog backlog;
    backlog.add(3, "a", 30, 0);
    backlog.add(1, "a", 10, 0);
    backlog.add(2, "b", 20, 0);
    CHECK_FALSE(backlog.take(9));
    CHECK(backlog.next_due_ms() == 10);
    CHECK(backlog.overdue_ms(35) == 25);
    CHECK(backlog.take(35) == 1);
    CHECK(backlog.take(35) == 2);
    CHECK(backlog.take(35) == 3);
    CHECK(backlog.size() == 0);
    CHECK_FALSE(backlog.next_due_ms());
}

TEST_CASE("dispatch: connections take turns where all of them together are at their bound",
          "[dispatch]") {
    Bounds bounds;
    bounds.under_way_max = 1;
    Yard yard(bounds);
    yard.add("black_hole", policy_of(1'000));
    yard.add("healthy", policy_of(1'000));
    for (int i = 0; i < 40; ++i)
        yard.accept("b" + std::to_string(i), "black_hole");
    yard.accept("h", "healthy");
    for (int i = 0; i < 17; ++i)
        yard.answer(200);
    const Names sent = yard.sent();
    // One quantum of the connection that was there first, at most, goes before.
    CHECK(std::find(sent.begin(), sent.end(), "h") != sent.end());
    CHECK(yard.transport.most_open == 1);
}

TEST_CASE("dispatch: a connection that keeps failing is paused and probed and says so once",
          "[dispatch]") {
    Policy policy = policy_of(4);
    policy.breaker = {3, 5'000, 8'000};
    policy.first_ms = 1;
    policy.cap_ms = 1;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.answer(503);
    yard.executor.pass(1);
    yard.answer(503);
    yard.executor.pass(1);
    CHECK(yard.log.count("connection_paused") == 0);
    yard.answer(503);
    CHECK(yard.log.count("connection_paused") == 1);
    yard.accept("r_2");
    yard.executor.pass(4'999);
    CHECK(yard.transport.sent.size() == 3);
    CHECK(yard.phase("r_2") == Phase::queued);

    // One probe, however many wait; a failed one doubles the pause, up to the cap.
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() == 4);
    yard.answer(503);
    yard.executor.pass(7'999);
    CHECK(yard.transport.sent.size() == 4);
    yard.executor.pass(1);
    REQUIRE(yard.transport.sent.size() == 5);
    CHECK(yard.log.count("connection_paused") == 1);
    yard.answer(200);
    CHECK(yard.log.count("connection_resumed") == 1);
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() == 6);
}

TEST_CASE("dispatch: what our own rules do not let out does not pause its connection", "[dispatch]") {
    Policy policy = policy_of(4);
    policy.breaker = {1, 5'000, 8'000};
    policy.attempts_max = 1;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_inside");
    yard.transport.fail(Failure::refused, Effect::none);
    yard.executor.settle();
    CHECK(yard.phase("r_inside") == Phase::held);
    CHECK(yard.log.count("connection_paused") == 0);
    yard.accept("r_outside");
    CHECK(yard.transport.sent.size() == 2);
}

TEST_CASE("dispatch: a breaker of no failures never opens for a failure", "[dispatch]") {
    Breaker breaker({0, 5'000, 8'000});
    for (int i = 0; i < 100; ++i)
        CHECK_FALSE(breaker.failed(0, false));
    CHECK(breaker.allows(0));
}

TEST_CASE("dispatch: a probe that was never sent leaves the next attempt to be the probe",
          "[dispatch]") {
    Breaker breaker({1, 5'000, 8'000});
    CHECK(breaker.failed(0, false));
    CHECK_FALSE(breaker.allows(4'999));
    REQUIRE(breaker.allows(5'000));
    breaker.started(5'000);
    CHECK_FALSE(breaker.allows(9'000));
    CHECK_FALSE(breaker.next_ms());
    breaker.withdrawn();
    CHECK(breaker.allows(5'000));
}

TEST_CASE("dispatch: refused credentials hold the connection at once and no run is lost",
          "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(1));
    yard.accept("r_1");
    yard.accept("r_2");
    yard.answer(401);
    CHECK(yard.log.count("connection_paused") == 1);
    CHECK(yard.phase("r_1") == Phase::retrying);
    CHECK(yard.phase("r_2") == Phase::queued);
    yard.executor.pass(4'999);
    CHECK(yard.transport.sent.size() == 1);
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() == 2);
    yard.answer(401);
    CHECK(yard.log.count("connection_paused") == 1);
}

TEST_CASE(
    "dispatch: what a target asks to wait holds for its whole connection up to the operator's "
    "maximum",
    "[dispatch]") {
    Policy policy = policy_of(4);
    policy.first_ms = 1;
    policy.cap_ms = 1;
    policy.retry_after_max_ms = GENERATE(60'000, 3'000);
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.answer(429);  // the plugin reads 7 s
    yard.accept("r_2");
    const std::int64_t wait_ms = std::min<std::int64_t>(7'000, policy.retry_after_max_ms);
    yard.executor.pass(wait_ms - 1);
    CHECK(yard.transport.sent.size() == 1);
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() == 3);
}

TEST_CASE("dispatch: runs of one order key go out one after the other", "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(16));
    yard.accept("a1", "target", "deploy", "=prod");
    yard.accept("a2", "target", "deploy", "=prod");
    yard.accept("b1", "target", "deploy", "=test");
    yard.accept("other", "target", "build", "=prod");
    CHECK(yard.sent() == Names{"a1", "b1", "other"});
    yard.answer(200);
    CHECK(yard.sent() == Names{"a1", "b1", "other", "a2"});
}

TEST_CASE("dispatch: a held run parks those behind it or lets them pass", "[dispatch]") {
    const bool skips = GENERATE(false, true);
    Policy policy = policy_of(16);
    policy.order_skips = skips;
    Yard yard;
    yard.add("target", policy);
    yard.accept("a1", "target", "deploy", "=prod");
    yard.accept("a2", "target", "deploy", "=prod");
    yard.answer(500);  // unknown, so it is held
    REQUIRE(yard.phase("a1") == Phase::held);
    CHECK(yard.transport.sent.size() == (skips ? 2U : 1U));

    // A restart does not forget who waits for whom.
    yard.start();
    yard.add("target", policy);
    REQUIRE(
        yard.journal.recover([&yard](const journal::LiveRun& run) { yard.engine->take_up(run); }));
    if (!skips) {
        yard.executor.settle();
        CHECK(yard.transport.sent.size() == 1);
        journal::Run cancelled = yard.journal.run("a1");
        cancelled.state.phase = Phase::cancelled;
        yard.engine->moved(cancelled);
        yard.executor.settle();
        CHECK(yard.sent() == Names{"a1", "a2"});
    }
}

TEST_CASE("dispatch: a run that is held in its line goes first when it is redelivered",
          "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(16));
    yard.accept("a1", "target", "deploy", "=prod");
    yard.accept("a2", "target", "deploy", "=prod");
    yard.answer(500);
    journal::Run& run = yard.journal.run("a1");
    run.state.phase = Phase::retrying;
    run.state.due_ms = yard.clock.wall_ms();
    yard.engine->moved(run);
    yard.engine->due(run);
    yard.executor.settle();
    CHECK(yard.sent() == Names{"a1", "a1"});
    yard.answer(200);
    CHECK(yard.sent() == Names{"a1", "a1", "a2"});
}

TEST_CASE("dispatch: an interrupted run keeps its place in its line through a restart",
          "[dispatch]") {
    Policy policy = policy_of(16);
    policy.hold = false;
    Yard yard;
    yard.add("target", policy);
    yard.accept("a1", "target", "deploy", "=prod");
    yard.accept("a2", "target", "deploy", "=prod");
    REQUIRE(yard.phase("a1") == Phase::sending);
    yard.start();
    yard.transport.open.clear();
    yard.add("target", policy);
    REQUIRE(
        yard.journal.recover([&yard](const journal::LiveRun& run) { yard.engine->take_up(run); }));
    yard.executor.settle();
    CHECK(yard.sent() == Names{"a1", "a1"});
    yard.answer(200);
    CHECK(yard.sent() == Names{"a1", "a1", "a2"});
}

TEST_CASE("dispatch: a run whose deadline passes while it waits is held and never sent",
          "[dispatch]") {
    Policy policy = policy_of(1);
    policy.deadline_ms = 60'000;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.accept("r_2");
    yard.executor.pass(59'999);
    CHECK(yard.phase("r_2") == Phase::queued);
    yard.executor.pass(1);
    CHECK(yard.phase("r_2") == Phase::held);
    CHECK(yard.journal.run("r_2").state.reason.find("deadline") != std::string::npos);
    yard.answer(200);
    CHECK(yard.sent() == Names{"r_1"});
    CHECK(yard.engine->in_flight() == 0);
}

TEST_CASE("dispatch: no retry is planned past a run's deadline and no exchange lasts longer",
          "[dispatch]") {
    Policy policy = policy_of(1);
    policy.deadline_ms = 10'000;
    policy.timeout_ms = 30'000;
    policy.first_ms = 6'000;
    policy.cap_ms = 6'000;
    policy.jitter = 0;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    CHECK(yard.transport.sent.at(0).timeout_ms == 10'000);
    yard.answer(503);
    CHECK(yard.phase("r_1") == Phase::retrying);
    yard.executor.pass(6'000);
    REQUIRE(yard.transport.sent.size() == 2);
    CHECK(yard.transport.sent.at(1).timeout_ms == 4'000);
    yard.answer(503);
    CHECK(yard.phase("r_1") == Phase::held);
}

TEST_CASE("dispatch: one run more than may wait is refused and nothing of it is recorded",
          "[dispatch]") {
    Bounds bounds;
    bounds.waiting_max = 2;
    Yard yard(bounds);
    yard.add("target", policy_of(1));
    yard.accept("r_1");
    yard.accept("r_2");
    yard.accept("r_3");
    CHECK(yard.refused.empty());
    yard.accept("r_4");
    REQUIRE(yard.refused.size() == 1);
    CHECK(yard.refused[0].code == "backlog_full");
    CHECK(yard.journal.runs.size() == 3);
    yard.answer(200);
    yard.accept("r_5");
    CHECK(yard.refused.size() == 1);
}

TEST_CASE("dispatch: an action's own policy takes the place of its connection's", "[dispatch]") {
    Policy policy = policy_of(4);
    Target target = plain_target("target", policy);
    policy.attempts_max = 1;
    target.by_action.emplace("once", policy);
    Yard yard;
    yard.engine->add(std::move(target));
    yard.accept("r_1", "target", "once");
    yard.answer(503);
    CHECK(yard.phase("r_1") == Phase::held);
    yard.accept("r_2", "target", "often");
    yard.answer(503);
    CHECK(yard.phase("r_2") == Phase::retrying);
}

TEST_CASE("dispatch: a run that waited for a slot is not read back unless something became of it",
          "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(1));
    yard.accept("r_1");
    yard.accept("r_2");
    yard.accept("r_3");
    yard.answer(200);
    CHECK(yard.sent() == Names{"r_1", "r_2"});
    CHECK(yard.journal.loaded_runs == 0);
    CHECK(yard.journal.run("r_2").state.phase == Phase::sending);

    // Somebody makes it due again: what was kept of it is no longer the truth.
    yard.engine->due(yard.journal.run("r_3"));
    yard.executor.settle();
    yard.answer(200);
    CHECK(yard.sent() == Names{"r_1", "r_2", "r_3"});
    CHECK(yard.journal.loaded_runs == 1);
}

TEST_CASE("dispatch: a run that was cancelled while it waited is not sent", "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(1));
    yard.accept("r_1");
    yard.accept("r_2");
    // As another room does it; the engine is not told in time.
    yard.journal.run("r_2").state.phase = Phase::cancelled;
    yard.answer(200);
    CHECK(yard.sent() == Names{"r_1"});
    CHECK(yard.phase("r_2") == Phase::cancelled);
    CHECK(yard.engine->in_flight() == 0);
}
