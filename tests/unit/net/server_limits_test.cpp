#include <sys/resource.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/limits.hpp"
#include "net/server.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
namespace limits = signalbox::limits;

TEST_CASE("net: a head has its time from its first byte on", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect_and_wait(1);
    fixture.thread.advance(limits::http_head_ms_max + 1);
    peer.send_all_the_way("GET / HTTP/1.1\r\n");
    fixture.thread.catch_up();
    fixture.thread.advance(limits::http_head_ms_max - 1);
    peer.send_all_the_way("Host: h\r\n");  // a drip buys no time
    fixture.thread.catch_up();
    fixture.thread.run([&] { CHECK(fixture.server->connections() == 1); });
    fixture.thread.advance(1);
    CHECK(status_of(peer.read_message()) == 408);
    peer.end_sending();
    CHECK(peer.read_to_end().empty());
}

TEST_CASE("net: a head that comes in its last millisecond is in time", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect_and_wait(1);
    peer.send_all_the_way("GET / HTTP/1.1\r\n");
    fixture.thread.catch_up();
    fixture.thread.advance(limits::http_head_ms_max - 1);
    peer.send("Host: h\r\n\r\n");
    CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("net: an idle connection is closed in silence when its time is over", "[net]") {
    ServerFixture fixture;
    Peer fresh = fixture.connect_and_wait(1);
    Peer used = fixture.connect_and_wait(2);
    fixture.thread.advance(limits::http_idle_ms_max - 1);
    used.send(get());
    CHECK(status_of(used.read_message()) == 200);
    fixture.thread.catch_up();  // its idleness begins after the reply has gone out
    fixture.thread.advance(1);
    CHECK(fresh.read_to_end().empty());
    CHECK(fixture.eventually_connections(1));
    fixture.thread.advance(limits::http_idle_ms_max - 2);
    fixture.thread.run([&] { CHECK(fixture.server->connections() == 1); });
    fixture.thread.advance(1);
    CHECK(used.read_to_end().empty());
}

TEST_CASE("net: a handler may take its time", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [&](const Request&, Respond respond) {
            fixture.held.push_back(std::move(respond));
        };
    });
    Peer peer = fixture.connect();
    peer.send(get());
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 1; }));
    fixture.thread.advance(10 * limits::http_idle_ms_max);
    fixture.thread.run([&] { fixture.held[0]({}); });
    CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("net: a peer that does not read its replies is closed", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [](const Request&, Respond respond) {
            Response response;
            response.body.assign(32 * limits::mib, 'x');
            respond(std::move(response));
        };
    });
    Peer peer = fixture.connect_and_wait(1);
    peer.send_all_the_way(get() + get());
    REQUIRE(fixture.thread.eventually([&] { return fixture.requests.size() >= 1; }));
    fixture.thread.catch_up();
    fixture.thread.advance(limits::http_idle_ms_max - 1);
    fixture.thread.run([&] { CHECK(fixture.server->connections() == 1); });
    // What the kernel still took meanwhile counts as progress, so the time may have begun anew.
    fixture.thread.advance(limits::http_idle_ms_max);
    CHECK(fixture.eventually_connections(0));
}

TEST_CASE("net: a reply larger than the socket takes is sent as it is read", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [](const Request& request, Respond respond) {
            Response response;
            response.body.assign(request.path == "/big" ? 16 * limits::mib : 1, 'x');
            respond(std::move(response));
        };
    });
    Peer peer = fixture.connect();
    peer.send(get("/big") + get("/small"));
    CHECK(body_of(peer.read_message()).size() == 16 * limits::mib);
    CHECK(body_of(peer.read_message()) == "x");
}

TEST_CASE("net: after a refusal the rest is drained for a bounded time and amount", "[net]") {
    ServerFixture fixture;
    Peer quiet = fixture.connect();
    quiet.send("nonsense\r\n\r\n");
    CHECK(status_of(quiet.read_message()) == 400);
    CHECK(quiet.read_to_end().empty());
    fixture.thread.run([&] { CHECK(fixture.server->connections() == 1); });
    fixture.thread.advance(limits::http_linger_ms_max);
    CHECK(fixture.eventually_connections(0));

    Peer noisy = fixture.connect();
    noisy.send("nonsense\r\n\r\n");
    CHECK(status_of(noisy.read_message()) == 400);
    noisy.send(std::string(2 * limits::http_linger_bytes_max, 'x'));
    CHECK(fixture.eventually_connections(0));
}

