#include <catch2/catch.hpp>
#include <map>

#include "base/meter.hpp"
#include "dispatch/engine.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"
#include "support/scripted_target.hpp"

using namespace signalbox;
using namespace signalbox::dispatch;

namespace {

struct SilentLog final : LogSink {
    void write(const LogEvent&) override {}
};

struct Measured {
    test::ManualClock clock;
    test::ManualExecutor executor{clock};
    test::MemoryJournal journal{executor};
    test::ScriptedTransport transport{executor};
    test::MiddleRandom random;
    SilentLog log;
    Meter meter;
    Engine engine{executor, clock, random, journal, transport, log, meter};

    Measured() {
        Policy policy;
        policy.in_flight_max = 1;
        engine.add(test::plain_target("north", policy));
    }
    void accept(const std::string& id) {
        journal::RunSeed seed;
        seed.id = id;
        seed.action = "deploy";
        seed.connection = "north";
        seed.created_ms = clock.wall_ms();
        engine.accept(seed, [](auto accepted) { REQUIRE(accepted); });
        executor.settle();
    }
    double gauge(Gauge name) const {
        for (const auto& gauge : meter.snapshot().gauges) {
            if (gauge.name == name && gauge.labels.connection == "north") return gauge.value;
        }
        return -1;
    }
    std::map<std::string, std::uint64_t> attempts() const {
        std::map<std::string, std::uint64_t> by_outcome;
        for (const auto& counter : meter.snapshot().counters) {
            if (counter.name == Counter::attempts)
                by_outcome[counter.labels.outcome] = counter.value;
        }
        return by_outcome;
    }
};

}  // namespace

TEST_CASE("dispatch: the queue and the slots are shown as gauges", "[dispatch]") {
    Measured world;
    world.accept("r_1");
    CHECK(world.gauge(Gauge::runs_in_flight) == 1);
    const std::int64_t due_ms = world.clock.wall_ms();
    world.accept("r_2");
    world.executor.pass(50);
    world.accept("r_3");
    CHECK(world.gauge(Gauge::runs_waiting) == 2);
    CHECK(world.gauge(Gauge::oldest_due_unix_ms) == static_cast<double>(due_ms));
    world.transport.answer(200);
    world.executor.settle();
    CHECK(world.gauge(Gauge::runs_waiting) == 1);
    CHECK(world.gauge(Gauge::oldest_due_unix_ms) == static_cast<double>(due_ms + 50));
    for (int i = 0; i < 2; ++i) {
        world.transport.answer(200);
        world.executor.settle();
    }
    CHECK(world.gauge(Gauge::runs_waiting) == 0);
    CHECK(world.gauge(Gauge::runs_in_flight) == 0);
    CHECK(world.gauge(Gauge::oldest_due_unix_ms) == 0);
}

TEST_CASE("dispatch: an attempt is counted by its outcome and measured by its phases",
          "[dispatch]") {
    Measured world;
    world.accept("r_1");
    world.executor.pass(30);
    WireReply reply;
    reply.status = 503;
    reply.effect = Effect::unknown;
    reply.times.connect = 2;
    reply.times.wait = 20;
    world.transport.answer(world.transport.open.begin()->first, std::move(reply));
    world.executor.settle();
    CHECK(world.attempts() == std::map<std::string, std::uint64_t>{{"retryable", 1}});
    std::map<Histogram, double> sums;
    for (const auto& seen : world.meter.snapshot().histograms)
        sums[seen.name] = seen.sum;
    CHECK(sums == std::map<Histogram, double>{{Histogram::attempt_ms, 30},
                                              {Histogram::attempt_connect_ms, 2},
                                              {Histogram::attempt_wait_ms, 20}});
}
