#include "net/resolver.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <string>

#include "base/limits.hpp"
#include "support.hpp"

using namespace signalbox::net;
using signalbox::net::test::LoopThread;
namespace limits = signalbox::limits;

namespace {

/// A lookup that waits until it is let go.
struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    int entered = 0;
    int left = 0;

    Resolver::Answer pass() {
        std::unique_lock lock(mutex);
        ++entered;
        changed.notify_all();
        changed.wait(lock, [this] { return open; });
        ++left;
        changed.notify_all();
        return {{*Address::parse("192.0.2.1", 0)}, {}};
    }
    void wait_for(const int& counter, int count) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return counter >= count; });
    }
    void let_go() {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }
};

}  // namespace

TEST_CASE("net: names are looked up once for all who ask and kept for a while", "[net]") {
    LoopThread thread;
    auto lookups = std::make_shared<std::atomic<int>>(0);
    auto gate = std::make_shared<Gate>();
    std::unique_ptr<Background> background;
    std::unique_ptr<Resolver> resolver;
    int answers = 0;
    thread.run([&] {
        background = std::make_unique<Background>(thread.loop);
        resolver = std::make_unique<Resolver>(
            *background, thread.clock, [lookups, gate](const std::string& host) {
                ++*lookups;
                return host == "bad" ? Resolver::Answer{{}, "no such name"} : gate->pass();
            });
        CHECK(resolver->cached("good") == nullptr);
        for (int i = 0; i < 3; ++i) {
            resolver->resolve("good", [&](const Resolver::Answer& answer) {
                answers += answer.addresses.size() == 1 ? 1 : 100;
            });
        }
        CHECK(answers == 0);
    });
    gate->let_go();
    REQUIRE(thread.eventually([&] { return answers == 3; }));
    CHECK(*lookups == 1);
    thread.run([&] { CHECK(resolver->cached("good") != nullptr); });
    thread.advance(limits::dns_cache_ms - 1);
    thread.run([&] { CHECK(resolver->cached("good") != nullptr); });
    thread.advance(1);
    thread.run([&] { CHECK(resolver->cached("good") == nullptr); });

    std::string problem;
    thread.run([&] {
        resolver->resolve("bad", [&](const Resolver::Answer& answer) { problem = answer.problem; });
    });
    REQUIRE(thread.eventually([&] { return !problem.empty(); }));
    CHECK(problem == "no such name");
    thread.run([&] {
        CHECK(resolver->cached("bad") == nullptr);
        resolver.reset();
        background.reset();
    });
}

TEST_CASE("net: a resolver ends while a lookup hangs and the late answer reaches nobody", "[net]") {
    auto gate = std::make_shared<Gate>();
    bool answered = false;
    {
        LoopThread thread;
        std::unique_ptr<Background> background;
        std::unique_ptr<Resolver> resolver;
        thread.run([&] {
            background = std::make_unique<Background>(thread.loop);
            resolver = std::make_unique<Resolver>(
                *background, thread.clock, [gate](const std::string&) { return gate->pass(); });
            resolver->resolve("hangs", [&](const Resolver::Answer&) { answered = true; });
        });
        gate->wait_for(gate->entered, 1);
        thread.run([&] {
            resolver.reset();
            background.reset();
        });
    }
    gate->let_go();
    gate->wait_for(gate->left, 1);
    CHECK_FALSE(answered);
}

TEST_CASE("net: as many names are kept as the limit says and no more", "[net]") {
    LoopThread thread;
    std::unique_ptr<Background> background;
    std::unique_ptr<Resolver> resolver;
    std::size_t answered = 0;
    const auto name = [](std::size_t number) { return "host" + std::to_string(number); };
    const auto look_up = [&](std::size_t number) {
        resolver->resolve(name(number), [&](const Resolver::Answer&) { ++answered; });
    };
    const auto kept = [&] {
        std::size_t count = 0;
        for (std::size_t i = 0; i <= limits::dns_cache_names_max; ++i)
            count += resolver->cached(name(i)) != nullptr ? 1 : 0;
        return count;
    };
    thread.run([&] {
        background = std::make_unique<Background>(thread.loop);
        resolver = std::make_unique<Resolver>(*background, thread.clock, [](const std::string&) {
            return Resolver::Answer{{*Address::parse("192.0.2.1", 0)}, {}};
        });
        for (std::size_t i = 0; i < limits::dns_cache_names_max; ++i)
            look_up(i);
    });
    REQUIRE(thread.eventually([&] { return answered == limits::dns_cache_names_max; }));
    thread.run([&] {
        CHECK(kept() == limits::dns_cache_names_max);
        look_up(limits::dns_cache_names_max);
    });
    REQUIRE(thread.eventually([&] { return answered == limits::dns_cache_names_max + 1; }));
    thread.run([&] {
        CHECK(kept() == 1);  // all were fresh, so the new one begins anew
        CHECK(resolver->cached(name(limits::dns_cache_names_max)) != nullptr);
        resolver.reset();
        background.reset();
    });
}

TEST_CASE("net: the system knows localhost", "[net]") {
    const Resolver::Answer answer = Resolver::look_up_in_system("localhost");
    CHECK_FALSE(answer.addresses.empty());
    CHECK(answer.problem.empty());
}

TEST_CASE("net: the system's resolver says why a name has no address", "[net]") {
    // `.invalid` never exists (RFC 6761), with or without a network.
    const Resolver::Answer nobody = Resolver::look_up_in_system("signalbox.invalid");
    CHECK(nobody.addresses.empty());
    CHECK_FALSE(nobody.problem.empty());
    const Resolver::Answer here = Resolver::look_up_in_system("localhost");
    CHECK_FALSE(here.addresses.empty());
    CHECK(here.problem.empty());
}
