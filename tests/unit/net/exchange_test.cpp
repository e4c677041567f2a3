#include "net/exchange.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "client_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
using signalbox::dispatch::Failure;
using signalbox::dispatch::WireReply;

namespace {

using Literals = std::vector<std::string>;

/// A client whose names mean what the test says, for one exchange at a time.
class ScriptedCore final : public ClientCore {
  public:
    ScriptedCore(Loop& the_loop, Literals literals)
        : ScriptedCore(the_loop, std::make_shared<Literals>(std::move(literals))) {}
    /// `literals` may be changed while no exchange is under way.
    ScriptedCore(Loop& the_loop, std::shared_ptr<const Literals> literals)
        : ClientCore(the_loop, {}, [literals = std::move(literals)](const std::string&) {
              Resolver::Answer answer;
              for (const std::string& each : *literals) {
                  answer.addresses.push_back(*Address::parse(each, 0));
              }
              if (literals->empty()) answer.problem = "no such name";
              return answer;
          }) {}

    std::future<WireReply> begin(const std::string& url) {
        reply_ = {};
        exchange_ = std::make_shared<Exchange>(*this, 1, request_to(url), nullptr);
        exchange_->start();
        return reply_.get_future();
    }
    void finished(Exchange& exchange) override { reply_.set_value(std::move(exchange.reply())); }

  private:
    std::shared_ptr<Exchange> exchange_;
    std::promise<WireReply> reply_;
};

/// A listening socket on an address of the loopback network, with a queue for one connection.
struct Listener {
    Listener(const std::string& literal, std::uint16_t port)
        : address(*Address::parse(literal, port)) {
        const int on = 1;
        setsockopt(descriptor.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        REQUIRE(bind(descriptor.descriptor(), address.raw(), address.raw_bytes()) == 0);
        REQUIRE(listen(descriptor.descriptor(), 0) == 0);
    }
    Address address;
    Peer descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

}  // namespace

TEST_CASE("net: an address that swallows everything leaves the next its share of the time",
          "[net]") {
    const std::uint16_t port = closed_port();
    Listener swallowing("127.0.0.1", port);
    Peer filler = Peer::to(port);  // its queue is full now, so the kernel answers nobody else
    Listener answering("127.0.0.2", port);

    LoopThread thread;
    std::unique_ptr<ScriptedCore> core;
    std::future<WireReply> pending;
    thread.run([&] {
        core = std::make_unique<ScriptedCore>(thread.loop,
                                              std::vector<std::string>{"127.0.0.1", "127.0.0.2"});
        pending = core->begin("http://both.example:" + std::to_string(port) + "/");
    });
    REQUIRE(thread.eventually([&] { return core->resolver.cached("both.example") != nullptr; }));
    thread.advance(14'999);
    CHECK(pending.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    thread.advance(1);
    Peer accepted(accept4(answering.descriptor.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    accepted.read_message();
    accepted.send(ok_with("second"));
    const WireReply reply = wait_for(pending);
    CHECK(reply.body == "second");
    CHECK(reply.address == answering.address.text());
    CHECK(reply.times.connect == 15'000);
    thread.run([&] { core.reset(); });
}

TEST_CASE("net: addresses that the egress rules refuse are passed over", "[net]") {
    ScriptedServer target([](Peer peer) {
        peer.read_message();
        peer.send(ok_with("allowed"));
    });
    LoopThread thread;
    std::unique_ptr<ScriptedCore> core;
    std::future<WireReply> pending;
    thread.run([&] {
        core = std::make_unique<ScriptedCore>(
            thread.loop, std::vector<std::string>{"169.254.169.254", "127.0.0.1"});
        pending = core->begin("http://rebound.example:" + std::to_string(target.port()) + "/");
    });
    CHECK(wait_for(pending).body == "allowed");
    thread.run([&] { core.reset(); });
}

TEST_CASE("net: a name that comes to mean a forbidden address is refused at the next connect",
          "[net]") {
    ScriptedServer target([](Peer peer) {
        peer.read_message();
        peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
    });
    const auto meaning = std::make_shared<Literals>(Literals{"127.0.0.1"});
    const std::string url = "http://rebinding.example:" + std::to_string(target.port()) + "/";
    LoopThread thread;
    std::unique_ptr<ScriptedCore> core;
    std::future<WireReply> pending;
    thread.run([&] {
        core = std::make_unique<ScriptedCore>(thread.loop, meaning);
        pending = core->begin(url);
    });
    CHECK(wait_for(pending).body == "ok");
    *meaning = {"169.254.169.254"};
    thread.advance(signalbox::limits::dns_cache_ms);
    thread.run([&] { pending = core->begin(url); });
    const WireReply reply = wait_for(pending);
    CHECK(reply.failure == Failure::refused);
    CHECK(reply.effect == signalbox::dispatch::Effect::none);
    CHECK(reply.message.find("169.254.169.254") != std::string::npos);
    CHECK(reply.message.find("egress: { allow: [169.254.169.254/32] }") != std::string::npos);
    thread.run([&] { core.reset(); });
}

TEST_CASE("net: a name without an address is a failure without effect", "[net]") {
    LoopThread thread;
    std::unique_ptr<ScriptedCore> core;
    std::future<WireReply> pending;
    thread.run([&] {
        core = std::make_unique<ScriptedCore>(thread.loop, std::vector<std::string>{});
        pending = core->begin("http://nobody.example/");
    });
    const WireReply reply = wait_for(pending);
    CHECK(reply.failure == Failure::resolve);
    CHECK(reply.message == "No address for nobody.example: no such name.");
    CHECK(reply.times.dns >= 0);
    CHECK(reply.times.connect < 0);
    thread.run([&] { core.reset(); });
}

TEST_CASE("net: a name that fails and then resolves is looked up again at the next request",
          "[net]") {
    ScriptedServer target([](Peer peer) {
        peer.read_message();
        peer.send(ok_with("found"));
    });
    const auto meaning = std::make_shared<Literals>();
    const std::string url = "http://late.example:" + std::to_string(target.port()) + "/";
    LoopThread thread;
    std::unique_ptr<ScriptedCore> core;
    std::future<WireReply> pending;
    thread.run([&] {
        core = std::make_unique<ScriptedCore>(thread.loop, meaning);
        pending = core->begin(url);
    });
    const WireReply failed = wait_for(pending);
    CHECK(failed.failure == Failure::resolve);
    CHECK(failed.effect == signalbox::dispatch::Effect::none);
    *meaning = {"127.0.0.1"};
    // Not a moment later: a failure is not kept.
    thread.run([&] { pending = core->begin(url); });
    CHECK(wait_for(pending).body == "found");
    thread.run([&] { core.reset(); });
}
