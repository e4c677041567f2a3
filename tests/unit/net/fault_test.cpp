#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "client_fixture.hpp"
#include "net/client.hpp"
#include "net/round_end.hpp"
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

namespace {

struct Ender {
    explicit Ender(bool throws_at_the_end) : throws(throws_at_the_end) {}
    void round_ended() {
        ++calls;
        if (throws) throw std::runtime_error("end");
    }
    const bool throws;
    int calls = 0;
};

}  // namespace

TEST_CASE("net: a fault at a round's end takes nobody else's turn", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    int told = 0;
    loop.on_fault([&](const std::string&) { ++told; });
    RoundEnd<Ender> enders(loop);
    const auto before = std::make_shared<Ender>(false);
    const auto faulty = std::make_shared<Ender>(true);
    const auto after = std::make_shared<Ender>(false);
    loop.post([&] {
        for (const auto& ender : {before, faulty, after})
            enders.add(ender);
        CHECK(before->calls == 0);
        loop.post([&] { loop.stop(); });
    });
    loop.run();
    CHECK(told == 1);
    CHECK(before->calls == 1);
    CHECK(faulty->calls == 1);
    CHECK(after->calls == 1);
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
