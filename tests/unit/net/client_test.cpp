#include "net/client.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "client_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
using signalbox::dispatch::Effect;
using signalbox::dispatch::Failure;
using signalbox::dispatch::failure_name;
using signalbox::dispatch::WireReply;
using signalbox::dispatch::WireRequest;
namespace limits = signalbox::limits;

TEST_CASE("net: a request goes out as bytes and its reply comes back", "[net]") {
    std::string received;
    ScriptedServer target([&](Peer peer) {
        received = peer.read_message();
        peer.send("HTTP/1.1 202 Accepted\r\nX-Case: Kept\r\nContent-Length: 4\r\n\r\ndone");
    });
    ClientFixture fixture;
    WireRequest request = post_to(target.url("/hook?v=1"), "{\"a\":1}");
    request.headers = {{"X-Port-Signature", "sha1=abc"}};
    const WireReply reply = fixture.send(request);
    target.join();
    CHECK(reply.failure == Failure::none);
    CHECK(reply.status == 202);
    CHECK(reply.body == "done");
    REQUIRE(reply.headers.size() == 2);
    CHECK(reply.headers[0].first == "X-Case");
    CHECK(reply.address == "127.0.0.1:" + std::to_string(target.port()));
    CHECK(reply.tls_version.empty());
    CHECK(reply.times.dns < 0);
    CHECK(reply.times.connect >= 0);
    CHECK(reply.times.tls < 0);
    CHECK(reply.times.send >= 0);
    CHECK(reply.times.wait >= 0);
    CHECK(reply.times.read >= 0);
    CHECK(received ==
          "POST /hook?v=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target.port()) +
              "\r\nX-Port-Signature: sha1=abc\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST_CASE("net: the phases of an exchange are measured by the clock", "[net]") {
    std::promise<void> asked;
    std::promise<void> may_answer;
    ScriptedServer target([&](Peer peer) {
        peer.read_message();
        asked.set_value();
        may_answer.get_future().get();
        peer.send(ok_with("x"));
    });
    ClientFixture fixture;
    auto pending = fixture.begin(request_to(target.url()));
    asked.get_future().get();
    fixture.thread.catch_up();
    fixture.thread.advance(250);
    may_answer.set_value();
    const WireReply reply = wait_for(pending);
    CHECK(reply.times.connect == 0);
    CHECK(reply.times.send == 0);
    CHECK(reply.times.wait == 250);
    CHECK(reply.times.read == 0);
}

TEST_CASE("net: a reply that breaks or ends early is told apart by its failure", "[net]") {
    struct Row {
        std::string wire;
        bool reset;
        Failure failure;
        int status;
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    for (const Row& row : std::vector<Row>{
             {"", false, Failure::no_reply, 0},
             {"", true, Failure::no_reply, 0},
             {"HTTP/1.1 200 OK\r\nContent-Le", false, Failure::no_reply, 0},
             {"HTTP/1.1 100 Continue\r\n\r\n", false, Failure::no_reply, 0},
             {ok + "Content-Length: 5\r\n\r\nhell", false, Failure::truncated, 200},
             {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false, Failure::truncated,
              200},
             {ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false,
              Failure::truncated, 200},
             {ok + "\r\nunframed", false, Failure::bad_reply, 200},
             {ok + "Connection: close\r\n\r\nunframed", false, Failure::bad_reply, 200},
             {"garbage\r\n\r\n", false, Failure::bad_reply, 0},
             {"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", false, Failure::bad_reply, 0},
             {ok + "X: " + std::string(limits::reply_head_bytes_max, 'x'), false,
              Failure::bad_reply, 0},
             {"HTTP/1.1 101 Switching Protocols\r\n\r\n", false, Failure::bad_reply, 0},
             {ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", false, Failure::bad_reply,
              200},
             {ok + "Content-Length: 5\r\n\r\nhell", true, Failure::truncated, 200},
             {ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", false, Failure::bad_reply, 200},
         }) {
        CAPTURE(row.wire, row.reset);
        ScriptedServer target([&](Peer peer) {
            peer.read_message();
            peer.send(row.wire);
            if (row.reset) peer.reset();
        });
        ClientFixture fixture;
        const WireReply reply = fixture.send(post_to(target.url(), "body"));
        CHECK(std::string(failure_name(reply.failure)) == failure_name(row.failure));
        CHECK(reply.effect == Effect::unknown);
        if (row.failure == Failure::truncated) CHECK(reply.status == row.status);
        CHECK_FALSE(reply.message.empty());
        CHECK(reply.message.find("body\"") == std::string::npos);
    }
}

TEST_CASE("net: interim replies are skipped and chunked ones joined", "[net]") {
    ScriptedServer target([](Peer peer) {
        peer.read_message();
        peer.send(
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n"
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        peer.send("2\r\nde\r\n0\r\n\r\n");
    });
    ClientFixture fixture;
    const WireReply reply = fixture.send(request_to(target.url()));
    CHECK(reply.failure == Failure::none);
    CHECK(reply.status == 200);
    CHECK(reply.body == "abcde");
}

TEST_CASE("net: a reply body is accepted at its limit and refused one past it", "[net]") {
    for (const std::size_t size : {std::size_t{1'000}, std::size_t{1'001}}) {
        ScriptedServer target([&](Peer peer) {
            peer.read_message();
            peer.send(ok_with(std::string(size, 'x')));
        });
        ClientFixture fixture;
        WireRequest request = request_to(target.url());
        request.reply_body_bytes_max = 1'000;
        const WireReply reply = fixture.send(request);
        CHECK(reply.failure == (size == 1'000 ? Failure::none : Failure::bad_reply));
    }
}

TEST_CASE("net: nobody listening is a failure without effect", "[net]") {
    ClientFixture fixture;
    const WireReply reply =
        fixture.send(request_to("http://127.0.0.1:" + std::to_string(closed_port()) + "/"));
    CHECK(reply.failure == Failure::connect);
    CHECK(reply.effect == Effect::none);
    CHECK(reply.message.find("Connection refused") != std::string::npos);
    CHECK(reply.times.connect >= 0);
    CHECK(reply.times.send < 0);
}

TEST_CASE("net: a connection that breaks before the last byte leaves no effect", "[net]") {
    ScriptedServer target([](Peer peer) {
        peer.read(100);
        peer.reset();
    });
    ClientFixture fixture;
    const WireReply reply = fixture.send(post_to(target.url(), std::string(16 * limits::mib, 'x')));
    CHECK(reply.failure == Failure::send);
    CHECK(reply.effect == Effect::none);
}

TEST_CASE("net: a reply that comes before the request is sent whole is read", "[net]") {
    std::size_t connections = 0;
    ScriptedServer target(2, [&](Peer peer, std::size_t number) {
        connections = number + 1;
        peer.read(100);
        peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
        if (number == 0) {
            peer.end_sending();
            peer.read_to_end();
        }
    });
    ClientFixture fixture;
    const WireReply reply = fixture.send(post_to(target.url(), std::string(16 * limits::mib, 'x')));
    CHECK(reply.failure == Failure::none);
    CHECK(reply.status == 413);
    CHECK(reply.body == "big");
    // The first connection was left in the middle of a request, so it is not used again.
    CHECK(fixture.send(request_to(target.url("/" + std::string(100, 'a')))).status == 413);
    target.join();
    CHECK(connections == 2);
}

TEST_CASE("net: the deadline covers the whole exchange and says where it struck", "[net]") {
    std::promise<void> asked;
    ScriptedServer target([&](Peer peer) {
        peer.read_message();
        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
        asked.set_value();
        peer.read_to_end();
    });
    ClientFixture fixture;
    WireRequest request = request_to(target.url());
    request.timeout_ms = 5'000;
    auto pending = fixture.begin(request);
    asked.get_future().get();
    fixture.thread.catch_up();
    fixture.thread.advance(4'999);
    CHECK(pending.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    fixture.thread.advance(1);
    const WireReply reply = wait_for(pending);
    CHECK(reply.failure == Failure::timeout);
    CHECK(reply.effect == Effect::unknown);
    CHECK(reply.message.find("5000 ms") != std::string::npos);
    CHECK(reply.message.find("waiting for the reply") != std::string::npos);
    CHECK(reply.times.wait == 5'000);
}

TEST_CASE("net: a reply that drips in buys no time", "[net]") {
    std::promise<void> asked;
    std::promise<void> ended;
    std::array<std::promise<void>, 4> ticks;
    std::array<std::promise<void>, 4> sent;
    ScriptedServer target([&](Peer peer) {
        peer.read_message();
        peer.send_all_the_way("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        asked.set_value();
        for (std::promise<void>& tick : ticks) {
            tick.get_future().get();
            peer.send_all_the_way("x");
            sent[static_cast<std::size_t>(&tick - ticks.data())].set_value();
        }
        ended.get_future().get();
    });
    ClientFixture fixture;
    WireRequest request = request_to(target.url());
    request.timeout_ms = 5'000;
    auto pending = fixture.begin(request);
    asked.get_future().get();
    for (std::size_t second = 0; second < ticks.size(); ++second) {
        ticks[second].set_value();
        sent[second].get_future().get();
        fixture.thread.catch_up();
        fixture.thread.advance(1'000);
    }
    fixture.thread.advance(999);
    CHECK(pending.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    fixture.thread.advance(1);
    const WireReply reply = wait_for(pending);
    ended.set_value();
    CHECK(reply.failure == Failure::timeout);
    CHECK(reply.effect == Effect::unknown);
    CHECK(reply.status == 200);
    CHECK(reply.message.find("5000 ms") != std::string::npos);
}

TEST_CASE("net: a request the target does not take in time has no effect", "[net]") {
    std::promise<void> over;
    ScriptedServer target([&](Peer peer) {
        peer.read(100);
        over.get_future().get();
    });
    ClientFixture fixture;
    auto pending = fixture.begin(post_to(target.url(), std::string(16 * limits::mib, 'x')));
    fixture.thread.catch_up();
    fixture.thread.advance(30'000);
    const WireReply reply = wait_for(pending);
    over.set_value();
    CHECK(reply.failure == Failure::timeout);
    CHECK(reply.effect == Effect::none);
}

TEST_CASE("net: a cancelled exchange is done once and never inside the call", "[net]") {
    ScriptedServer target([](Peer peer) { peer.read_to_end(); });
    ClientFixture fixture;
    int done = 0;
    bool calling = false;
    bool inside = false;
    Failure failure = Failure::none;
    fixture.thread.run([&] {
        calling = true;
        const auto id = fixture.client->send(request_to(target.url()), [&](WireReply reply) {
            inside = inside || calling;
            ++done;
            failure = reply.failure;
        });
        fixture.client->cancel(id);
        fixture.client->cancel(id);
        fixture.client->cancel(12'345);
        calling = false;
    });
    fixture.thread.catch_up();
    fixture.thread.run([&] {
        CHECK(done == 1);
        CHECK_FALSE(inside);
        CHECK(failure == Failure::cancelled);
    });
}

TEST_CASE("net: a request that cannot be sent is refused and never inside the call", "[net]") {
    ClientFixture fixture;
    const auto refused = [&](WireRequest request) {
        const WireReply reply = fixture.send(std::move(request));
        CHECK(reply.failure == Failure::refused);
        CHECK(reply.effect == Effect::none);
        CHECK(reply.address.empty());
        CHECK(reply.message.find("s3cret") == std::string::npos);
        return reply.message;
    };
    refused(request_to("ftp://127.0.0.1/"));
    refused(request_to("http://user:s3cret@127.0.0.1/"));
    WireRequest request = request_to("http://127.0.0.1:1/");
    for (const auto& header :
         std::vector<signalbox::dispatch::Header>{{"Host", "x"},
                                                  {"content-length", "0"},
                                                  {"Transfer-Encoding", "chunked"},
                                                  {"Connection", "close"},
                                                  {"X", "s3cret\r\nY: z"},
                                                  {"X Y", "z"}}) {
        request.headers = {header};
        refused(request);
    }
    request.headers.clear();
    request.method = "GET / HTTP/1.1\r\nX:";
    refused(request);
    request = request_to("http://127.0.0.1:1/");
    request.egress_allow.clear();
    CHECK(refused(request).find("127.0.0.1 is loopback") != std::string::npos);
    request.url = "http://localhost:1/";
    CHECK(refused(request).find("is loopback") != std::string::npos);
}

TEST_CASE("net: the addresses of a name are tried in their order", "[net]") {
    ScriptedServer target([](Peer peer) {
        peer.read_message();
        peer.send(ok_with("found"));
    });
    ClientFixture fixture;
    // Where the name has ::1 too, nobody listens there.
    const WireReply reply =
        fixture.send(request_to("http://localhost:" + std::to_string(target.port()) + "/"));
    CHECK(reply.body == "found");
    CHECK(reply.times.dns >= 0);
    CHECK(reply.address == "127.0.0.1:" + std::to_string(target.port()));
}

TEST_CASE("net: destroying the client cancels what is under way", "[net]") {
    std::promise<void> asked;
    ScriptedServer target([&](Peer peer) {
        peer.read_message();
        asked.set_value();
        peer.read_to_end();
    });
    ClientFixture fixture;
    auto pending = fixture.begin(request_to(target.url()));
    asked.get_future().get();
    fixture.thread.run([&] { fixture.client.reset(); });
    REQUIRE(pending.wait_for(std::chrono::seconds(0)) == std::future_status::ready);
    const WireReply reply = pending.get();
    CHECK(reply.failure == Failure::cancelled);
    CHECK(reply.effect == Effect::unknown);
}

TEST_CASE("net: a client may be destroyed after its loop has stopped", "[net]") {
    ManualClock clock;
    Loop loop(clock);
    int cancelled = 0;
    {
        Client client(loop, {});
        loop.post([&] {
            client.send(request_to("http://127.0.0.1:1/"), [&](WireReply) { ++cancelled; });
            client.send(request_to("nonsense"), [&](WireReply) { ++cancelled; });
            loop.stop();
        });
        loop.run();
    }
    CHECK(cancelled == 2);
}

TEST_CASE("net: a client may be destroyed by the reply it hands over", "[net]") {
    ScriptedServer target([](Peer peer) {
        peer.read_message();
        peer.send(ok_with("x"));
        peer.read_to_end();
    });
    ClientFixture fixture;
    std::promise<void> gone;
    fixture.thread.run([&] {
        fixture.client->send(request_to(target.url()), [&](WireReply) {
            fixture.client.reset();
            gone.set_value();
        });
    });
    gone.get_future().get();
    fixture.thread.catch_up();
    CHECK(fixture.client == nullptr);
}

TEST_CASE("net: every failure has its own name", "[net]") {
    const std::vector<std::pair<Failure, std::string>> names = {{Failure::none, "none"},
                                                                {Failure::resolve, "resolve"},
                                                                {Failure::refused, "refused"},
                                                                {Failure::connect, "connect"},
                                                                {Failure::tls, "tls"},
                                                                {Failure::send, "send"},
                                                                {Failure::no_reply, "no_reply"},
                                                                {Failure::bad_reply, "bad_reply"},
                                                                {Failure::truncated, "truncated"},
                                                                {Failure::timeout, "timeout"},
                                                                {Failure::cancelled, "cancelled"}};
    for (const auto& [failure, name] : names)
        CHECK(failure_name(failure) == name);
}
