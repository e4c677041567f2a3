#include "dispatch/engine.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"
#include "support/scripted_target.hpp"

using namespace signalbox;
using namespace signalbox::dispatch;
using namespace signalbox::test;
using journal::Phase;

namespace {

class NoLog final : public LogSink {
    void write(const LogEvent&) override {}
};

/// An engine with one connection, `target`, on a journal, a network and a clock that the test
/// holds.
struct Bench {
    ManualClock clock;
    ManualExecutor executor{clock};
    MiddleRandom random;
    NoLog log;
    MemoryJournal journal{executor};
    ScriptedTransport transport{executor};
    Engine engine{executor, clock, random, journal, transport, log};
    PlainConnection* plugin = nullptr;
    std::vector<std::string> accepted;
    std::vector<Error> refused;

    explicit Bench(Policy policy = {}) { engine.add(plain_target("target", policy, &plugin)); }

    void accept(const std::string& id) {
        journal::RunSeed seed;
        seed.id = id;
        seed.action = "deploy";
        seed.connection = "target";
        seed.payload = "{\"id\":\"" + id + "\"}";
        seed.created_ms = clock.wall_ms();
        engine.accept(std::move(seed), [this, id](Result<Accepted> done) {
            if (done) {
                accepted.push_back(id);
            } else {
                refused.push_back(done.error());
            }
        });
    }
    const journal::RunState& state(const std::string& id) { return journal.run(id).state; }
    journal::Attempt attempt(const std::string& id, int number) {
        return journal.attempts.at(journal.run(id).sequence).at(number);
    }
};

Policy holding(int in_flight) {
    Policy policy;
    policy.in_flight_max = in_flight;
    policy.hold = true;
    return policy;
}

Policy resending(int in_flight) {
    Policy policy = holding(in_flight);
    policy.hold = false;
    return policy;
}

}  // namespace

TEST_CASE("dispatch: a run with a free slot is recorded with its attempt open before a byte leaves",
          "[dispatch]") {
    Bench bench;
    bench.journal.commit_at_once = false;
    bench.accept("r_1");
    bench.executor.settle();
    CHECK(bench.accepted.empty());
    CHECK(bench.transport.sent.empty());

    bench.journal.commit();
    CHECK(bench.state("r_1").phase == Phase::sending);
    REQUIRE(bench.state("r_1").open);
    CHECK(bench.state("r_1").open->number == 1);
    CHECK(bench.transport.sent.empty());
    bench.executor.settle();
    CHECK(bench.accepted == std::vector<std::string>{"r_1"});
    REQUIRE(bench.transport.sent.size() == 1);
    CHECK(bench.transport.sent[0].body == "{\"id\":\"r_1\"}");
    CHECK(bench.journal.commits == 1);
}

TEST_CASE("dispatch: what is sent is what was recorded and the signature is over those bytes",
          "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    const WireRequest& wire = bench.transport.sent.at(0);
    std::string head;
    for (const auto& [name, value] : wire.headers)
        head += name + ": " + value + "\r\n";
    CHECK(bench.state("r_1").open->request.head == head);
    signing::Key key(signing::Scheme::hmac_sha1_hex, "secret");
    CHECK(head.find("X-Signature: " + key.sign(wire.body, 0, {}) + "\r\n") != std::string::npos);
}

TEST_CASE("dispatch: an accepted reply closes the attempt and never says that it ran",
          "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(200);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::accepted);
    CHECK_FALSE(bench.state("r_1").open);
    CHECK(bench.attempt("r_1", 1).outcome == "accepted");
    CHECK(bench.attempt("r_1", 1).response_status == 200);
    CHECK(bench.engine.in_flight() == 0);
}

