#include "net/server.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "base/limits.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
namespace limits = signalbox::limits;

namespace {

void hold_answers(ServerFixture& fixture) {
    fixture.thread.run([&] {
        fixture.answer = [&fixture](const Request&, Respond respond) {
            fixture.held.push_back(std::move(respond));
        };
    });
}

Response with_body(const std::string& body) {
    Response response;
    response.body = body;
    return response;
}

}  // namespace

TEST_CASE("net: a request reaches the handler taken apart and its answer the client", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect();
    peer.send(
        "POST /a/b?c=d&e HTTP/1.1\r\nHOST: localhost\r\nX-Mixed:  Value \r\n"
        "Content-Length: 5\r\n\r\nhello");
    const std::string reply = peer.read_message();
    CHECK(status_of(reply) == 200);
    CHECK(body_of(reply) == "/a/b?c=d&e|hello");
    CHECK(reply.find("Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n") != std::string::npos);
    CHECK(reply.find("Connection:") == std::string::npos);
    fixture.thread.run([&] {
        REQUIRE(fixture.requests.size() == 1);
        const Request& request = fixture.requests.front();
        CHECK(request.method == "POST");
        CHECK(request.path == "/a/b");
        CHECK(request.query == "c=d&e");
        CHECK(request.peer == "127.0.0.1");
        CHECK(request.minor_version == 1);
        REQUIRE(request.header("x-mixed") != nullptr);
        CHECK(*request.header("x-mixed") == "Value");
        CHECK(request.header("absent") == nullptr);
    });
}

TEST_CASE("net: one connection serves many requests however they are cut", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect();
    const std::string chunked =
        "POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: v\r\n\r\n";
    const std::string wire = get("/1") + post("/2", "body") + chunked + get("/4");
    for (const char byte : wire)
        peer.send_all_the_way({&byte, 1});
    for (const std::string body : {"/1|", "/2|body", "/c|abcde", "/4|"}) {
        CHECK(body_of(peer.read_message()) == body);
    }
    peer.send(wire + wire);
    for (int i = 0; i < 8; ++i)
        CHECK(status_of(peer.read_message()) == 200);
}

TEST_CASE("net: pipelined requests are answered in their order whatever the handler's", "[net]") {
    ServerFixture fixture;
    hold_answers(fixture);
    Peer peer = fixture.connect();
    peer.send(get("/1") + get("/2") + get("/3"));
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 3; }));
    fixture.thread.run([&] {
        fixture.held[2](with_body("third"));
        fixture.held[1](with_body("second"));
        fixture.held[1](with_body("once more"));
        fixture.held[0](with_body("first"));
    });
    CHECK(body_of(peer.read_message()) == "first");
    CHECK(body_of(peer.read_message()) == "second");
    CHECK(body_of(peer.read_message()) == "third");
}

TEST_CASE("net: reading pauses at the limit of pipelined requests and goes on below it", "[net]") {
    ServerFixture fixture;
    hold_answers(fixture);
    Peer peer = fixture.connect();
    std::string wire;
    for (std::size_t i = 0; i < limits::http_pipelined_max + 1; ++i)
        wire += get("/" + std::to_string(i));
    peer.send_all_the_way(wire);
    REQUIRE(fixture.thread.eventually(
        [&] { return fixture.held.size() == limits::http_pipelined_max; }));
    fixture.thread.catch_up();
    fixture.thread.run([&] {
        CHECK(fixture.held.size() == limits::http_pipelined_max);
        fixture.held[0](with_body("0"));
    });
    REQUIRE(fixture.thread.eventually(
        [&] { return fixture.held.size() == limits::http_pipelined_max + 1; }));
    fixture.thread.run([&] {
        for (std::size_t i = 1; i < fixture.held.size(); ++i) {
            fixture.held[i](with_body(std::to_string(i)));
        }
    });
    for (std::size_t i = 0; i < limits::http_pipelined_max + 1; ++i) {
        CHECK(body_of(peer.read_message()) == std::to_string(i));
    }
}

TEST_CASE("net: leave to send a body is given once its head was judged fine", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect();
    const std::string head = "POST /e HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n";
    peer.send(head + "Content-Length: 2\r\n\r\n");
    CHECK(peer.read_message() == "HTTP/1.1 100 Continue\r\n\r\n");
    peer.send("ok");
    CHECK(body_of(peer.read_message()) == "/e|ok");
    peer.send(head + "Content-Length: 2\r\n\r\nok");
    CHECK(body_of(peer.read_message()) == "/e|ok");
    peer.send(head + "Content-Length: 99999999\r\n\r\n");
    CHECK(status_of(peer.read_message()) == 413);
    peer.end_sending();
    CHECK(peer.read_to_end().empty());
}