TEST_CASE("net: at the connection limit the one idle longest makes room", "[net]") {
    ServerOptions options;
    options.connections_max = 2;
    ServerFixture fixture(options);
    Peer first = fixture.connect_and_wait(1);
    Peer second = fixture.connect_and_wait(2);
    first.send(get());
    CHECK(status_of(first.read_message()) == 200);
    fixture.thread.catch_up();  // idle again only after the reply has gone out
    Peer third = fixture.connect();
    third.send(get());
    CHECK(status_of(third.read_message()) == 200);
    CHECK(second.read_to_end().empty());
    first.send(get());
    CHECK(status_of(first.read_message()) == 200);
}

TEST_CASE("net: at the connection limit accepting waits while all are busy", "[net]") {
    ServerOptions options;
    options.connections_max = 1;
    ServerFixture fixture(options);
    fixture.thread.run([&] {
        fixture.answer = [&](const Request&, Respond respond) {
            fixture.held.push_back(std::move(respond));
        };
    });
    Peer busy = fixture.connect();
    busy.send(get("/busy"));
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 1; }));
    Peer waiting = fixture.connect();
    waiting.send_all_the_way(get("/waiting"));
    fixture.thread.catch_up();
    CHECK(fixture.targets().size() == 1);
    fixture.thread.run([&] { fixture.held[0]({}); });
    CHECK(status_of(busy.read_message()) == 200);
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 2; }));
    fixture.thread.run([&] { fixture.held[1]({}); });
    CHECK(status_of(waiting.read_message()) == 200);
}

TEST_CASE("net: one address has as many connections as it may and no more", "[net]") {
    ServerOptions options;
    options.per_address_max = 2;
    ServerFixture fixture(options);
    Peer first = fixture.connect_and_wait(1);
    {
        Peer second = fixture.connect_and_wait(2);
        Peer third = fixture.connect();
        CHECK(status_of(third.read_message()) == 503);
        CHECK(third.read_to_end().empty());
    }
    REQUIRE(fixture.eventually_connections(1));
    Peer fourth = fixture.connect();
    fourth.send(get());
    CHECK(status_of(fourth.read_message()) == 200);
}

TEST_CASE("net: running out of descriptors pauses accepting and no more", "[net]") {
    ServerFixture fixture;
    Peer waiting(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(waiting.descriptor());
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    waiting.connect_to(fixture.server->port());
    waiting.send_all_the_way(get());
    fixture.thread.catch_up();
    const bool handled_early = !fixture.targets().empty();
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK_FALSE(handled_early);
    fixture.thread.advance(limits::http_accept_retry_ms);
    CHECK(status_of(waiting.read_message()) == 200);
}

TEST_CASE("net: stopping ends the idle at once and the busy after their reply", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [&](const Request&, Respond respond) {
            fixture.held.push_back(std::move(respond));
        };
    });
    Peer idle = fixture.connect_and_wait(1);
    Peer busy = fixture.connect_and_wait(2);
    busy.send(get());
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 1; }));
    const std::uint16_t port = fixture.server->port();
    fixture.thread.run([&] { fixture.server->stop_accepting(); });
    CHECK(idle.read_to_end().empty());
    CHECK_THROWS(Peer::to(port));
    fixture.thread.run([&] { fixture.held[0]({}); });
    const std::string reply = busy.read_message();
    CHECK(status_of(reply) == 200);
    CHECK(reply.find("Connection: close\r\n") != std::string::npos);
    CHECK(busy.read_to_end().empty());
}

TEST_CASE("net: aborting closes every connection at once", "[net]") {
    ServerFixture fixture;
    Peer idle = fixture.connect_and_wait(1);
    Peer reading = fixture.connect_and_wait(2);
    reading.send_all_the_way("GET /");
    fixture.thread.catch_up();
    fixture.thread.run([&] {
        fixture.server->abort();
        CHECK(fixture.server->connections() == 0);
    });
    CHECK(idle.read_to_end().empty());
    CHECK(reading.read_to_end().empty());
}

