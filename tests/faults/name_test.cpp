// A name that does not resolve, then does, through a whole Signalbox and the system's own resolver.
#include <catch2/catch.hpp>
#include <string>

#include "support/raw_target.hpp"
#include "support/world.hpp"

using namespace signalbox::test;
using Socket = Poco::Net::StreamSocket;

TEST_CASE("faults: a target whose name does not resolve gets its run once it does", "[faults]") {
    RawTarget target([](RawTarget& self, Socket& socket, int) {
        if (!self.read_request(socket).empty()) RawTarget::accept(socket);
    });
    WorldOptions options;
    options.retry = "{ attempts: 100, first: 500ms, factor: 1, cap: 1s, jitter: 0 }";
    World world(options);
    // `.invalid` never resolves (RFC 6761); `localhost` does, with or without a network.
    const std::string port = target.url().substr(target.url().rfind(':'));
    world.use_target("http://signalbox.invalid" + port);
    world.start();
    const std::string id = world.invoke("x");
    Called run;
    do {
        run = world.await(id, {"retrying"});
    } while (run.text("run.attempts.1.outcome").empty());
    CHECK(run.text("run.attempts.0.outcome") == "retryable");
    CHECK(run.text("run.attempts.0.reason").find("signalbox.invalid") != std::string::npos);
    CHECK(target.connections() == 0);

    world.use_target("http://localhost" + port);
    REQUIRE(world.as("ops", "POST", "/v1/reload").status == 200);
    CHECK(world.await(id, {"accepted", "held", "finished"}).text("run.phase") == "accepted");
    CHECK(target.received().size() == 1);
    CHECK(world.stop() == 0);
}