TEST_CASE("net: a body that the handler refuses on its head is not read", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.judge_head = [](const Request& head) {
            BodyTerms terms;
            if (head.target == "/open") return terms;
            terms.refusal = with_body("no");
            terms.refusal->status = 401;
            return terms;
        };
    });
    for (const std::string& rest : {std::string("Content-Length: 1000\r\n\r\n"),
                                    std::string("Content-Length: 1000\r\n\r\nsome"),
                                    std::string("Transfer-Encoding: chunked\r\n\r\n"),
                                    std::string("Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n")}) {
        Peer peer = fixture.connect();
        peer.send("POST /shut HTTP/1.1\r\nHost: localhost\r\n" + rest);
        const std::string reply = peer.read_message();
        CHECK(status_of(reply) == 401);
        CHECK(reply.find("Connection: close\r\n") != std::string::npos);
        CHECK(body_of(reply) == "no");
        peer.send(get("/smuggled"));
        peer.end_sending();
        CHECK(peer.read_to_end().empty());
    }
    Peer peer = fixture.connect();
    peer.send("POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n");
    peer.send("ok");
    CHECK(body_of(peer.read_message()) == "/open|ok");
    CHECK(fixture.targets() == std::vector<std::string>{"/open"});
}

TEST_CASE("net: leave to send waits for the replies to earlier requests", "[net]") {
    ServerFixture fixture;
    hold_answers(fixture);
    Peer peer = fixture.connect();
    peer.send(get("/1") +
              "POST /2 HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
              "Content-Length: 2\r\n\r\n");
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 1; }));
    fixture.thread.run([&] { fixture.held[0](with_body("one")); });
    CHECK(body_of(peer.read_message()) == "one");
    CHECK(peer.read_message() == "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_CASE("net: HEAD gets the head of the reply and nothing else", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect();
    peer.send("HEAD /h HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const std::string reply = peer.read_to_end();
    CHECK(reply.find("Content-Length: 3\r\n") != std::string::npos);
    CHECK(body_of(reply).empty());
}

TEST_CASE("net: HEAD that is refused gets no body either", "[net]") {
    ServerFixture fixture;
    for (const char* fields : {"Host: localhost\r\nContent-Length: 99999999\r\n",
                               "Host: localhost\r\nTransfer-Encoding: gzip\r\n", "Host: a b\r\n", ""}) {
        CAPTURE(fields);
        Peer peer = fixture.connect();
        peer.send("HEAD /h HTTP/1.1\r\n" + std::string(fields) + "\r\n");
        const std::string reply = peer.read_to_end();
        CHECK(reply.starts_with("HTTP/1.1 4") != reply.starts_with("HTTP/1.1 5"));
        CHECK(body_of(reply).empty());
    }
}

TEST_CASE("net: the connection ends after a reply that says so", "[net]") {
    ServerFixture fixture;
    for (const std::string& request :
         {get("/", "Connection: close\r\n") + get("/ignored"),
          std::string("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")}) {
        Peer peer = fixture.connect();
        peer.send(request);
        const std::string reply = peer.read_to_end();
        CHECK(reply.find("Connection: close\r\n") != std::string::npos);
        CHECK(body_of(reply) == "/|");
    }
    fixture.thread.run([&] {
        fixture.answer = [](const Request&, Respond respond) {
            Response response = with_body("bye");
            response.close = true;
            respond(std::move(response));
        };
    });
    Peer peer = fixture.connect();
    peer.send(get() + get());
    CHECK(body_of(peer.read_to_end()) == "bye");
}

TEST_CASE("net: a refused request's body is never taken for a request", "[net]") {
    ServerFixture fixture;
    const std::string smuggled = get("/smuggled");
    for (const std::string& head :
         {std::string(
              "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"),
          std::string("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n"),
          std::string("BREW / HTTP/1.1\r\nHost: h\r\nContent-Length: 60\r\n\r\n"),
          std::string("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n")}) {
        Peer peer = fixture.connect();
        peer.send(head + smuggled);
        peer.send(smuggled);
        peer.end_sending();
        const std::string replies = peer.read_to_end();
        CHECK(status_of(replies) >= 400);
        CHECK(replies.find("HTTP/1.1", 1) == std::string::npos);
    }
    CHECK(fixture.targets().empty());
}

TEST_CASE("net: what the server refuses is answered with the handler's words", "[net]") {
    ServerFixture fixture;
    for (const auto& [wire, status] : std::vector<std::pair<std::string, int>>{
             {"GET / HTTP/1.1\r\n\r\n", 400},
             {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
             {"BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
             {"GET /" + std::string(limits::http_head_bytes_max, 'a'), 431},
             {"\x16\x03\x01", 400}}) {
        Peer peer = fixture.connect();
        peer.send(wire);
        peer.end_sending();
        const std::string reply = peer.read_to_end();
        CHECK(status_of(reply) == status);
        CHECK(reply.find("Content-Type: text/plain\r\n") != std::string::npos);
        CHECK(reply.find("Connection: close\r\n") != std::string::npos);
    }
}

TEST_CASE("net: a refusal waits for the replies to earlier requests", "[net]") {
    ServerFixture fixture;
    hold_answers(fixture);
    Peer peer = fixture.connect();
    peer.send(get("/1") + "nonsense\r\n\r\n");
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 1; }));
    fixture.thread.run([&] { fixture.held[0](with_body("one")); });
    CHECK(body_of(peer.read_message()) == "one");
    CHECK(status_of(peer.read_message()) == 400);
}

