#include <atomic>
#include <catch2/catch.hpp>
#include <string>

#include "base/limits.hpp"
#include "client_fixture.hpp"
#include "net/client.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
using signalbox::dispatch::Failure;
using signalbox::dispatch::WireReply;
using signalbox::dispatch::WireRequest;
namespace limits = signalbox::limits;

namespace {

/// A target that answers on each connection for as long as it is asked, and counts the connections.
class Echo {
  public:
    explicit Echo(std::size_t connections)
        : server_(connections, [this](Peer peer, std::size_t) {
              ++connections_;
              while (!peer.read_message().empty())
                  peer.send(ok_with("x"));
          }) {}
    std::string url() const { return server_.url(); }
    int connections() const { return connections_; }

  private:
    std::atomic<int> connections_{0};
    ScriptedServer server_;
};

WireRequest repeatable(const std::string& url) {
    WireRequest request = request_to(url);
    request.once = false;
    return request;
}

}  // namespace

TEST_CASE("net: a connection is used again while it was idle for a short time only", "[net]") {
    Echo target(2);
    ClientFixture fixture;
    CHECK(fixture.send(request_to(target.url())).failure == Failure::none);
    fixture.thread.advance(limits::idle_reuse_ms_max - 1);
    const WireReply again = fixture.send(request_to(target.url()));
    CHECK(again.failure == Failure::none);
    CHECK(again.times.connect < 0);
    CHECK_FALSE(again.address.empty());
    CHECK(target.connections() == 1);
    fixture.thread.advance(limits::idle_reuse_ms_max);
    // A request that may be sent twice may use what one that may not cannot.
    CHECK(fixture.send(repeatable(target.url())).times.connect < 0);
    fixture.thread.advance(limits::idle_reuse_ms_max);
    auto pending = fixture.begin(request_to(target.url()));
    fixture.thread.catch_up();
    fixture.thread.run([&] { fixture.client.reset(); });
    CHECK(wait_for(pending).times.connect >= 0);
}

TEST_CASE("net: a connection idle for too long is closed", "[net]") {
    std::promise<void> ended;
    ScriptedServer target([&](Peer peer) {
        peer.read_message();
        peer.send(ok_with("x"));
        if (peer.read_to_end().empty()) ended.set_value();
    });
    ClientFixture fixture;
    CHECK(fixture.send(repeatable(target.url())).failure == Failure::none);
    fixture.thread.advance(limits::pool_idle_ms_max - 1);
    auto future = ended.get_future();
    CHECK(future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    fixture.thread.advance(1);
    CHECK(future.wait_for(std::chrono::seconds(60)) == std::future_status::ready);
}

TEST_CASE("net: a connection that its peer ended or spoke on is not used again", "[net]") {
    for (const std::string& unasked : {std::string(), ok_with("unasked")}) {
        int served = 0;
        std::promise<void> spoken;
        ScriptedServer target(2, [&](Peer peer, std::size_t number) {
            peer.read_message();
            ++served;
            peer.send(ok_with(std::to_string(number)));
            if (number > 0) return;
            if (unasked.empty()) {
                peer.end_sending();
            } else {
                peer.send_all_the_way(unasked);
            }
            spoken.set_value();
        });
        ClientFixture fixture;
        CHECK(fixture.send(request_to(target.url())).body == "0");
        spoken.get_future().get();
        // The loop does not get to see it before the next request: only the peek can.
        CHECK(fixture.send(request_to(target.url())).body == "1");
        target.join();
        CHECK(served == 2);
    }
}

TEST_CASE("net: a connection is not used again after a reply that ends it or runs over", "[net]") {
    for (const std::string& first :
         {std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n0"),
          ok_with("0") + "more", std::string("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n0")}) {
        ScriptedServer target(2, [&](Peer peer, std::size_t number) {
            peer.read_message();
            peer.send(number == 0 ? first : ok_with("1"));
            if (number == 0) peer.read_to_end();
        });
        ClientFixture fixture;
        CHECK(fixture.send(request_to(target.url())).body == "0");
        CHECK(fixture.send(request_to(target.url())).body == "1");
    }
}

TEST_CASE("net: a request is never sent again when a reused connection breaks", "[net]") {
    std::atomic<int> requests{0};
    ScriptedServer target(2, [&](Peer peer, std::size_t) {
        while (!peer.read_message().empty()) {
            if (++requests == 2) return peer.reset();
            peer.send(ok_with("x"));
        }
    });
    ClientFixture fixture;
    CHECK(fixture.send(repeatable(target.url())).failure == Failure::none);
    const WireReply reply = fixture.send(repeatable(target.url()));
    CHECK(reply.failure == Failure::no_reply);
    CHECK(reply.times.connect < 0);
    CHECK(requests == 2);
}

TEST_CASE("net: egress rules hold for a pooled connection too", "[net]") {
    Echo target(1);
    ClientFixture fixture;
    CHECK(fixture.send(request_to(target.url())).failure == Failure::none);
    WireRequest request = request_to(target.url());
    request.egress_allow.clear();
    CHECK(fixture.send(request).failure == Failure::refused);
    CHECK(fixture.send(request_to(target.url())).failure == Failure::none);
    CHECK(target.connections() == 1);
    fixture.thread.run([&] { fixture.client.reset(); });
}

TEST_CASE("net: two exchanges at a time have two connections", "[net]") {
    ScriptedServer target(2, [&, first = std::make_shared<std::vector<Peer>>()](
                                 Peer peer, std::size_t number) mutable {
        peer.read_message();
        if (number == 0) return first->push_back(std::move(peer));
        first->front().send(ok_with("first"));
        peer.send(ok_with("second"));
    });
    ClientFixture fixture;
    auto one = fixture.begin(request_to(target.url()));
    auto two = fixture.begin(request_to(target.url()));
    CHECK(wait_for(one).body == "first");
    CHECK(wait_for(two).body == "second");
}
