#include "net/timers.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using signalbox::TimerId;
using signalbox::net::Timers;

TEST_CASE("net: timers run by deadline and then in the order of arming", "[net]") {
    Timers timers;
    std::string order;
    timers.add(20, [&] { order += 'c'; });
    timers.add(10, [&] { order += 'a'; });
    timers.add(10, [&] { order += 'b'; });
    timers.add(21, [&] { order += 'd'; });
    timers.run_due(9);
    CHECK(order.empty());
    timers.run_due(20);
    CHECK(order == "abc");
    CHECK(timers.next_ms() == 21);
}

TEST_CASE("net: a cancelled timer does not run and its name is not used for another", "[net]") {
    Timers timers;
    bool first = false;
    bool second = false;
    const TimerId old = timers.add(10, [&] { first = true; });
    timers.cancel(old);
    const TimerId fresh = timers.add(10, [&] { second = true; });
    CHECK(fresh != old);
    timers.cancel(old);
    timers.cancel(0);
    timers.cancel(~TimerId{0});
    timers.run_due(10);
    CHECK_FALSE(first);
    CHECK(second);
    CHECK_FALSE(timers.next_ms());
}

TEST_CASE("net: a hundred thousand timers set and cancelled leave nothing behind", "[net]") {
    Timers timers;
    const TimerId kept = timers.add(5, [] {});
    std::size_t most = 0;
    for (int i = 0; i < 100'000; ++i) {
        timers.cancel(timers.add(1'000 + i, [] {}));
        most = std::max(most, timers.entries());
    }
    CHECK(timers.armed() == 1);
    CHECK(most <= 128);
    timers.cancel(kept);
    CHECK(timers.armed() == 0);
}

TEST_CASE("net: a timer armed for now inside a timer waits for the next round", "[net]") {
    Timers timers;
    int runs = 0;
    std::function<void()> again = [&] {
        ++runs;
        timers.add(0, again);
    };
    timers.add(0, again);
    timers.run_due(100);
    CHECK(runs == 1);
    timers.run_due(100);
    CHECK(runs == 2);
}

TEST_CASE("net: a timer may cancel one that is due in the same round", "[net]") {
    Timers timers;
    bool ran = false;
    TimerId victim = 0;
    timers.add(1, [&] { timers.cancel(victim); });
    victim = timers.add(2, [&] { ran = true; });
    timers.run_due(5);
    CHECK_FALSE(ran);
}
