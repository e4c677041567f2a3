#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client_fixture.hpp"
#include "net/client.hpp"
#include "nginx.hpp"
#include "probe.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
using signalbox::dispatch::Failure;

namespace {

std::string value_of(const Request& request, const std::string& name) {
    std::string values;
    for (const auto& [key, value] : request.headers)
        if (key == name) values += (values.empty() ? "" : ", ") + value;
    return values;
}

/// What nginx 1.22 makes of the probes that ours takes: nearly always the same.
int status_through_nginx(const std::string& probe) {
    static const std::map<std::string, int> kOthers = {
        {"200-close-1.0-without-host", 400},     // it passes an empty Host on, as 1.1
        {"200-keep-100-fields", 431},            // it adds three
        {"200-keep-asterisk", 400},              // it has no use for OPTIONS *
        {"200-keep-expect-with-its-body", 100},  // it gives leave to send what is there already
    };
    const auto other = kOthers.find(probe);
    return other == kOthers.end() ? 200 : other->second;
}

/// The bytes mean to nginx what they mean to nginx; but each request that ours sees is one that
/// nginx has understood as one, and none is made out of another's bytes.
void check_through(ServerFixture& fixture, std::uint16_t port, const Probe& probe) {
    CAPTURE(probe.name);
    fixture.thread.run([&] { fixture.requests.clear(); });
    Peer peer = Peer::to(port);
    peer.send(probe.bytes);
    // What follows a probe on a connection that nginx keeps; or the rest of a body it still waits
    // for.
    peer.send(get("/last", "Connection: close\r\n"));
    const std::string replies = peer.read_to_end();
    std::size_t answered = 0;
    for (std::size_t at = replies.find("HTTP/1.1 "); at != std::string::npos;
         at = replies.find("HTTP/1.1 ", at + 1)) {
        ++answered;
    }
    fixture.thread.run([&] {
        std::set<std::string> ids;
        for (const Request& request : fixture.requests) {
            CAPTURE(request.target);
            CHECK(value_of(request, "x-front-id").size() == 32);
            CHECK(ids.insert(value_of(request, "x-front-id")).second);
            CHECK(value_of(request, "x-front-target") == request.target);
        }
        CHECK(fixture.requests.size() <= answered);
    });
    const bool sound = std::all_of(probe.statuses.begin(), probe.statuses.end(),
                                   [](int status) { return status == 200; });
    if (sound) CHECK(status_of(replies) == status_through_nginx(probe.name));
}

}  // namespace

TEST_CASE("framing: no probe makes nginx in front and this server see a request that was not sent",
          "[framing]") {
    ServerFixture fixture;
    const Nginx nginx(fixture.server->port());
    for (const Probe& probe : read_probes()) {
        check_through(fixture, nginx.buffering_port(), probe);
        check_through(fixture, nginx.streaming_port(), probe);
    }
}

TEST_CASE("framing: nginx as the target sees what the client sent and nothing else", "[framing]") {
    ServerFixture fixture;
    const Nginx nginx(fixture.server->port());
    ClientFixture client;
    const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const std::vector<std::string> bodies = {"",
                                             "hello",
                                             smuggled,
                                             "0\r\n\r\n" + smuggled,
                                             "5\r\nhello\r\n0\r\n\r\n" + smuggled,
                                             std::string("\0\r\n\xff", 4),
                                             std::string(300'000, 'x')};
    std::vector<std::string> sent;
    for (const std::uint16_t port : {nginx.buffering_port(), nginx.streaming_port()}) {
        for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "GET"}) {
            for (const std::string& body : bodies) {
                const std::string path = "/sent" + std::to_string(sent.size());
                auto request = request_to("http://127.0.0.1:" + std::to_string(port) + path);
                request.method = method;
                request.body = body;
                const auto reply = client.send(request);
                CAPTURE(method, path, reply.message);
                CHECK(reply.failure == Failure::none);
                CHECK(reply.status == 200);
                CHECK(reply.body == path + "|" + body);
                sent.push_back(path);
            }
        }
    }
    CHECK(fixture.targets() == sent);
}

TEST_CASE("framing: a value that would split a request is refused before it is sent", "[framing]") {
    ServerFixture fixture;
    const Nginx nginx(fixture.server->port());
    ClientFixture client;
    const std::string base = "http://127.0.0.1:" + std::to_string(nginx.buffering_port());
    const std::string split = "a\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    const signalbox::dispatch::Header headers[] = {{"X", split},
                                                   {"X\r\nY", "a"},
                                                   {"X", std::string("a\0b", 3)},
                                                   {"Content-Length", "0"},
                                                   {"Transfer-Encoding", "chunked"},
                                                   {"Host", "other"},
                                                   {"Connection", "X"}};
    for (const auto& header : headers) {
        auto request = request_to(base + "/sent");
        request.headers.push_back(header);
        CAPTURE(header.first);
        const auto reply = client.send(request);
        CHECK(reply.failure == Failure::refused);
    }
    for (const char* path : {"/sent HTTP/1.1\r\nX: y", "/sent\r\n\r\nGET /smuggled", "/se nt"}) {
        const auto reply = client.send(request_to(base + path));
        CHECK(reply.failure == Failure::refused);
    }
    CHECK(fixture.targets().empty());
}
