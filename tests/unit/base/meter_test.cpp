#include "base/meter.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace signalbox;

TEST_CASE("base: figures are kept by name and labels and shown in order", "[base]") {
    Meter meter;
    meter.add(Counter::attempts, {"north", "accepted"}, 1);
    meter.add(Counter::attempts, {"north", "accepted"}, 2);
    meter.add(Counter::attempts, {"north", "retryable"}, 1);
    meter.add(Counter::attempts, {"east", "accepted"}, 5);
    meter.set(Gauge::runs_waiting, {"north", {}}, 3);
    meter.set(Gauge::runs_waiting, {"north", {}}, 1);
    const Meter::Snapshot shown = meter.snapshot();
    REQUIRE(shown.counters.size() == 3);
    CHECK(shown.counters[0].labels.connection == "east");
    CHECK(shown.counters[0].value == 5);
    CHECK(shown.counters[1].labels.outcome == "accepted");
    CHECK(shown.counters[1].value == 3);
    REQUIRE(shown.gauges.size() == 1);
    CHECK(shown.gauges[0].value == 1);
}

TEST_CASE("base: an observation falls into the bucket whose upper bound holds it", "[base]") {
    Meter meter;
    for (const double value : {0.5, 1.0, 1.01, 60'000.0, 60'001.0})
        meter.observe(Histogram::attempt_ms, {"north", "accepted"}, value);
    const Meter::Snapshot shown = meter.snapshot();
    REQUIRE(shown.histograms.size() == 1);
    const Meter::Distribution& seen = shown.histograms[0];
    CHECK(seen.buckets[0] == 2);
    CHECK(seen.buckets[1] == 1);
    CHECK(seen.buckets[Meter::bounds.size() - 1] == 1);
    CHECK(seen.buckets[Meter::bounds.size()] == 1);
    CHECK(seen.count == 5);
    CHECK(seen.sum == Approx(120'003.51));
}

TEST_CASE("base: a host's metrics sink is told everything", "[base]") {
    struct Host final : MetricsSink {
        int told = 0;
        void add(Counter, const MetricLabels&, std::uint64_t) override { ++told; }
        void set(Gauge, const MetricLabels&, double) override { ++told; }
        void observe(Histogram, const MetricLabels&, double) override { ++told; }
    } host;
    Meter meter(&host);
    meter.add(Counter::runs_accepted, {}, 1);
    meter.set(Gauge::runs_waiting, {}, 1);
    meter.observe(Histogram::attempt_ms, {}, 1);
    CHECK(host.told == 3);
    CHECK(meter.snapshot().counters.size() == 1);
}

TEST_CASE("base: each metric has a name of its own", "[base]") {
    std::set<std::string> names;
    for (int i = 0; i <= static_cast<int>(Counter::journal_operations); ++i)
        names.insert(metric_name(static_cast<Counter>(i)));
    for (int i = 0; i <= static_cast<int>(Gauge::runs_held_now); ++i)
        names.insert(metric_name(static_cast<Gauge>(i)));
    for (int i = 0; i <= static_cast<int>(Histogram::journal_batch_operations); ++i)
        names.insert(metric_name(static_cast<Histogram>(i)));
    CHECK(names.size() == 6 + 4 + 9);
}
