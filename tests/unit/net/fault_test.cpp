#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "client_fixture.hpp"
#include "net/client.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;

TEST_CASE("net: a fault in a task or a timer or a callback is told and the loop goes on", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    std::vector<std::string> told;
    loop.on_fault([&](const std::string& what) { told.push_back(what); });
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    REQUIRE(write(ends[1], "x", 1) == 1);
    loop.watch(ends[0], EPOLLIN, [](std::uint32_t) { throw std::runtime_error("callback"); });
    loop.at(0, [] { throw std::runtime_error("timer"); });
    bool second_timer = false;
    loop.at(1, [&] { second_timer = true; });
    loop.post([] { throw 7; });
    bool next_task = false;
    loop.post([&] {
        next_task = true;
        // Two rounds on, the descriptor that still is readable would have been told of again.
        loop.post([&] { loop.post([&] { loop.stop(); }); });
    });
    loop.run();
    std::sort(told.begin(), told.end());
    CHECK(told ==
          std::vector<std::string>{"an exception that is no std::exception", "callback", "timer"});
    CHECK(next_task);
    CHECK(second_timer);
    close(ends[0]);
    close(ends[1]);
}

TEST_CASE("net: without anybody to tell a fault leaves the loop", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    loop.post([] { throw std::runtime_error("fault"); });
    CHECK_THROWS_WITH(loop.run(), "fault");
}

TEST_CASE("net: a handler that throws loses its connection and no other", "[net]") {
    std::vector<std::string> told;
    ServerFixture fixture({}, [&](const std::string& what) { told.push_back(what); });
    const auto echo = fixture.answer;
    fixture.thread.run([&] {
        fixture.answer = [echo](const Request& request, Respond respond) {
            if (request.target == "/fault") throw std::runtime_error("handler");
            echo(request, std::move(respond));
        };
    });
    Peer other = fixture.connect_and_wait(1);
    Peer faulty = fixture.connect_and_wait(2);
    faulty.send(get("/fault"));
    CHECK(faulty.read_to_end().empty());
    CHECK(fixture.eventually_connections(1));
    other.send(get("/fine"));
    CHECK(body_of(other.read_message()) == "/fine|");
    fixture.thread.run([&] { CHECK(told == std::vector<std::string>{"handler"}); });
}
