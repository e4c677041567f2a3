// SIGTERM with attempts under way, through a whole Signalbox.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <string>
#include <thread>

#include "support/raw_target.hpp"
#include "support/world.hpp"

using namespace signalbox::test;
using Socket = Poco::Net::StreamSocket;

TEST_CASE("faults: a stop takes nothing new and lets what is under way end", "[faults]") {
    std::atomic<bool> answers{false};
    RawTarget target([&answers](RawTarget& self, Socket& socket, int) {
        if (self.read_request(socket).empty()) return;
        while (!answers && !self.ending())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        RawTarget::accept(socket);
    });
    WorldOptions options;
    options.drain = "60s";
    options.clients = false;
    World world(options);
    world.use_target(target.url());
    world.start();
    std::set<std::string> accepted = {world.invoke("before")};
    world.terminate();
    // Until the stop has been heard, invocations are taken, and are not lost either.
    for (std::string id; !(id = world.invoke("late")).empty();)
        accepted.insert(id);
    CHECK(call(world.url(), "GET", "/healthz").status == 0);
    answers = true;
    CHECK(world.wait() == 0);
    CHECK_FALSE(target.received().empty());

    world.start();
    for (const std::string& id : accepted)
        CHECK(world.await(id, {"accepted", "held"}).text("run.phase") == "accepted");
    CHECK(target.received().size() == accepted.size());
    CHECK(world.stop() == 0);
}

TEST_CASE("faults: what has not ended when the time for a stop is over is held and the exit is 0",
          "[faults]") {
    RawTarget target([](RawTarget& self, Socket& socket, int) {
        self.read_request(socket);
        self.hang(socket);
    });
    WorldOptions options;
    options.drain = "200ms";
    World world(options);
    world.use_target(target.url());
    world.start();
    const std::string id = world.invoke("x");
    while (target.received().empty())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // between two looks
    CHECK(world.stop() == 0);
    world.start();
    const Called run = world.await(id, {"held"});
    CHECK(run.text("run.phase") == "held");
    CHECK(run.text("run.attempts.0.outcome") == "effect_unknown");
    CHECK(run.text("run.attempts.0.reason").find("cancelled") != std::string::npos);
    CHECK(target.received().size() == 1);
    CHECK(world.stop() == 0);
}