TEST_CASE("net: a server may be stopped and aborted from inside its handler", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [&](const Request&, Respond respond) {
            fixture.server->stop_accepting();
            fixture.server->abort();
            respond({});
        };
    });
    Peer peer = fixture.connect();
    peer.send(get() + get());
    CHECK(peer.read_to_end().empty());
    CHECK(fixture.targets().size() == 1);
}

TEST_CASE("net: two servers cannot share a port and the second is told why", "[net]") {
    ServerFixture fixture;
    ServerOptions options;
    options.port = fixture.server->port();
    fixture.thread.run([&] {
        Server second(fixture.thread.loop, fixture, options);
        const auto listening = second.listen();
        REQUIRE_FALSE(listening);
        CHECK(listening.error().code == "listen_failed");
        CHECK(listening.error().message.find("127.0.0.1:" + std::to_string(options.port)) !=
              std::string::npos);
        CHECK(listening.error().message.find("already in use") != std::string::npos);
    });
    options.host = "192.0.2.1";
    fixture.thread.run([&] {
        Server elsewhere(fixture.thread.loop, fixture, options);
        CHECK_FALSE(elsewhere.listen());
    });
}

TEST_CASE("net: a port is free again as soon as its server has gone", "[net]") {
    ServerOptions options;
    {
        ServerFixture fixture;
        options.port = fixture.server->port();
        Peer peer = fixture.connect();
        peer.send(get("/", "Connection: close\r\n"));
        CHECK(status_of(peer.read_to_end()) == 200);
    }
    ServerFixture again(options);
    CHECK(again.server->port() == options.port);
}

namespace {

/// How many of the requests, each answered by that many bytes, are handled before a reply can go out.
std::size_t handled_unread(std::size_t bytes, std::size_t asked) {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [&, bytes](const Request& request, Respond respond) {
            if (request.path == "/held") return fixture.held.push_back(std::move(respond));
            Response response;
            response.body.assign(bytes, 'x');
            respond(std::move(response));
        };
    });
    Peer peer = fixture.connect_and_wait(1);
    std::string requests = get("/held");
    for (std::size_t i = 0; i < asked; ++i)
        requests += get("/" + std::to_string(i));
    peer.send_all_the_way(requests);
    fixture.thread.catch_up();
    const std::size_t handled = fixture.targets().size() - 1;
    fixture.thread.run([&] { fixture.held[0]({}); });
    CHECK(status_of(peer.read_message()) == 200);
    for (std::size_t i = 0; i < asked; ++i)
        REQUIRE(body_of(peer.read_message()).size() == bytes);
    return handled;
}

}  // namespace

TEST_CASE("net: over so many bytes of unsent replies no request more is taken until they have gone",
          "[net]") {
    constexpr std::size_t bytes = limits::http_unsent_bytes_max / 8;
    CHECK(handled_unread(bytes, 8) == 8);
    CHECK(handled_unread(bytes, 30) == 9);
    CHECK(handled_unread(limits::http_unsent_bytes_max + 1, 30) == 1);
}

TEST_CASE("net: a request that had begun before too much was unsent is read to its end", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [&](const Request& request, Respond respond) {
            if (request.path != "/last") return fixture.held.push_back(std::move(respond));
            respond({});
        };
    });
    Peer peer = fixture.connect_and_wait(1);
    const std::string last = get("/last");
    peer.send_all_the_way(get("/first") + get("/second") + last.substr(0, 8));
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 2; }));
    fixture.thread.run([&] {
        Response response;
        response.body.assign(2 * limits::http_unsent_bytes_max, 'x');
        fixture.held[1](std::move(response));
    });
    peer.send_all_the_way(last.substr(8) + get("/more"));
    fixture.thread.catch_up();
    CHECK(fixture.targets() == std::vector<std::string>{"/first", "/second", "/last"});
    fixture.thread.run([&] { fixture.held[0]({}); });
    CHECK(body_of(peer.read_message()).empty());
    CHECK(body_of(peer.read_message()).size() == 2 * limits::http_unsent_bytes_max);
    CHECK(status_of(peer.read_message()) == 200);
    REQUIRE(fixture.thread.eventually([&] { return fixture.requests.size() == 4; }));
}
