// The engine with targets that block, and with connections that need a credential.
#include <catch2/catch.hpp>

#include "dispatch/engine.hpp"
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

class ScriptedBlocking final : public Blocking {
  public:
    ExchangeId deliver(BlockingJob job, DeliveredDone done) override {
        jobs.push_back(std::move(job));
        waiting.emplace(++last_, std::move(done));
        return last_;
    }
    void cancel(ExchangeId exchange) override { cancelled.push_back(exchange); }

    void answer(Delivered delivered) {
        auto done = std::move(waiting.begin()->second);
        waiting.erase(waiting.begin());
        done(std::move(delivered));
    }
    std::vector<BlockingJob> jobs;
    std::map<ExchangeId, DeliveredDone> waiting;
    std::vector<ExchangeId> cancelled;

  private:
    ExchangeId last_ = 0;
};

class BlockingConnection final : public plugins::Connection {
  public:
    Result<plugins::PlannedRequest> plan(const plugins::RunView&) override {
        return Error{"plugin_broken", "plan was called"};
    }
    Result<plugins::Verdict> judge(const plugins::RunView&, const plugins::ResponseView&) override {
        return Error{"plugin_broken", "judge was called"};
    }
    bool blocking() const override { return true; }
    Result<Done> check(const plugins::RunView&) override {
        if (refuse) return Error{"plan_refused", "not this one"};
        return Done{};
    }
    bool refuse = false;
};

/// As PlainConnection, and each request carries the credential.
class StepConnection final : public plugins::Connection {
  public:
    Result<plugins::PlannedRequest> plan(const plugins::RunView& run) override {
        plugins::PlannedRequest request;
        request.url = "http://target.test/";
        request.secret_headers = {{"Authorization", "Bearer " + std::string(run.credential)}};
        return request;
    }
    Result<plugins::Verdict> judge(const plugins::RunView&,
                                   const plugins::ResponseView& response) override {
        plugins::Verdict verdict;
        verdict.outcome =
            response.status == 200 ? plugins::Outcome::accepted : plugins::Outcome::unauthenticated;
        return verdict;
    }
    bool has_step() const override { return true; }
    Result<plugins::PlannedRequest> plan_step(std::int64_t) override {
        plugins::PlannedRequest request;
        request.url = "http://target.test/token";
        return request;
    }
    Result<plugins::Credential> judge_step(const plugins::ResponseView& response) override {
        plugins::Credential credential;
        credential.granted = response.status == 200;
        credential.bytes = std::string(response.body);
        credential.valid_ms = 60'000;
        credential.why_not.outcome = plugins::Outcome::unauthenticated;
        credential.why_not.reason = "no such client";
        return credential;
    }
};

struct Bench {
    ManualClock clock;
    ManualExecutor executor{clock};
    MiddleRandom random;
    NoLog log;
    MemoryJournal journal{executor};
    ScriptedTransport transport{executor};
    ScriptedBlocking blocking;
    Engine engine{executor, clock, random, journal, transport, log};
    std::vector<Error> refused;

    template <class Made>
    explicit Bench(std::unique_ptr<Made> connection) {
        engine.attach(blocking);
        engine.add({"target",
                    "plain",
                    std::move(connection),
                    signing::Signer(signing::Scheme::none, "", {}),
                    {},
                    "http://signalbox.test",
                    {}});
    }

    void accept(const std::string& id) {
        journal::RunSeed seed;
        seed.id = id;
        seed.connection = "target";
        seed.payload = "{\"id\":1}";
        seed.created_ms = clock.wall_ms();
        engine.accept(std::move(seed), [this](Result<Accepted> done) {
            if (!done) refused.push_back(done.error());
        });
        executor.settle();
    }
    const journal::RunState& state(const std::string& id) { return journal.run(id).state; }
    std::string authorization(std::size_t sent) const {
        for (const auto& [name, value] : transport.sent.at(sent).headers) {
            if (name == "Authorization") return value;
        }
        return {};
    }
};

Delivered said(Outcome outcome, std::optional<bool> finished = {}, std::string response = {}) {
    Delivered delivered;
    delivered.verdict.emplace();
    delivered.verdict->outcome = outcome;
    delivered.verdict->reason = "as told";
    delivered.verdict->finished = finished;
    delivered.verdict->response = std::move(response);
    return delivered;
}

}  // namespace

TEST_CASE("dispatch: a blocking target is given the run and its verdict ends it", "[dispatch]") {
    Bench bench(std::make_unique<BlockingConnection>());
    bench.accept("r_1");
    CHECK(bench.transport.sent.empty());
    REQUIRE(bench.blocking.jobs.size() == 1);
    CHECK(bench.blocking.jobs[0].seed.payload == "{\"id\":1}");
    CHECK(bench.state("r_1").phase == Phase::sending);
    CHECK(bench.state("r_1").open->request.method == "DELIVER");
    CHECK(bench.state("r_1").open->request.url == "plugin:plain");
    bench.blocking.answer(said(Outcome::accepted, true, "what it printed"));
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::finished);
    CHECK(bench.state("r_1").result == "SUCCESS");
    CHECK(bench.state("r_1").ended_ms == bench.clock.wall_ms());
    const auto& lines = bench.journal.log_lines.at(bench.journal.run("r_1").sequence);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].message == "what it printed");
    CHECK(lines[0].created_by == "plain");
}

