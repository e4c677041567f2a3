#include "api/exposition.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;

TEST_CASE("metrics: a label's value is escaped as the format says", "[api]") {
    Meter meter;
    meter.add(Counter::attempts, {"a\"b\\c\nd", "accepted"}, 2);
    CHECK(api::exposition(meter.snapshot())
              .find("signalbox_attempts_total{connection=\"a\\\"b\\\\c\\nd\",outcome=\"accepted\"} "
                    "2\n") != std::string::npos);
}

TEST_CASE("metrics: buckets add up, and the last is the count", "[api]") {
    Meter meter;
    for (const double ms : {0.5, 3.0, 3.0, 70'000.0})
        meter.observe(Histogram::attempt_ms, {"contoso", "accepted"}, ms);
    const std::string text = api::exposition(meter.snapshot());
    const std::string labels = "{connection=\"contoso\",outcome=\"accepted\"";
    for (const char* line : {",le=\"1\"} 1\n", ",le=\"2.5\"} 1\n", ",le=\"5\"} 3\n",
                             ",le=\"60000\"} 3\n", ",le=\"+Inf\"} 4\n"}) {
        CHECK(text.find("signalbox_attempt_ms_bucket" + labels + line) != std::string::npos);
    }
    CHECK(text.find("signalbox_attempt_ms_count" + labels + "} 4\n") != std::string::npos);
    CHECK(text.find("signalbox_attempt_ms_sum" + labels + "} 70006.5\n") != std::string::npos);
}

TEST_CASE("metrics: every name has a text and a type, each once", "[api]") {
    Meter meter;
    for (const Counter counter : {Counter::invocations_rejected, Counter::invocations_replayed,
                                  Counter::rejections_dropped}) {
        meter.add(counter, {{}, "a"}, 1);
        meter.add(counter, {{}, "b"}, 1);
    }
    const std::string text = api::exposition(meter.snapshot());
    for (const char* name :
         {"signalbox_invocations_rejected_total", "signalbox_invocations_replayed_total",
          "signalbox_rejections_dropped_total"}) {
        const std::string type = "# TYPE " + std::string(name) + " counter\n";
        const std::size_t first = text.find(type);
        CHECK(first != std::string::npos);
        CHECK(text.find(type, first + 1) == std::string::npos);
        CHECK(text.find("# HELP " + std::string(name) + " ") < first);
    }
}
