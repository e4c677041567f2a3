#include "base/trace.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace signalbox;

namespace {

const std::string kId = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00f067aa0ba902b7";
const std::string kSound = "00-" + kId + "-" + kParent + "-01";

}  // namespace

TEST_CASE("trace: a sound traceparent is read and kept", "[base]") {
    const auto trace = parse_traceparent(kSound);
    REQUIRE(trace);
    CHECK(trace_id(*trace) == kId);
    CHECK(trace->sampled);
    const std::string kept = trace_bytes(*trace);
    CHECK(kept.size() == 17);
    CHECK(trace_of(kept, "r_1") == *trace);
    CHECK_FALSE(parse_traceparent("00-" + kId + "-" + kParent + "-00")->sampled);
    // Of the flags only the one that version 00 knows is looked at.
    CHECK(parse_traceparent("00-" + kId + "-" + kParent + "-ff")->sampled);
}

TEST_CASE("trace: a later version is read by what it has in common with 00", "[base]") {
    CHECK(parse_traceparent("cc-" + kId + "-" + kParent + "-01"));
    CHECK(parse_traceparent("cc-" + kId + "-" + kParent + "-01-what-comes"));
    CHECK_FALSE(parse_traceparent("cc-" + kId + "-" + kParent + "-01what-comes"));
    CHECK_FALSE(parse_traceparent("00-" + kId + "-" + kParent + "-01-what-comes"));
}

TEST_CASE("trace: what the specification calls invalid begins a new trace", "[base]") {
    const std::string zeros(32, '0');
    for (const std::string& broken :
         {std::string(), kSound.substr(0, 54), kSound + " ", " " + kSound, kSound + "-",
          "ff-" + kId + "-" + kParent + "-01", "0-" + kId + "-" + kParent + "-001",
          "00-" + zeros + "-" + kParent + "-01", "00-" + kId + "-0000000000000000-01",
          "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kParent + "-01",
          "00-" + kId + "-" + kParent + "-0x", "00-" + kId + "-" + kParent + "-.1",
          "00_" + kId + "-" + kParent + "-01", "00-" + kId + "_" + kParent + "-01",
          "00-" + kId + "-" + kParent + "_01", "00-" + kId.substr(1) + "-" + kParent + "-011"}) {
        CAPTURE(broken);
        CHECK_FALSE(parse_traceparent(broken));
    }
}

TEST_CASE("trace: without one that came, it follows from the run's id", "[base]") {
    const Trace trace = trace_of("", "r_01jk3v9s6fxq7w8e2t5n4m1b0c");
    CHECK(trace == trace_of("", "r_01jk3v9s6fxq7w8e2t5n4m1b0c"));
    CHECK(parse_traceparent(traceparent(trace, "r_01jk3v9s6fxq7w8e2t5n4m1b0c", 1)) == trace);
    // Ids that one millisecond made differ in their last digits.
    std::set<std::string> ids;
    for (int i = 0; i < 1'000; ++i)
        ids.insert(trace_id(trace_of("", "r_01jk3v9s6fxq7w8e2t5n4m1" + std::to_string(i))));
    CHECK(ids.size() == 1'000);
}

TEST_CASE("trace: each attempt of each run has a span of its own in the run's trace", "[base]") {
    const auto trace = *parse_traceparent(kSound);
    std::set<std::string> spans;
    for (const char* run : {"r_1", "r_2"}) {
        for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
            const std::string sent = traceparent(trace, run, attempt);
            CHECK(parse_traceparent(sent) == trace);
            spans.insert(sent.substr(36, 16));
        }
    }
    CHECK(spans.size() == 6);
    CHECK(spans.count(kParent) == 0);
    CHECK(traceparent(trace, "r_1", 1) == traceparent(trace, "r_1", 1));
}
