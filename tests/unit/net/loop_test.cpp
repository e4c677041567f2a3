#include "net/loop.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <future>
#include <thread>
#include <vector>

#include "support.hpp"

using namespace signalbox::net;
using signalbox::net::test::LoopThread;
using signalbox::net::test::ManualClock;

namespace {

struct Pair {
    std::array<int, 2> ends{-1, -1};
    Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
    ~Pair() {
        close(ends[0]);
        close(ends[1]);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
};

}  // namespace

TEST_CASE("net: the loop runs what several threads post and each thread's in order", "[net]") {
    LoopThread thread;
    constexpr int kThreads = 4;
    constexpr int kTasks = 5'000;
    std::array<int, kThreads> seen{};
    bool in_order = true;
    std::vector<std::thread> posters;
    for (std::size_t t = 0; t < kThreads; ++t) {
        posters.emplace_back([&, t] {
            for (int i = 0; i < kTasks; ++i) {
                thread.loop.post([&, t, i] { in_order = in_order && seen[t]++ == i; });
            }
        });
    }
    for (auto& poster : posters)
        poster.join();
    int total = 0;
    thread.run([&] {
        for (const int count : seen)
            total += count;
    });
    CHECK(total == kThreads * kTasks);
    CHECK(in_order);
}

TEST_CASE("net: the loop runs a timer when the clock has reached it and not before", "[net]") {
    LoopThread thread;
    int runs = 0;
    thread.run([&] {
        thread.loop.at(thread.clock.steady_ms() + 100, [&] { ++runs; });
        thread.loop.cancel(thread.loop.at(thread.clock.steady_ms() + 100, [&] { runs += 10; }));
    });
    thread.advance(99);
    int before = -1;
    thread.run([&] { before = runs; });
    CHECK(before == 0);
    thread.advance(1);
    int after = -1;
    thread.run([&] { after = runs; });
    CHECK(after == 1);
}

TEST_CASE("net: what is left for a round's end runs after its tasks and before the loop sleeps",
          "[net]") {
    ManualClock clock;
    Loop loop(clock);
    std::vector<int> order;
    loop.post([&] {
        loop.at_round_end([&] {
            order.push_back(3);
            // No timer and no task: a loop that slept now would never wake.
            loop.at_round_end([&] {
                order.push_back(4);
                loop.stop();
            });
        });
        order.push_back(1);
    });
    loop.post([&] { order.push_back(2); });
    loop.run();
    CHECK(order == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("net: what was left for a round's end before the loop ran runs before it sleeps", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    loop.at_round_end([&] { loop.stop(); });
    loop.run();
    SUCCEED("the loop did not sleep on it");
}

TEST_CASE("net: a task left from another thread for a round's end runs as one that is posted", "[net]") {
    LoopThread thread;
    std::promise<std::thread::id> ran;
    // The loop sleeps, and nothing else would wake it.
    thread.loop.at_round_end([&] { ran.set_value(std::this_thread::get_id()); });
    const std::thread::id runs_on = ran.get_future().get();
    std::thread::id own;
    thread.run([&] { own = std::this_thread::get_id(); });
    CHECK(runs_on == own);
}

TEST_CASE("net: a crowd of callers has its turns in order and between them what was begun goes on", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    constexpr std::size_t kCallers = 3 * Loop::callers_per_round + 1;
    std::array<Pair, kCallers> callers;
    Pair begun;
    std::vector<std::size_t> turns;            // of the callers, by their number
    std::vector<std::size_t> turns_at_rounds;  // how many there had been when what was begun had its own
    for (std::size_t i = 0; i < kCallers; ++i) {
        loop.watch_caller(callers[i].ends[0], EPOLLIN, [&, i](std::uint32_t) { turns.push_back(i); });
        REQUIRE(write(callers[i].ends[1], "x", 1) == 1);
    }
    loop.watch(begun.ends[0], EPOLLIN, [&](std::uint32_t) {
        turns_at_rounds.push_back(turns.size());
        if (turns_at_rounds.size() == 6) loop.stop();
    });
    REQUIRE(write(begun.ends[1], "x", 1) == 1);
    loop.run();
    const std::size_t most = Loop::callers_per_round;
    CHECK(turns_at_rounds == std::vector<std::size_t>{0, most, 2 * most, 3 * most, 4 * most, 5 * most});
    for (std::size_t i = 0; i < turns.size(); ++i)
        CHECK(turns[i] == i % kCallers);
}

TEST_CASE("net: a caller that is forgotten is not told what the round had for it", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    Pair caller;
    Pair begun;
    int told = 0;
    loop.watch_caller(caller.ends[0], EPOLLIN, [&](std::uint32_t) { ++told; });
    loop.watch(begun.ends[0], EPOLLIN, [&](std::uint32_t) {
        loop.forget(caller.ends[0]);
        loop.stop();
    });
    REQUIRE(write(caller.ends[1], "x", 1) == 1);
    REQUIRE(write(begun.ends[1], "x", 1) == 1);
    loop.run();
    CHECK(told == 0);
}

TEST_CASE("net: the loop stops after the round and drops what is posted later", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    bool same_round = false;
    bool later = false;
    auto token = std::make_shared<int>(1);
    loop.post([&] {
        loop.stop();
        loop.post([&later, token] { later = true; });
    });
    loop.post([&] { same_round = true; });
    loop.run();
    CHECK(same_round);
    CHECK_FALSE(later);
    CHECK(token.use_count() == 1);
    loop.run();
    CHECK_FALSE(later);
}

TEST_CASE("net: a descriptor forgotten in a round is not told what that round had for it",
          "[net]") {
    ManualClock clock;
    Loop loop(clock);
    Pair one;
    Pair two;
    int told = 0;
    for (const int end : {one.ends[0], two.ends[0]}) {
        loop.watch(end, EPOLLIN, [&](std::uint32_t) {
            ++told;
            loop.forget(one.ends[0]);
            loop.forget(two.ends[0]);
            loop.stop();
        });
    }
    REQUIRE(write(one.ends[1], "x", 1) == 1);
    REQUIRE(write(two.ends[1], "x", 1) == 1);
    loop.run();
    CHECK(told == 1);
}

TEST_CASE("net: a reused descriptor number gets no event of its former owner", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    Pair one;
    Pair two;
    int stale = 0;
    int first = 0;
    const auto forget_both_and_watch_again = [&](std::uint32_t) {
        if (++first > 1) return;
        for (const int end : {one.ends[0], two.ends[0]}) {
            loop.forget(end);
            loop.watch(end, EPOLLOUT | EPOLLET, [&](std::uint32_t events) {
                if ((events & EPOLLOUT) == 0) ++stale;
                loop.stop();
            });
        }
    };
    loop.watch(one.ends[0], EPOLLIN, forget_both_and_watch_again);
    loop.watch(two.ends[0], EPOLLIN, forget_both_and_watch_again);
    REQUIRE(write(one.ends[1], "x", 1) == 1);
    REQUIRE(write(two.ends[1], "x", 1) == 1);
    loop.run();
    CHECK(first == 1);
    CHECK(stale == 0);
}

TEST_CASE("net: a changed interest is what the loop reports", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    Pair pair;
    std::vector<std::uint32_t> seen;
    loop.watch(pair.ends[0], EPOLLIN, [&](std::uint32_t events) {
        seen.push_back(events);
        if (seen.size() == 1) {
            loop.change(pair.ends[0], EPOLLOUT);
        } else {
            loop.stop();
        }
    });
    REQUIRE(write(pair.ends[1], "x", 1) == 1);
    loop.run();
    CHECK(seen == std::vector<std::uint32_t>{EPOLLIN, EPOLLOUT});
}

TEST_CASE("net: a write to a broken pipe inside the loop raises no signal during or after it",
          "[net]") {
    std::thread host([] {
        sigset_t none;
        sigemptyset(&none);
        pthread_sigmask(SIG_SETMASK, &none, nullptr);
        ManualClock clock;
        Loop loop(clock);
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0) return;
        close(ends[0]);
        loop.post([&] {
            [[maybe_unused]] const auto ignored = write(ends[1], "x", 1);
            loop.stop();
        });
        loop.run();
        close(ends[1]);
    });
    host.join();
    SUCCEED("the process is still here");
}