TEST_CASE("dispatch: no more attempts are open than there are slots and the rest waits its turn",
          "[dispatch]") {
    Bench bench(holding(2));
    for (int i = 1; i <= 5; ++i)
        bench.accept("r_" + std::to_string(i));
    bench.executor.settle();
    CHECK(bench.accepted.size() == 5);
    CHECK(bench.transport.open.size() == 2);
    CHECK(bench.state("r_3").phase == Phase::queued);
    std::vector<std::string> order;
    while (!bench.transport.open.empty()) {
        bench.transport.answer(200);
        bench.executor.settle();
        CHECK(bench.transport.open.size() <= 2);
    }
    CHECK(bench.transport.most_open == 2);
    for (const auto& request : bench.transport.sent)
        order.push_back(request.body);
    CHECK(order == std::vector<std::string>{"{\"id\":\"r_1\"}", "{\"id\":\"r_2\"}",
                                            "{\"id\":\"r_3\"}", "{\"id\":\"r_4\"}",
                                            "{\"id\":\"r_5\"}"});
}

TEST_CASE("dispatch: at every commit at most in_flight attempts are open on disk", "[dispatch]") {
    Bench bench(holding(3));
    bench.journal.commit_at_once = false;
    for (int i = 1; i <= 12; ++i)
        bench.accept("r_" + std::to_string(i));
    for (int round = 0; round < 60; ++round) {
        bench.journal.commit();
        int open = 0;
        for (const auto& [sequence, run] : bench.journal.runs)
            open += run.state.open ? 1 : 0;
        CHECK(open <= 3);
        bench.executor.settle();
        if (!bench.transport.open.empty()) bench.transport.answer(200);
        bench.executor.settle();
    }
    CHECK(bench.transport.sent.size() == 12);
    for (const auto& [sequence, run] : bench.journal.runs)
        CHECK(run.state.phase == Phase::accepted);
}

TEST_CASE("dispatch: a reply without effect is tried again after its backoff and not before",
          "[dispatch]") {
    Policy policy = holding(1);
    policy.first_ms = 1'000;
    policy.factor = 3;
    Bench bench(policy);
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(503);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::retrying);
    CHECK(bench.attempt("r_1", 1).next_ms == bench.state("r_1").due_ms);
    bench.executor.pass(999);
    CHECK(bench.transport.sent.size() == 1);
    bench.executor.pass(1);
    REQUIRE(bench.transport.sent.size() == 2);
    bench.transport.answer(503);
    bench.executor.pass(2'999);
    CHECK(bench.transport.sent.size() == 2);
    bench.executor.pass(1);
    CHECK(bench.transport.sent.size() == 3);
}

