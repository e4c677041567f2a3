// What breaks around the engine: the process, the journal, the clock, a target that says nothing.
#include <catch2/catch.hpp>

#include "yard.hpp"

using namespace signalbox;
using namespace signalbox::dispatch;
using namespace signalbox::dispatch::test;
using journal::Phase;

TEST_CASE("dispatch: an interrupted run is settled once the journal takes it again", "[dispatch]") {
    const bool hold = GENERATE(true, false);
    Policy policy = policy_of(4);
    policy.hold = hold;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    REQUIRE(yard.phase("r_1") == Phase::sending);
    yard.crash();
    yard.add("target", policy);
    yard.journal.fail_commits = true;
    yard.take_up();
    yard.executor.pass(60'000);
    CHECK(yard.phase("r_1") == Phase::sending);
    yard.journal.fail_commits = false;
    yard.executor.pass(1'000);
    CHECK(yard.phase("r_1") == (hold ? Phase::held : Phase::sending));
    CHECK(yard.transport.sent.size() == (hold ? 1U : 2U));
}

TEST_CASE("dispatch: a report that comes before an interrupted run is settled stands",
          "[dispatch]") {
    const bool known = GENERATE(true, false);
    Yard yard;
    yard.add("target", policy_of(4));
    yard.accept("r_1");
    yard.crash();
    if (known) yard.add("target", policy_of(4));
    yard.journal.fail_commits = true;
    yard.take_up();
    yard.journal.fail_commits = false;
    yard.journal.run("r_1").state.open.reset();
    yard.move("r_1", Phase::finished);
    yard.executor.pass(5'000);
    CHECK(yard.phase("r_1") == Phase::finished);
    CHECK(yard.executor.timers() == 0);
}

TEST_CASE("dispatch: a run that is interrupted in its every attempt is held once they are spent",
          "[dispatch]") {
    Policy policy = policy_of(4);
    policy.hold = false;
    policy.attempts_max = 3;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    for (int i = 0; i < 5; ++i) {
        yard.crash();
        yard.add("target", policy);
        yard.take_up();
    }
    CHECK(yard.transport.sent.size() == 3);
    CHECK(yard.phase("r_1") == Phase::held);
    CHECK(yard.journal.run("r_1").state.reason.find("all 3 attempts are spent") !=
          std::string::npos);
}

TEST_CASE("dispatch: a run redelivered after its deadline waits for its backoff like any other",
          "[dispatch]") {
    Policy policy = policy_of(1);
    policy.deadline_ms = 60'000;
    policy.timeout_ms = 600'000;
    policy.first_ms = policy.cap_ms = 20'000;
    policy.jitter = 0;
    Yard yard;
    yard.add("target", policy);
    yard.accept("blocks");
    yard.accept("r_1");
    yard.executor.pass(60'000);
    REQUIRE(yard.phase("r_1") == Phase::held);
    yard.move("r_1", Phase::retrying);
    yard.answer(200);
    REQUIRE(yard.sent() == Names{"blocks", "r_1"});
    yard.answer(503);
    yard.executor.pass(19'999);
    CHECK(yard.transport.sent.size() == 2);
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() == 3);
    CHECK(yard.engine->waiting() == 0);
}

TEST_CASE("dispatch: a deadline passes for a run behind another in its line too", "[dispatch]") {
    Policy policy = policy_of(16);
    policy.deadline_ms = 60'000;
    policy.timeout_ms = 600'000;
    Yard yard;
    yard.add("target", policy);
    yard.accept("a1", "target", "deploy", "=prod");
    yard.executor.pass(1'000);
    yard.accept("a2", "target", "deploy", "=prod");
    yard.answer(500);
    REQUIRE(yard.phase("a1") == Phase::held);
    yard.executor.pass(59'999);
    CHECK(yard.phase("a2") == Phase::queued);
    yard.executor.pass(1);
    CHECK(yard.phase("a2") == Phase::held);
    CHECK(yard.executor.timers() == 0);
    CHECK(yard.transport.sent.size() == 1);
}

TEST_CASE("dispatch: a deadline outlives a journal that could not be read", "[dispatch]") {
    Policy policy = policy_of(2);
    policy.deadline_ms = 60'000;
    policy.timeout_ms = 600'000;
    PlainConnection* plugin = nullptr;
    Yard yard;
    yard.engine->add(plain_target("target", policy, &plugin));
    for (const char* id : {"a", "b", "waits"})
        yard.accept(id);
    // It is not kept in memory any more, as where many wait: so it has to be read.
    journal::Run moved = yard.journal.run("waits");
    moved.state.phase = Phase::held;
    yard.engine->moved(moved);
    yard.journal.fail_reads = true;
    yard.answer(200);
    yard.journal.fail_reads = false;
    plugin->says.emplace();
    plugin->says->outcome = Outcome::accepted;
    plugin->says->retry_after_ms = 600'000;
    yard.answer(200);
    yard.executor.pass(59'999);
    CHECK(yard.phase("waits") == Phase::queued);
    yard.executor.pass(1);
    CHECK(yard.phase("waits") == Phase::held);
    CHECK(yard.sent() == Names{"a", "b"});
}

TEST_CASE("dispatch: a run whose record is damaged is held and keeps nobody else from being sent",
          "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(4));
    for (int i = 0; i < 4; ++i)
        yard.accept("first_" + std::to_string(i));
    for (const char* id : {"a", "damaged", "b", "c"})
        yard.accept(id);
    const journal::Sequence damaged = yard.journal.run("damaged").sequence;
    yard.journal.damaged = {damaged};
    yard.crash();
    for (int i = 0; i < 4; ++i)
        yard.journal.run("first_" + std::to_string(i)).state.phase = Phase::accepted;
    yard.add("target", policy_of(4));
    yard.take_up();
    yard.executor.pass(5'000);
    CHECK(yard.phase("damaged") == Phase::held);
    CHECK(yard.journal.run("damaged").state.reason.find("damaged") != std::string::npos);
    for (const char* id : {"a", "b", "c"})
        CHECK(yard.phase(id) == Phase::sending);
    CHECK(yard.engine->in_flight() == 3);
}

TEST_CASE("dispatch: a jump of the wall clock neither ends a run's deadline nor puts it off",
          "[dispatch]") {
    const std::int64_t jump_ms = GENERATE(86'400'000, -86'400'000);
    Policy policy = policy_of(1);
    policy.deadline_ms = 60'000;
    policy.timeout_ms = 30'000;
    policy.first_ms = policy.cap_ms = 20'000;
    policy.jitter = 0;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.clock.set_wall_ms(yard.clock.wall_ms() + jump_ms);
    yard.answer(503);
    CHECK(yard.phase("r_1") == Phase::retrying);
    yard.executor.pass(20'000);
    REQUIRE(yard.transport.sent.size() == 2);
    CHECK(yard.transport.sent.at(1).timeout_ms == 30'000);
    yard.clock.set_wall_ms(yard.clock.wall_ms() + jump_ms);
    yard.executor.pass(15'000);
    yard.answer(503);  // 35 s have passed: the next attempt is due at 55 s
    CHECK(yard.phase("r_1") == Phase::retrying);
    yard.executor.pass(20'000);
    REQUIRE(yard.transport.sent.size() == 3);
    CHECK(yard.transport.sent.at(2).timeout_ms == 5'000);
    yard.answer(503);
    CHECK(yard.phase("r_1") == Phase::held);
}

TEST_CASE("dispatch: refused credentials hold a connection whose breaker is switched off",
          "[dispatch]") {
    Policy policy = policy_of(4);
    policy.breaker = {0, 5'000, 8'000};
    policy.first_ms = policy.cap_ms = 1;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.answer(401);
    CHECK(yard.log.count("connection_paused") == 1);
    yard.accept("r_2");
    yard.executor.pass(4'999);
    CHECK(yard.transport.sent.size() == 1);
    CHECK(yard.engine->overdue_ms() == 0);  // it waits for its target, not for this process
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() == 2);
    yard.answer(401);
    CHECK(yard.log.count("connection_paused") == 1);
    yard.executor.pass(8'000);
    REQUIRE(yard.transport.sent.size() == 3);
    yard.answer(200);
    CHECK(yard.log.count("connection_resumed") == 1);
    for (int i = 0; i < 20; ++i) {
        yard.executor.pass(1);
        if (!yard.transport.open.empty()) yard.answer(503);
    }
    CHECK(yard.log.count("connection_paused") == 1);
}

TEST_CASE(
    "dispatch: a reload puts the breaker's settings in place and has a paused connection probed",
    "[dispatch]") {
    Policy policy = policy_of(4);
    policy.breaker = {1, 300'000, 300'000};
    policy.first_ms = policy.cap_ms = 1;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.answer(503);
    yard.executor.pass(10'000);
    REQUIRE(yard.transport.sent.size() == 1);
    policy.breaker = {1, 5'000, 5'000};
    yard.engine->replace(plain_target("target", policy));
    yard.executor.settle();
    REQUIRE(yard.transport.sent.size() == 2);  // the operator may have mended it
    yard.answer(503);
    yard.executor.pass(4'999);
    CHECK(yard.transport.sent.size() == 2);
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() == 3);
}

TEST_CASE("dispatch: a pause is kept whatever the outcome that asks for it", "[dispatch]") {
    const Outcome outcome =
        GENERATE(Outcome::accepted, Outcome::retryable, Outcome::throttled, Outcome::permanent,
                 Outcome::unauthenticated, Outcome::effect_unknown);
    PlainConnection* plugin = nullptr;
    Policy policy = policy_of(4);
    policy.breaker = {10, 1, 1};
    policy.first_ms = policy.cap_ms = 1;
    Yard yard;
    yard.engine->add(plain_target("target", policy, &plugin));
    plugin->says.emplace();
    plugin->says->outcome = outcome;
    plugin->says->retry_after_ms = 7'000;
    yard.accept("r_1");
    yard.answer(200);
    yard.accept("r_2");
    yard.executor.pass(6'999);
    CHECK(yard.transport.sent.size() == 1);
    yard.executor.pass(1);
    CHECK(yard.transport.sent.size() >= 2);
}

TEST_CASE("dispatch: a connection that hangs takes no place and no turn of the others",
          "[dispatch]") {
    // The same load on nine healthy connections, with and without a tenth that never answers and
    // has more slots than all of them together may use.
    const auto sent_at = [](bool black_hole) {
        Bounds bounds;
        bounds.under_way_max = 64;
        Yard yard(bounds);
        for (int i = 0; i < 9; ++i)
            yard.add("healthy_" + std::to_string(i), policy_of(2));
        yard.add("black_hole", policy_of(1'000));
        std::map<std::string, std::int64_t> at_ms;
        const auto answer_healthy = [&yard] {
            std::vector<ExchangeId> due;
            for (const auto& [id, sent] : yard.transport.open) {
                if (sent.request.body[0] != 'b') due.push_back(id);
            }
            WireReply reply;
            reply.status = 200;
            for (const ExchangeId id : due)
                yard.transport.answer(id, reply);
            yard.executor.settle();
        };
        std::size_t seen = 0;
        for (int round = 0; round < 50; ++round) {
            for (int i = 0; black_hole && i < 20; ++i)
                yard.accept("b" + std::to_string(round * 20 + i), "black_hole");
            for (int i = 0; i < 9; ++i) {
                for (int j = 0; j < 3; ++j)
                    yard.accept("h" + std::to_string(round) + "_" + std::to_string(i * 3 + j),
                                "healthy_" + std::to_string(i));
            }
            for (int step = 0; step < 2; ++step) {
                for (; seen < yard.transport.sent.size(); ++seen) {
                    const std::string& body = yard.transport.sent[seen].body;
                    if (body[0] == 'h') at_ms[body] = yard.clock.steady_ms();
                }
                yard.executor.pass(5);
                answer_healthy();
            }
        }
        CHECK(at_ms.size() == 50 * 27);
        return at_ms;
    };
    CHECK((sent_at(true) == sent_at(false)));
}

TEST_CASE("dispatch: what is between a cancel and a send is decided in the journal", "[dispatch]") {
    const bool cancel_first = GENERATE(true, false);
    Policy policy = policy_of(4);
    policy.first_ms = policy.cap_ms = 1'000;
    policy.jitter = 0;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.answer(503);
    yard.journal.commit_at_once = false;
    bool cancelled = false;
    const auto cancel = [&] {
        yard.journal.change(
            std::string("r_1"),
            [&cancelled](const journal::Run& run) {
                journal::Change change;
                cancelled = run.state.phase == Phase::retrying;
                if (!cancelled) return change;
                change.state = run.state;
                change.state->phase = Phase::cancelled;
                return change;
            },
            [&yard](Result<journal::Run> run) { yard.engine->moved(*run); });
    };
    // Both stand in one batch.
    if (cancel_first) cancel();
    yard.executor.pass(1'000);
    if (!cancel_first) cancel();
    yard.journal.commit();
    yard.executor.settle();
    CHECK(cancelled == cancel_first);
    CHECK(yard.transport.sent.size() == (cancel_first ? 1U : 2U));
    CHECK(yard.phase("r_1") == (cancel_first ? Phase::cancelled : Phase::sending));
    CHECK(yard.engine->in_flight() == (cancel_first ? 0U : 1U));
}

TEST_CASE("dispatch: a report that comes before the open keeps the request from being sent",
          "[dispatch]") {
    Policy policy = policy_of(4);
    policy.first_ms = policy.cap_ms = 1'000;
    policy.jitter = 0;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    yard.answer(503);
    yard.journal.commit_at_once = false;
    yard.journal.change(
        std::string("r_1"),
        [](const journal::Run& run) {
            journal::Change change;
            change.state = run.state;
            change.state->phase = Phase::confirmed;
            return change;
        },
        [&yard](Result<journal::Run> run) { yard.engine->moved(*run); });
    yard.executor.pass(1'000);
    yard.journal.commit();
    yard.executor.settle();
    CHECK(yard.transport.sent.size() == 1);
    CHECK(yard.phase("r_1") == Phase::confirmed);
    CHECK(yard.engine->in_flight() == 0);
}

TEST_CASE("dispatch: a name that fails and then resolves is tried again and nothing is held for it",
          "[dispatch]") {
    Policy policy = policy_of(4);
    policy.hold = true;
    policy.first_ms = policy.cap_ms = 1'000;
    policy.jitter = 0;
    Yard yard;
    yard.add("target", policy);
    yard.accept("r_1");
    for (int i = 0; i < 3; ++i) {
        yard.transport.fail(Failure::resolve, Effect::none);
        yard.executor.settle();
        CHECK(yard.phase("r_1") == Phase::retrying);
        yard.executor.pass(1'000);
    }
    REQUIRE(yard.transport.sent.size() == 4);
    yard.answer(200);
    CHECK(yard.phase("r_1") == Phase::accepted);
}

TEST_CASE("dispatch: an attempt that has ended keeps nothing of its run while its close waits for the journal",
          "[dispatch]") {
    Yard yard;
    yard.add("target", policy_of(1));
    auto seed = std::make_shared<journal::RunSeed>();
    seed->id = "r_1";
    seed->action = "deploy";
    seed->connection = "target";
    seed->payload = "large";
    const std::weak_ptr<const journal::RunSeed> held = seed;
    yard.engine->accept(journal::SharedSeed(std::shared_ptr<const journal::RunSeed>(std::move(seed))),
                        [](Result<Accepted>) {});
    yard.executor.settle();
    CHECK_FALSE(held.expired());
    yard.journal.commit_at_once = false;
    yard.answer(200);
    CHECK(held.expired());
    yard.journal.commit();
    yard.executor.settle();
    CHECK(yard.phase("r_1") == journal::Phase::accepted);
}
