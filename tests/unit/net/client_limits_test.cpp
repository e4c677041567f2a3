#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "client_fixture.hpp"
#include "net/channel.hpp"
#include "net/pool.hpp"
#include "net/resolver.hpp"
#include "net/tls.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
using signalbox::dispatch::Effect;
using signalbox::dispatch::Failure;
using signalbox::dispatch::WireReply;
namespace limits = signalbox::limits;

namespace {

/// A target whose one connection is in the test's own hands.
class HandedOver {
  public:
    HandedOver()
        : server_([this](Peer peer) {
              handed_.set_value(std::make_unique<Peer>(std::move(peer)));
              over_.get_future().get();
          }) {}
    ~HandedOver() { over_.set_value(); }
    std::string url() const { return server_.url(); }
    std::unique_ptr<Peer> peer() { return handed_.get_future().get(); }

  private:
    std::promise<std::unique_ptr<Peer>> handed_;
    std::promise<void> over_;
    ScriptedServer server_;
};

void allow_descriptors(rlim_t count) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= count) return;
    limit.rlim_cur = std::min(count, limit.rlim_max);
    REQUIRE(limit.rlim_cur >= count);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

bool still_open(const Peer& peer) {
    char byte = 0;
    return recv(peer.descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/// Owns channels until they are connected.
class Connector final : public ChannelOwner {
  public:
    void on_channel(Channel& channel, std::uint32_t) override {
        if (channel.finish_connecting() == Io::done) ++connected;
    }
    std::size_t connected = 0;
};

struct Session final : Poco::Net::Session {
    Session() : Poco::Net::Session(SSL_SESSION_new()) {}
};

}  // namespace

TEST_CASE("net: a reply that drips in for ever ends at the deadline to the millisecond", "[net]") {
    HandedOver target;
    ClientFixture fixture;
    auto request = request_to(target.url());
    request.timeout_ms = 1'000;
    auto pending = fixture.begin(request);
    const auto peer = target.peer();
    peer->read_message();
    peer->send_all_the_way("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    for (int i = 0; i < 9; ++i) {
        fixture.thread.catch_up();
        fixture.thread.advance(100);
        peer->send_all_the_way("x");
    }
    fixture.thread.advance(99);
    CHECK(pending.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    fixture.thread.advance(1);
    const WireReply reply = wait_for(pending);
    CHECK(reply.failure == Failure::timeout);
    CHECK(reply.effect == Effect::unknown);
    CHECK(reply.message.find("reading the reply") != std::string::npos);
    CHECK(reply.times.wait + reply.times.read == 1'000);
}

TEST_CASE("net: a reply that is reset in its body is told as cut off", "[net]") {
    HandedOver target;
    ClientFixture fixture;
    auto pending = fixture.begin(post_to(target.url(), "body"));
    const auto peer = target.peer();
    peer->read_message();
    peer->send_all_the_way("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    fixture.thread.catch_up();
    peer->reset();
    const WireReply reply = wait_for(pending);
    CHECK(reply.failure == Failure::truncated);
    CHECK(reply.effect == Effect::unknown);
    CHECK(reply.message.find("after 3 bytes of its body") != std::string::npos);
    CHECK(reply.message.find("reset") != std::string::npos);
}

TEST_CASE("net: the pool keeps as many idle connections to one origin as it may and no more",
          "[net]") {
    constexpr std::size_t most = limits::pool_idle_connections_max;
    allow_descriptors(2 * most + 256);
    std::vector<std::unique_ptr<Peer>> peers;
    std::atomic<std::size_t> accepted{0};
    ScriptedServer target(most + 1, [&](Peer peer, std::size_t) {
        peers.push_back(std::make_unique<Peer>(std::move(peer)));
        ++accepted;
    });
    LoopThread thread;
    Connector connector;
    std::unique_ptr<Pool> pool;
    const auto give_one = [&] {
        std::unique_ptr<Channel> channel;
        const std::size_t before = connector.connected;
        thread.run([&] {
            channel = std::make_unique<Channel>(thread.loop, "origin", connector);
            if (channel->connect(*Address::parse("127.0.0.1", target.port())) == Io::done) {
                ++connector.connected;
            }
        });
        REQUIRE(thread.eventually([&] { return connector.connected > before; }));
        thread.run([&] { pool->give(std::move(channel)); });
    };
    thread.run([&] { pool = std::make_unique<Pool>(thread.loop); });
    for (std::size_t i = 0; i < most + 1; ++i)
        give_one();
    REQUIRE(thread.eventually([&] { return accepted == most + 1; }));
    target.join();
    CHECK(peers[0]->read(1).empty());  // the one that was idle longest made room
    CHECK(still_open(*peers[1]));
    CHECK(still_open(*peers[most]));
    std::vector<std::unique_ptr<Channel>> taken;
    thread.run([&] {
        while (auto channel = pool->take("origin", limits::pool_idle_ms_max, {"127.0.0.0/8"}))
            taken.push_back(std::move(channel));
        CHECK(taken.size() == most);
        taken.clear();
        pool.reset();
    });
}

TEST_CASE("net: the kept names are as many as they may be and the stale ones go first", "[net]") {
    LoopThread thread;
    std::unique_ptr<Background> background;
    std::unique_ptr<Resolver> resolver;
    std::size_t answered = 0;
    const auto resolve = [&](const std::string& host) {
        const std::size_t before = answered;
        thread.run([&] { resolver->resolve(host, [&](const Resolver::Answer&) { ++answered; }); });
        REQUIRE(thread.eventually([&] { return answered > before; }));
    };
    const auto kept = [&](const std::string& host) {
        bool found = false;
        thread.run([&] { found = resolver->cached(host) != nullptr; });
        return found;
    };
    thread.run([&] {
        background = std::make_unique<Background>(thread.loop);
        resolver = std::make_unique<Resolver>(*background, thread.clock, [](const std::string&) {
            return Resolver::Answer{{*Address::parse("192.0.2.1", 0)}, {}};
        });
    });
    resolve("old");
    thread.advance(1);
    for (std::size_t i = 1; i < limits::dns_cache_names_max; ++i)
        resolve("name" + std::to_string(i));
    CHECK(kept("old"));
    thread.advance(limits::dns_cache_ms - 1);
    resolve("one more");  // the old one is stale, and its place is enough
    CHECK_FALSE(kept("old"));
    CHECK(kept("name1"));
    CHECK(kept("one more"));
    resolve("too many");  // nobody is stale
    CHECK_FALSE(kept("name1"));
    CHECK(kept("too many"));
    thread.run([&] {
        resolver.reset();
        background.reset();
    });
}

TEST_CASE("net: a name has as many addresses as are tried and no more", "[net]") {
    LoopThread thread;
    std::unique_ptr<Background> background;
    std::unique_ptr<Resolver> resolver;
    std::size_t count = 0;
    thread.run([&] {
        background = std::make_unique<Background>(thread.loop);
        resolver =
            std::make_unique<Resolver>(*background, thread.clock, [](const std::string& host) {
                Resolver::Answer answer;
                answer.addresses.assign(std::stoul(host), *Address::parse("192.0.2.1", 0));
                return answer;
            });
    });
    for (const std::size_t given : {limits::dns_addresses_max, limits::dns_addresses_max + 1}) {
        count = 0;
        thread.run([&] {
            resolver->resolve(std::to_string(given), [&](const Resolver::Answer& answer) {
                count = answer.addresses.size();
            });
        });
        REQUIRE(thread.eventually([&] { return count > 0; }));
        CHECK(count == limits::dns_addresses_max);
    }
    thread.run([&] {
        resolver.reset();
        background.reset();
    });
}

TEST_CASE("net: the sessions kept for resumption are as many as they may be", "[net]") {
    LoopThread thread;
    thread.run([&] {
        Background background(thread.loop);
        Tls tls(background, thread.clock, nullptr, {}, {});
        for (std::size_t i = 0; i < limits::tls_sessions_max; ++i)
            tls.keep_session(std::to_string(i), new Session);
        CHECK_FALSE(tls.session("0").isNull());
        tls.keep_session("one more", new Session);
        CHECK(tls.session("0").isNull());
        CHECK_FALSE(tls.session("one more").isNull());
    });
}
