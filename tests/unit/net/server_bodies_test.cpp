#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "net/server.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
namespace limits = signalbox::limits;

TEST_CASE("net: a body has its time from its head on", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect_and_wait(1);
    const std::string request = post("/", "hello");
    peer.send_all_the_way(request.substr(0, request.size() - 4));
    fixture.thread.catch_up();
    fixture.thread.advance(limits::http_body_ms_max - 1);
    peer.send_all_the_way("e");
    fixture.thread.catch_up();
    fixture.thread.run([&] { CHECK(fixture.server->connections() == 1); });
    fixture.thread.advance(1);
    CHECK(status_of(peer.read_message()) == 408);
}

TEST_CASE("net: the bodies on their way fill what is kept for them and not a byte more", "[net]") {
    ServerOptions options;
    options.bodies_bytes_max = 1'000;
    ServerFixture fixture(options);
    const auto begin = [&](std::size_t bytes) {
        Peer peer = fixture.connect();
        peer.send_all_the_way("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n" +
                              std::string(bytes, 'x'));
        fixture.thread.catch_up();
        return peer;
    };
    Peer first = begin(600);
    {
        Peer second = begin(400);
        Peer late = begin(1);
        const std::string reply = late.read_message();
        CHECK(status_of(reply) == 503);
        CHECK(body_of(reply).starts_with("bodies_full: "));
        // What comes whole takes no room.
        Peer whole = fixture.connect();
        whole.send(post("/", "ok"));
        CHECK(body_of(whole.read_message()) == "/|ok");
        second.reset();
        REQUIRE(fixture.eventually_connections(3));
    }
    // The room of a peer that left is another's, and so is that of a body that is whole.
    Peer third = begin(400);
    CHECK(status_of(begin(1).read_message()) == 503);
    first.send(std::string(1'400, 'x'));
    CHECK(status_of(first.read_message()) == 200);
    Peer fourth = begin(600);
    third.send(std::string(1'600, 'x'));
    CHECK(status_of(third.read_message()) == 200);
    fourth.send(std::string(1'400, 'x'));
    CHECK(status_of(fourth.read_message()) == 200);
}

TEST_CASE("net: strangers' bodies fill half of what is kept for bodies and leave the rest to others", "[net]") {
    ServerOptions options;
    options.bodies_bytes_max = 1'000;
    ServerFixture fixture(options);
    fixture.thread.run([&] {
        fixture.judge_head = [](const Request& head) {
            BodyTerms terms;
            terms.from_stranger = head.path == "/stranger";
            return terms;
        };
    });
    const auto begin = [&](const std::string& path, std::size_t bytes) {
        Peer peer = fixture.connect();
        peer.send_all_the_way("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 600\r\n\r\n" +
                              std::string(bytes, 'x'));
        fixture.thread.catch_up();
        return peer;
    };
    Peer stranger = begin("/stranger", 500);
    const std::string reply = begin("/stranger", 1).read_message();
    CHECK(status_of(reply) == 503);
    CHECK(body_of(reply).starts_with("bodies_full: "));
    Peer known = begin("/known", 500);
    CHECK(status_of(begin("/known", 1).read_message()) == 503);
    // What a stranger leaves, also by being heard, is another stranger's.
    stranger.send(std::string(100, 'x'));
    CHECK(status_of(stranger.read_message()) == 200);
    Peer next = begin("/stranger", 500);
    CHECK(status_of(begin("/stranger", 1).read_message()) == 503);
    for (Peer* peer : {&known, &next}) {
        peer->send(std::string(100, 'x'));
        CHECK(status_of(peer->read_message()) == 200);
    }
}

TEST_CASE("net: a body in chunks is refused with the first byte over what its route takes", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.judge_head = [](const Request&) {
            BodyTerms terms;
            terms.bytes_max = 10;
            return terms;
        };
    });
    const std::string head = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    Peer fitting = fixture.connect();
    fitting.send(head + "9\r\n123456789\r\n");
    fitting.send("1\r\n0\r\n0\r\n\r\n");
    CHECK(body_of(fitting.read_message()) == "/|1234567890");
    Peer longer = fixture.connect();
    longer.send(head + "9\r\n123456789\r\n2\r\n");
    const std::string reply = longer.read_message();
    CHECK(status_of(reply) == 413);
    CHECK(body_of(reply) == "body_too_large: The request's body is over 10 bytes; send a smaller one.");
}

TEST_CASE("net: who is refused while sending a body has its time to send the rest", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.judge_head = [&](const Request&) {
            return BodyTerms{fixture.refuse(401, "unauthorized", "no")};
        };
    });
    const auto [bytes, status] =
        GENERATE(std::pair(std::size_t{1'000}, 401), std::pair(limits::http_body_bytes_max + 1, 413));
    Peer slow = fixture.connect();
    slow.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\nsome");
    CHECK(status_of(slow.read_message()) == status);
    CHECK(slow.read_to_end().empty());
    fixture.thread.advance(limits::http_body_ms_max - 1);
    REQUIRE(fixture.eventually_connections(1));
    slow.send_all_the_way(std::string(996, 'x'));
    fixture.thread.catch_up();
    REQUIRE(fixture.eventually_connections(1));
    fixture.thread.advance(1);
    CHECK(fixture.eventually_connections(0));
}

TEST_CASE("net: a request that is given up leaves no room taken", "[net]") {
    ServerOptions options;
    options.bodies_bytes_max = 1'000;
    ServerFixture fixture(options);
    fixture.thread.run([&] {
        fixture.answer = [&](const Request&, Respond respond) { fixture.held.push_back(std::move(respond)); };
    });
    const std::string half =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n" + std::string(1'000, 'x');
    // One whose last reply was a stream, one that has ended its side while an earlier request is answered.
    Peer streaming = fixture.connect();
    streaming.send_all_the_way(get("/events") + half);
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 1; }));
    std::shared_ptr<ReplyStream> stream;
    fixture.thread.run([&] {
        Response response;
        response.stream = [&](std::shared_ptr<ReplyStream> begun) { stream = std::move(begun); };
        fixture.held[0](std::move(response));
    });
    fixture.thread.catch_up();
    Peer ended = fixture.connect();
    ended.send_all_the_way(get("/slow") + half);
    ended.end_sending();
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 2; }));
    fixture.thread.catch_up();
    Peer next = fixture.connect();
    next.send_all_the_way(half);
    fixture.thread.catch_up();
    next.send(std::string(1'000, 'x'));
    CHECK(fixture.thread.eventually([&] { return fixture.held.size() == 3; }));
    fixture.thread.run([&] { stream.reset(); });
}