TEST_CASE("net: a body is accepted at its limit and refused one past it", "[net]") {
    ServerOptions options;
    options.body_bytes_max = 1'000;
    ServerFixture fixture(options);
    Peer peer = fixture.connect();
    peer.send(post("/", std::string(1'000, 'x')));
    CHECK(status_of(peer.read_message()) == 200);
    peer.send(post("/", std::string(1'001, 'x')));
    CHECK(status_of(peer.read_message()) == 413);

    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    Peer chunked = fixture.connect();
    chunked.send(head + "3e8\r\n" + std::string(1'000, 'x') + "\r\n0\r\n\r\n");
    CHECK(status_of(chunked.read_message()) == 200);
    chunked.send(head + "3e8\r\n" + std::string(1'000, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n");
    CHECK(status_of(chunked.read_message()) == 413);
}

TEST_CASE("net: a large body arrives whole", "[net]") {
    ServerFixture fixture;
    Peer peer = fixture.connect();
    std::string body(limits::http_body_bytes_max, 'x');
    for (std::size_t i = 0; i < body.size(); i += 997)
        body[i] = static_cast<char>('a' + i % 26);
    peer.send(post("/", body));
    CHECK(body_of(peer.read_message()) == "/|" + body);
}

TEST_CASE("net: an answer after the peer has left goes nowhere", "[net]") {
    ServerFixture fixture;
    hold_answers(fixture);
    {
        Peer peer = fixture.connect();
        peer.send(get());
        REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 1; }));
        peer.reset();
    }
    REQUIRE(fixture.eventually_connections(0));
    fixture.thread.run([&] { fixture.held[0](with_body("late")); });
    Peer peer = fixture.connect();
    peer.send(get());
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 2; }));
    fixture.thread.run([&] { fixture.held[1](with_body("in time")); });
    CHECK(body_of(peer.read_message()) == "in time");
}

TEST_CASE("net: a client that has ended its side still gets its replies", "[net]") {
    ServerFixture fixture;
    hold_answers(fixture);
    Peer peer = fixture.connect();
    peer.send(get("/1") + get("/2") + "GET /half");
    peer.end_sending();
    REQUIRE(fixture.thread.eventually([&] { return fixture.held.size() == 2; }));
    fixture.thread.catch_up();
    fixture.thread.run([&] {
        for (const Respond& respond : fixture.held)
            respond(with_body("r"));
    });
    CHECK(body_of(peer.read_message()) == "r");
    CHECK(body_of(peer.read_message()) == "r");
    CHECK(peer.read_to_end().empty());
    CHECK(fixture.eventually_connections(0));
}

TEST_CASE("net: a dropped answer becomes an internal error", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] { fixture.answer = [](const Request&, Respond) {}; });
    Peer peer = fixture.connect();
    peer.send(get());
    const std::string reply = peer.read_message();
    CHECK(status_of(reply) == 500);
    CHECK(body_of(reply).starts_with("internal_error: "));
}

TEST_CASE("net: an answer that HTTP cannot carry becomes an internal error", "[net]") {
    ServerFixture fixture;
    fixture.thread.run([&] {
        fixture.answer = [](const Request& request, Respond respond) {
            Response response;
            if (request.path == "/status") response.status = 101;
            if (request.path == "/header") response.headers = {{"X", "a\r\nInjected: b"}};
            respond(std::move(response));
        };
    });
    Peer peer = fixture.connect();
    for (const char* target : {"/status", "/header"}) {
        peer.send(get(target));
        const std::string reply = peer.read_message();
        CHECK(status_of(reply) == 500);
        CHECK(reply.find("Injected") == std::string::npos);
    }
}
