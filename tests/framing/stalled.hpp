#pragma once

#include <sys/resource.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "server_fixture.hpp"

namespace signalbox::net::test {

/// Both ends of every connection are in this process.
inline void allow_descriptors(rlim_t count) {
    rlimit limit{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur >= count) return;
    limit.rlim_cur = count;
    if (limit.rlim_max < count) limit.rlim_max = count;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/// Opens `count` connections that send nothing, half a head, half a body, or read nothing of the
/// reply, in turn; a new one must then be answered although the clock stands still, so that no
/// deadline has freed anything, and although the server is below its limit, so that nobody was
/// evicted.
inline void check_stalled(std::size_t count) {
    allow_descriptors(2 * count + 300);
    ServerFixture fixture;
    const std::string large(256 * 1024, 'x');
    fixture.thread.run([&] {
        fixture.answer = [&large](const Request& request, Respond respond) {
            Response response;
            response.body = request.target == "/large" ? large : "at once";
            respond(std::move(response));
        };
    });
    const std::string openings[] = {
        "", "GET /half HTTP/1.1\r\nHost: loc",
        "POST /half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf", get("/large")};
    std::vector<Peer> stalled;
    for (std::size_t i = 0; i < count; ++i) {
        Peer peer(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int small = 4'096;
        setsockopt(peer.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        peer.connect_to(fixture.server->port());
        peer.send(openings[i % 4]);
        stalled.push_back(std::move(peer));
    }
    REQUIRE(fixture.eventually_connections(count));
    REQUIRE(fixture.thread.eventually([&] { return fixture.requests.size() == count / 4; }));
    Peer fresh = fixture.connect();
    fresh.send(get("/fresh"));
    CHECK(body_of(fresh.read_message()) == "at once");
    CHECK(fixture.eventually_connections(count + 1));

    // Every one of them has a deadline, and the latest of the server's is over after this.
    fixture.thread.advance(limits::http_idle_ms_max + limits::http_linger_ms_max);
    fixture.thread.advance(limits::http_idle_ms_max + limits::http_linger_ms_max);
    CHECK(fixture.eventually_connections(0));
}

}  // namespace signalbox::net::test
