#include "net/pool.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "base/limits.hpp"
#include "net/channel.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
namespace limits = signalbox::limits;

namespace {

struct Nobody final : ChannelOwner {
    void on_channel(Channel& channel, std::uint32_t /*events*/) override {
        channel.finish_connecting();
    }
};

}  // namespace

TEST_CASE("net: a pool keeps as many connections to one origin as it may and drops the oldest",
          "[net]") {
    constexpr std::size_t kMax = limits::pool_idle_connections_max;
    ServerFixture fixture;
    Nobody nobody;
    std::vector<std::unique_ptr<Channel>> channels;
    std::unique_ptr<Pool> pool;
    const Address address = *Address::parse("127.0.0.1", fixture.server->port());
    fixture.thread.run([&] {
        pool = std::make_unique<Pool>(fixture.thread.loop);
        for (std::size_t i = 0; i <= kMax; ++i) {
            channels.push_back(std::make_unique<Channel>(fixture.thread.loop, "origin", nobody));
            channels.back()->connect(address);
        }
    });
    REQUIRE(fixture.eventually_connections(kMax + 1));
    fixture.thread.run([&] {
        for (std::size_t i = 0; i < kMax; ++i)
            pool->give(std::move(channels[i]));
    });
    CHECK(fixture.eventually_connections(kMax + 1));
    const Channel* newest = channels.back().get();
    fixture.thread.run([&] { pool->give(std::move(channels.back())); });
    CHECK(fixture.eventually_connections(kMax));
    fixture.thread.run([&] {
        const auto taken = pool->take("origin", limits::idle_reuse_ms_max, {"127.0.0.0/8"});
        CHECK(taken.get() == newest);
        CHECK(pool->take("another", limits::idle_reuse_ms_max, {"127.0.0.0/8"}) == nullptr);
        CHECK(pool->take("origin", limits::idle_reuse_ms_max, {}) == nullptr);
        pool.reset();
    });
}
