#include "dispatch/pool.hpp"

#include <atomic>
#include <catch2/catch.hpp>

#include "support/shared_executor.hpp"

using namespace signalbox;
using namespace signalbox::test;
using namespace signalbox::dispatch;

namespace {

/// deliver() waits at a gate, where there is one.
class GatedConnection final : public plugins::Connection {
  public:
    Result<plugins::PlannedRequest> plan(const plugins::RunView&) override {
        return Error{"unused", ""};
    }
    Result<plugins::Verdict> judge(const plugins::RunView&, const plugins::ResponseView&) override {
        return Error{"unused", ""};
    }
    bool blocking() const override { return true; }
    Result<plugins::Verdict> deliver(const plugins::RunView& run,
                                     const plugins::CallControl& call) override {
        if (gate) gate->pass();
        if (fails) return Error{"plugin_broken", "it threw"};
        plugins::Verdict verdict;
        verdict.outcome = plugins::Outcome::accepted;
        verdict.reason = std::string(run.id) + " " + std::string(run.payload) +
                         (call.cancelled() ? " cancelled" : "");
        return verdict;
    }
    std::shared_ptr<Gate> gate;
    bool fails = false;
};

struct Bench {
    SharedClock clock;
    SharedExecutor executor{clock};
    CountingLog log;
    std::shared_ptr<GatedConnection> connection = std::make_shared<GatedConnection>();
    std::map<std::string, Delivered> delivered;
    BlockingPool pool;

    explicit Bench(std::size_t threads_max = 4) : pool(executor, clock, log, threads_max) {}
    ~Bench() {
        if (connection->gate) connection->gate->open();
    }

    ExchangeId deliver(const std::string& id, std::int64_t timeout_ms = 500) {
        BlockingJob job;
        job.connection = connection;
        job.plugin_id = "gated";
        job.seed.id = id;
        job.seed.payload = "{}";
        job.timeout_ms = timeout_ms;
        return pool.deliver(std::move(job),
                            [this, id](Delivered what) { delivered[id] = std::move(what); });
    }
    const Delivered& await(const std::string& id) {
        executor.run_until([&] { return delivered.count(id) != 0; });
        return delivered.at(id);
    }
};

}  // namespace

TEST_CASE("dispatch: a blocking call runs on a thread of the pool and its verdict comes back",
          "[dispatch]") {
    Bench bench;
    bench.deliver("r_1");
    const Delivered& delivered = bench.await("r_1");
    REQUIRE(delivered.verdict);
    CHECK(delivered.verdict->outcome == plugins::Outcome::accepted);
    CHECK(delivered.verdict->reason == "r_1 {}");
    CHECK(delivered.failure == Failure::none);
}

TEST_CASE("dispatch: a blocking call that breaks its contract has an unknown effect",
          "[dispatch]") {
    Bench bench;
    bench.connection->fails = true;
    bench.deliver("r_1");
    CHECK(bench.await("r_1").verdict->outcome == plugins::Outcome::effect_unknown);
    CHECK(bench.await("r_1").verdict->reason == "it threw");
}

TEST_CASE("dispatch: a blocking call that does not come back is given up after its deadline",
          "[dispatch]") {
    Bench bench;
    bench.connection->gate = std::make_shared<Gate>();
    bench.deliver("r_1", 500);
    bench.connection->gate->await(1);
    bool seen = false;
    bench.executor.post([&] { seen = true; });
    bench.executor.run_until([&] { return seen; });  // the start was told before that
    bench.executor.pass(500 + limits::blocking_grace_ms - 1);
    CHECK(bench.delivered.empty());
    bench.executor.pass(1);
    REQUIRE(bench.delivered.count("r_1") == 1);
    CHECK_FALSE(bench.delivered.at("r_1").verdict);
    CHECK(bench.delivered.at("r_1").failure == Failure::timeout);
    CHECK(bench.delivered.at("r_1").effect == Effect::unknown);
    CHECK(bench.log.names == std::vector<std::string>{"plugin_overrun"});

    // What it says when it comes back after all changes nothing.
    bench.delivered.clear();
    bench.connection->gate->open();
    bench.deliver("r_2");
    bench.await("r_2");
    CHECK(bench.delivered.size() == 1);
}

TEST_CASE("dispatch: a run that no thread became free for had no effect", "[dispatch]") {
    Bench bench(1);
    bench.connection->gate = std::make_shared<Gate>();
    bench.deliver("r_1", 100'000);
    bench.connection->gate->await(1);
    bench.deliver("r_2", 300);
    bench.executor.pass(299);
    CHECK(bench.delivered.empty());
    bench.executor.pass(1);
    REQUIRE(bench.delivered.count("r_2") == 1);
    CHECK(bench.delivered.at("r_2").effect == Effect::none);
    CHECK(bench.delivered.at("r_2").failure == Failure::timeout);
    CHECK(bench.connection->gate->waiting() == 1);
    bench.connection->gate->open();
    CHECK(bench.await("r_1").verdict);
}

TEST_CASE("dispatch: the pool has so many threads and the rest waits", "[dispatch]") {
    Bench bench(2);
    bench.connection->gate = std::make_shared<Gate>();
    for (const char* id : {"r_1", "r_2", "r_3"})
        bench.deliver(id, 100'000);
    bench.connection->gate->await(2);
    CHECK(bench.connection->gate->waiting() == 2);
    bench.connection->gate->open();
    for (const char* id : {"r_1", "r_2", "r_3"})
        CHECK(bench.await(id).verdict);
}

TEST_CASE("dispatch: a cancelled call is told so and what it says then counts", "[dispatch]") {
    Bench bench;
    bench.connection->gate = std::make_shared<Gate>();
    const ExchangeId exchange = bench.deliver("r_1", 100'000);
    bench.connection->gate->await(1);
    bench.pool.cancel(exchange);
    bench.connection->gate->open();
    CHECK(bench.await("r_1").verdict->reason == "r_1 {} cancelled");
}

TEST_CASE("dispatch: a call that is cancelled before it is started never starts", "[dispatch]") {
    Bench bench(1);
    bench.connection->gate = std::make_shared<Gate>();
    bench.deliver("r_1", 100'000);
    bench.connection->gate->await(1);
    const ExchangeId second = bench.deliver("r_2", 100'000);
    bench.pool.cancel(second);
    CHECK(bench.await("r_2").failure == Failure::cancelled);
    CHECK(bench.delivered.at("r_2").effect == Effect::none);
    bench.connection->gate->open();
    bench.await("r_1");
    CHECK(bench.connection->gate->waiting() == 1);
}
