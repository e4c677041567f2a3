// W3C Trace Context: taken in with an invocation, kept with the run, passed on with each attempt.
#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <utility>

#include "support/receiver.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

const std::string kId = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kParent = "00-" + kId + "-00f067aa0ba902b7-01";

/// A target that fails once and then takes what it gets as the webhook of Azure does.
Receiver failing_once() {
    return Receiver([failed = std::make_shared<bool>(false)](const Receiver::Received&) {
        if (!std::exchange(*failed, true)) return Receiver::Reply{429, {}, "later"};
        return Receiver::Reply{200, {{"Content-Type", "application/json"}}, "{}"};
    });
}

std::string invoke(World& world, const std::string& traceparent) {
    std::map<std::string, std::string> headers;
    if (!traceparent.empty()) headers["traceparent"] = traceparent;
    return world.invoke("x", headers);
}

}  // namespace

TEST_CASE("trace: a run belongs to its caller's trace and each attempt tells the target so",
          "[integration]") {
    World world;
    const Receiver target = failing_once();
    world.use_target(target.url());
    world.start();
    const std::string id = invoke(world, kParent);
    const Called run = world.await(id, {"accepted", "held", "finished"});
    CHECK(run.text("run.traceId") == kId);
    const auto received = target.received();
    REQUIRE(received.size() == 2);
    std::set<std::string> spans;
    for (const auto& each : received) {
        const std::string sent = each.headers.at("traceparent");
        REQUIRE(sent.size() == 55);
        CHECK(sent.substr(0, 36) == "00-" + kId + "-");
        CHECK(sent.substr(52) == "-01");
        spans.insert(sent.substr(36, 16));
    }
    CHECK(spans.size() == 2);
    CHECK(spans.count("00f067aa0ba902b7") == 0);
    // What was sent is on record as it was sent, and the road says whereto.
    const Called shown = world.as("ops", "GET", "/v1/actions/runs/" + id + "?request=true");
    CHECK(shown.body.find(received[0].headers.at("traceparent")) != std::string::npos);
    CHECK(shown.body.find(received[1].headers.at("traceparent")) != std::string::npos);
    CHECK("http://" + shown.text("run.attempts.0.address") == target.url());
    CHECK(shown.text("run.attempts.0.tlsVersion").empty());
    // The failed attempt's line in the log stands in the same trace.
    CHECK(world.log().find("\"run\":\"" + id + "\",\"trace\":\"" + kId + "\"") !=
          std::string::npos);
    const Ran road = world.cli({"runs", "show", id});
    CHECK(road.output.find(kId) != std::string::npos);
    CHECK(road.output.find("to " + shown.text("run.attempts.0.address")) != std::string::npos);
    CHECK(road.output.find("next attempt at") != std::string::npos);
}

TEST_CASE("trace: a broken traceparent is left out and a new trace begins", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    std::set<std::string> ids;
    for (const std::string& broken : {std::string(), kParent.substr(1), "ff" + kParent.substr(2),
                                      kParent + "-more"}) {
        const Called run = world.await(invoke(world, broken), {"accepted"});
        CHECK(run.text("run.phase") == "accepted");  // the strict stand-in took our header
        const std::string trace = run.text("run.traceId");
        CHECK(trace.size() == 32);
        CHECK(trace != kId);
        ids.insert(trace);
    }
    CHECK(ids.size() == 4);
}

TEST_CASE("trace: a connection that says false passes nothing on", "[integration]") {
    World world;
    const Receiver target([](const Receiver::Received&) { return Receiver::Reply{200, {}, "{}"}; });
    world.use_target(target.url());
    std::string config = world.folder().read("signalbox.yaml");
    config.insert(config.find("    on_unknown:"), "    trace: false\n");
    world.folder().write("signalbox.yaml", config);
    world.start();
    const std::string id = invoke(world, kParent);
    world.await(id, {"accepted", "held", "finished"});
    REQUIRE(target.received().size() == 1);
    CHECK(target.received()[0].headers.count("traceparent") == 0);
    CHECK(world.as("ops", "GET", "/v1/actions/runs/" + id).text("run.traceId") == kId);
}