TEST_CASE("dispatch: an accepted run that failed at the target is a failure with an effect",
          "[dispatch]") {
    Bench bench(std::make_unique<BlockingConnection>());
    bench.accept("r_1");
    bench.blocking.answer(said(Outcome::accepted, false));
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::finished);
    CHECK(bench.state("r_1").result == "FAILURE");
    CHECK(bench.state("r_1").effect_possible);
}

TEST_CASE("dispatch: a run that a blocking target cannot take is refused before it is recorded",
          "[dispatch]") {
    auto connection = std::make_unique<BlockingConnection>();
    connection->refuse = true;
    Bench bench(std::move(connection));
    bench.accept("r_1");
    REQUIRE(bench.refused.size() == 1);
    CHECK(bench.refused[0].code == "plan_refused");
    CHECK(bench.blocking.jobs.empty());
}

TEST_CASE("dispatch: a blocking call that was given up holds its run", "[dispatch]") {
    Bench bench(std::make_unique<BlockingConnection>());
    bench.accept("r_1");
    Delivered lost;
    lost.failure = Failure::timeout;
    lost.effect = Effect::unknown;
    lost.message = "it did not come back";
    bench.blocking.answer(lost);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::held);
    CHECK(bench.state("r_1").effect_possible);
}

TEST_CASE("dispatch: a blocking call that never began is tried again", "[dispatch]") {
    Bench bench(std::make_unique<BlockingConnection>());
    bench.accept("r_1");
    Delivered none;
    none.failure = Failure::timeout;
    none.effect = Effect::none;
    bench.blocking.answer(none);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::retrying);
    bench.executor.pass(2'000);
    CHECK(bench.blocking.jobs.size() == 2);
    CHECK(bench.blocking.jobs[1].attempt == 2);
}

TEST_CASE("dispatch: cancelling all reaches blocking calls", "[dispatch]") {
    Bench bench(std::make_unique<BlockingConnection>());
    bench.accept("r_1");
    bench.engine.cancel_all();
    CHECK(bench.blocking.cancelled == std::vector<ExchangeId>{1});
}

TEST_CASE("dispatch: a credential is fetched once and used by all until it expires", "[dispatch]") {
    Bench bench(std::make_unique<StepConnection>());
    bench.accept("r_1");
    bench.accept("r_2");
    REQUIRE(bench.transport.sent.size() == 1);
    CHECK(bench.transport.sent[0].url == "http://target.test/token");
    bench.transport.answer(200, {}, "one");
    bench.executor.settle();
    REQUIRE(bench.transport.sent.size() == 3);
    CHECK(bench.authorization(1) == "Bearer one");
    CHECK(bench.authorization(2) == "Bearer one");
    bench.accept("r_3");
    REQUIRE(bench.transport.sent.size() == 4);
    CHECK(bench.authorization(3) == "Bearer one");
    // What is stored does not hold it.
    CHECK(bench.state("r_3").open->request.head.starts_with("Authorization: ***\r\n"));

    bench.executor.pass(60'000);
    bench.accept("r_4");
    CHECK(bench.transport.sent.at(4).url == "http://target.test/token");
}

TEST_CASE("dispatch: a credential that the target refuses is dropped and a new one decides",
          "[dispatch]") {
    Bench bench(std::make_unique<StepConnection>());
    bench.accept("r_1");
    bench.transport.answer(200, {}, "one");
    bench.executor.settle();
    bench.transport.answer(200);
    bench.executor.settle();
    CHECK(bench.state("r_1").phase == Phase::accepted);

    bench.accept("r_2");
    bench.transport.answer(401);
    bench.executor.settle();
    CHECK(bench.state("r_2").phase == Phase::retrying);
    bench.executor.pass(2'000);
    CHECK(bench.transport.sent.back().url == "http://target.test/token");
    bench.transport.answer(200, {}, "two");
    bench.executor.settle();
    CHECK(bench.authorization(bench.transport.sent.size() - 1) == "Bearer two");
    // Refused while new: it is not the credential's age, and the whole connection waits.
    bench.transport.answer(401);
    bench.executor.settle();
    CHECK(bench.state("r_2").phase == Phase::retrying);
    const std::size_t sent = bench.transport.sent.size();
    bench.accept("r_3");
    CHECK(bench.transport.sent.size() == sent);
}

TEST_CASE("dispatch: without a credential nothing is sent and the run says why", "[dispatch]") {
    Bench bench(std::make_unique<StepConnection>());
    bench.accept("r_1");
    bench.transport.answer(403);
    bench.executor.settle();
    CHECK(bench.transport.sent.size() == 1);
    CHECK(bench.state("r_1").phase == Phase::retrying);
    CHECK(bench.state("r_1").reason.find("no such client") != std::string::npos);
    CHECK_FALSE(bench.state("r_1").effect_possible);

    // An exchange that broke is tried again.
    Bench other(std::make_unique<StepConnection>());
    other.accept("r_2");
    other.transport.fail(Failure::no_reply, Effect::unknown);
    other.executor.settle();
    CHECK(other.state("r_2").phase == Phase::retrying);
    CHECK_FALSE(other.state("r_2").effect_possible);
}