TEST_CASE("dispatch: a throttled reply waits for what the target asked and not for less",
          "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(429);
    bench.executor.pass(6'999);
    CHECK(bench.transport.sent.size() == 1);
    bench.executor.pass(1);
    CHECK(bench.transport.sent.size() == 2);
}

TEST_CASE("dispatch: attempts spent are held for a person and never dropped", "[dispatch]") {
    Policy policy = holding(1);
    policy.attempts_max = 3;
    Bench bench(policy);
    bench.accept("r_1");
    for (int i = 0; i < 3; ++i) {
        bench.executor.pass(600'000);
        bench.transport.answer(503);
    }
    bench.executor.pass(600'000);
    CHECK(bench.transport.sent.size() == 3);
    CHECK(bench.state("r_1").phase == Phase::held);
    CHECK_FALSE(bench.state("r_1").effect_possible);
    CHECK(bench.state("r_1").reason.find("all 3 attempts") != std::string::npos);
}

TEST_CASE("dispatch: an unknown effect holds under hold and is sent again under resend",
          "[dispatch]") {
    SECTION("hold") {
        Bench bench(holding(1));
        bench.accept("r_1");
        bench.executor.settle();
        bench.transport.fail(Failure::truncated, Effect::unknown);
        bench.executor.pass(600'000);
        CHECK(bench.transport.sent.size() == 1);
        CHECK(bench.state("r_1").phase == Phase::held);
        CHECK(bench.state("r_1").effect_possible);
    }
    SECTION("resend") {
        Bench bench(resending(1));
        bench.accept("r_1");
        bench.executor.settle();
        CHECK_FALSE(bench.state("r_1").open);
        bench.transport.fail(Failure::truncated, Effect::unknown);
        bench.executor.pass(1'000);
        CHECK(bench.transport.sent.size() == 2);
        bench.transport.answer(200);
        bench.executor.settle();
        CHECK(bench.state("r_1").phase == Phase::accepted);
        CHECK(bench.attempt("r_1", 2).outcome == "accepted");
    }
    SECTION("a safe step never holds") {
        Bench bench(holding(1));
        bench.plugin->safe = true;
        bench.accept("r_1");
        bench.executor.settle();
        bench.transport.fail(Failure::timeout, Effect::unknown);
        bench.executor.pass(1'000);
        CHECK(bench.transport.sent.size() == 2);
    }
}

TEST_CASE("dispatch: a connection that could not be made is tried again under hold too",
          "[dispatch]") {
    Bench bench(holding(1));
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.fail(Failure::connect, Effect::none);
    bench.executor.pass(1'000);
    CHECK(bench.transport.sent.size() == 2);
}

TEST_CASE("dispatch: a permanent refusal ends as FAILURE without effect", "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(400);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::finished);
    CHECK(bench.state("r_1").result == "FAILURE");
    CHECK_FALSE(bench.state("r_1").effect_possible);
    CHECK(bench.state("r_1").ended_ms != 0);
}

TEST_CASE("dispatch: a plugin that fails to judge leaves the effect unknown", "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(418);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::held);
    CHECK(bench.state("r_1").reason.find("failed to judge") != std::string::npos);
}

TEST_CASE("dispatch: what a plugin refuses to plan is refused before anything is recorded",
          "[dispatch]") {
    Bench bench;
    bench.plugin->refuse = true;
    bench.accept("r_1");
    bench.executor.settle();
    REQUIRE(bench.refused.size() == 1);
    CHECK(bench.refused[0].code == "plan_refused");
    CHECK(bench.journal.runs.empty());
}

TEST_CASE("dispatch: a full disk refuses new runs and loses none that was accepted", "[dispatch]") {
    Bench bench(holding(1));
    bench.accept("r_1");
    bench.executor.settle();
    bench.journal.fail_commits = true;
    bench.accept("r_2");
    bench.executor.settle();
    REQUIRE(bench.refused.size() == 1);
    CHECK(bench.refused[0].code == "journal_unavailable");
    bench.transport.answer(200);
    bench.executor.pass(10'000);
    CHECK(bench.state("r_1").phase == Phase::sending);
    CHECK(bench.engine.in_flight() == 1);

    bench.journal.fail_commits = false;
    bench.executor.pass(1'000);
    CHECK(bench.state("r_1").phase == Phase::accepted);
    CHECK(bench.engine.in_flight() == 0);
    bench.accept("r_3");
    bench.executor.settle();
    CHECK(bench.transport.sent.size() == 2);
}

TEST_CASE("dispatch: a waiting run survives a journal that cannot be read for a while",
          "[dispatch]") {
    Bench bench(holding(1));
    bench.accept("r_1");
    bench.accept("r_2");
    bench.executor.settle();
    bench.journal.fail_commits = true;
    bench.transport.answer(200);
    bench.executor.pass(5'000);
    bench.journal.fail_commits = false;
    bench.executor.pass(5'000);
    REQUIRE(bench.transport.sent.size() == 2);
    CHECK(bench.transport.sent[1].body == "{\"id\":\"r_2\"}");
    CHECK(bench.state("r_1").phase == Phase::accepted);
}

TEST_CASE("dispatch: the rate limit spaces the starts of attempts", "[dispatch]") {
    Policy policy = holding(100);
    policy.per_second_max = 2;
    Bench bench(policy);
    for (int i = 1; i <= 6; ++i)
        bench.accept("r_" + std::to_string(i));
    bench.executor.settle();
    CHECK(bench.transport.sent.size() == 2);
    bench.executor.pass(499);
    CHECK(bench.transport.sent.size() == 2);
    bench.executor.pass(1);
    CHECK(bench.transport.sent.size() == 3);
    bench.executor.pass(1'500);
    CHECK(bench.transport.sent.size() == 6);
}

TEST_CASE("dispatch: a run that was ended meanwhile is not sent when its time comes",
          "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(503);
    bench.executor.settle();
    bench.journal.run("r_1").state.phase = Phase::cancelled;
    bench.executor.pass(600'000);
    CHECK(bench.transport.sent.size() == 1);
    CHECK(bench.engine.in_flight() == 0);
}

TEST_CASE("dispatch: a verdict after a report is recorded and does not move the run back",
          "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    auto& state = bench.journal.run("r_1").state;
    state.phase = Phase::finished;
    state.result = "SUCCESS";
    state.open.reset();
    bench.transport.fail(Failure::timeout, Effect::unknown);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::finished);
    CHECK(bench.state("r_1").result == "SUCCESS");
    CHECK(bench.attempt("r_1", 1).outcome == "effect_unknown");
}

TEST_CASE("dispatch: after a crash an open attempt is held under hold and due under resend",
          "[dispatch]") {
    const auto crashed = [](Policy policy, bool open) {
        auto bench = std::make_unique<Bench>(policy);
        journal::Run run;
        run.sequence = 7;
        run.seed.id = "r_7";
        run.seed.action = "deploy";
        run.seed.connection = "target";
        run.seed.payload = "{}";
        run.state.phase = Phase::sending;
        run.state.attempts = 1;
        if (open) run.state.open = journal::OpenAttempt{1, 1, {}};
        bench->journal.runs[7] = run;
        REQUIRE(bench->journal.recover([&](const auto& live) { bench->engine.take_up(live); }));
        bench->executor.settle();
        return bench;
    };
    SECTION("hold: open") {
        auto bench = crashed(holding(1), true);
        CHECK(bench->transport.sent.empty());
        CHECK(bench->state("r_7").phase == Phase::held);
        CHECK(bench->state("r_7").reason.find("stopped during attempt 1") != std::string::npos);
        CHECK(bench->attempt("r_7", 1).outcome == "effect_unknown");
    }
    SECTION("resend: nothing open") {
        auto bench = crashed(resending(1), false);
        REQUIRE(bench->transport.sent.size() == 1);
        CHECK(bench->state("r_7").attempts == 2);
    }
}

TEST_CASE("dispatch: after a restart waiting runs go out when they are due", "[dispatch]") {
    Bench bench(holding(4));
    for (int i = 1; i <= 3; ++i) {
        journal::Run run;
        run.sequence = i;
        run.seed.id = "r_" + std::to_string(i);
        run.seed.action = "deploy";
        run.seed.connection = i == 3 ? "gone" : "target";
        run.state.phase = Phase::queued;
        run.state.due_ms = bench.clock.wall_ms() + (i == 2 ? 4'000 : -9'000);
        bench.journal.runs[i] = run;
    }
    REQUIRE(bench.journal.recover([&](const auto& live) { bench.engine.take_up(live); }));
    bench.executor.settle();
    CHECK(bench.transport.sent.size() == 1);
    CHECK(bench.state("r_3").phase == Phase::held);
    CHECK(bench.state("r_3").reason.find("'gone'") != std::string::npos);
    bench.executor.pass(4'000);
    CHECK(bench.transport.sent.size() == 2);
}

TEST_CASE("dispatch: a jump of the wall clock neither rushes nor stalls a retry", "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(503);
    bench.executor.settle();
    bench.clock.set_wall_ms(bench.clock.wall_ms() + 86'400'000);
    bench.executor.pass(999);
    CHECK(bench.transport.sent.size() == 1);
    bench.clock.set_wall_ms(bench.clock.wall_ms() - 2 * 86'400'000);
    bench.executor.pass(1);
    CHECK(bench.transport.sent.size() == 2);
}

TEST_CASE("dispatch: draining starts nothing and is idle when the last attempt is closed",
          "[dispatch]") {
    Bench bench(holding(1));
    bench.accept("r_1");
    bench.accept("r_2");
    bench.executor.settle();
    bool idle = false;
    bench.engine.drain([&] { idle = true; });
    bench.accept("r_3");
    bench.executor.settle();
    CHECK_FALSE(idle);
    CHECK(bench.refused.at(0).code == "shutting_down");
    bench.transport.answer(200);
    bench.executor.settle();
    CHECK(idle);
    CHECK(bench.transport.sent.size() == 1);
    CHECK(bench.state("r_2").phase == Phase::queued);
}

TEST_CASE("dispatch: an idle engine has no timer", "[dispatch]") {
    Bench bench;
    bench.accept("r_1");
    bench.executor.settle();
    bench.transport.answer(200);
    bench.executor.settle();
    CHECK(bench.executor.timers() == 0);
}
