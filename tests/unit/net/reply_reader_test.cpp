#include "net/reply_reader.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/limits.hpp"

using namespace signalbox::net;
using signalbox::dispatch::WireReply;
using State = ReplyReader::State;
namespace limits = signalbox::limits;

namespace {

struct Outcome {
    State state = State::more;
    WireReply reply;
    bool reusable = false;
    std::string problem;
};

Outcome read(const std::string& wire, std::size_t piece = std::string::npos, bool to_head = false) {
    ReplyReader reader(to_head, 100);
    ParsedHead parsed;
    Outcome outcome;
    for (std::size_t at = 0; at < wire.size() && outcome.state == State::more;) {
        const std::string bytes = wire.substr(at, piece);
        outcome.state = reader.feed(bytes, parsed, outcome.reply);
        at += bytes.size();
    }
    outcome.reusable = outcome.state == State::done && reader.reusable();
    outcome.problem = reader.problem();
    return outcome;
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";

}  // namespace

TEST_CASE("net: sound replies are read however they are cut", "[net]") {
    const std::vector<std::pair<std::string, std::string>> replies = {
        {kOk + "Content-Length: 5\r\n\r\nhello", "hello"},
        {kOk + "Content-Length: 0\r\n\r\n", ""},
        {kOk + "transfer-encoding: chunked\r\nX-Case: Kept \r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         "hello"},
        {"HTTP/1.1 204 \r\n\r\n", ""},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", ""},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n" + kOk +
             "Content-Length: 2\r\n\r\nok",
         "ok"},
    };
    for (const auto& [wire, body] : replies) {
        for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{7}}) {
            CAPTURE(wire, piece);
            const Outcome outcome = read(wire, piece);
            CHECK(outcome.state == State::done);
            CHECK(outcome.reply.body == body);
            CHECK(outcome.reply.status >= 200);
            CHECK(outcome.reusable);
        }
    }
    const Outcome outcome = read(replies[2].first);
    REQUIRE(outcome.reply.headers.size() == 2);
    CHECK(outcome.reply.headers[1].first == "X-Case");
    CHECK(outcome.reply.headers[1].second == "Kept");
}

TEST_CASE("net: the reply to HEAD has no body whatever it announces", "[net]") {
    const Outcome outcome = read(kOk + "Content-Length: 5\r\n\r\n", std::string::npos, true);
    CHECK(outcome.state == State::done);
    CHECK(outcome.reusable);
}

TEST_CASE("net: replies without plain framing are refused", "[net]") {
    for (const std::string& wire : std::vector<std::string>{
             kOk + "\r\nbody until the end",
             kOk + "Connection: close\r\n\r\nbody",
             "HTTP/1.0 200 OK\r\n\r\nbody",
             "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             kOk + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
             kOk + "Content-Length: 5, 5\r\n\r\nhello",
             kOk + "Content-Length: +5\r\n\r\nhello",
             kOk + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             kOk + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
             kOk + "Transfer-Encoding: chunked\r\n\r\nz\r\n",
             kOk + "X: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
             "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
             "HTTP/1.1 101 Switching\r\n\r\n",
             "SSH-2.0-x\r\n\r\n",
             "<html>\r\n\r\n",
         }) {
        CAPTURE(wire);
        const Outcome outcome = read(wire);
        CHECK(outcome.state == State::bad);
        CHECK_FALSE(outcome.problem.empty());
    }
}

TEST_CASE("net: a reply is accepted at its limits and refused one past them", "[net]") {
    const auto sized_body = [](std::size_t size) {
        return kOk + "Content-Length: " + std::to_string(size) + "\r\n\r\n" +
               std::string(size, 'x');
    };
    CHECK(read(sized_body(100)).state == State::done);
    CHECK(read(sized_body(101)).state == State::bad);

    const auto interim = [](std::size_t count) {
        std::string wire;
        for (std::size_t i = 0; i < count; ++i)
            wire += "HTTP/1.1 102 P\r\n\r\n";
        return wire + kOk + "Content-Length: 0\r\n\r\n";
    };
    CHECK(read(interim(limits::reply_interim_max)).state == State::done);
    CHECK(read(interim(limits::reply_interim_max + 1)).state == State::bad);

    const auto fields = [](std::size_t count) {
        std::string wire = kOk + "Content-Length: 0\r\n";
        for (std::size_t i = 1; i < count; ++i)
            wire += "X: y\r\n";
        return wire + "\r\n";
    };
    CHECK(read(fields(limits::reply_fields_max)).state == State::done);
    CHECK(read(fields(limits::reply_fields_max + 1)).state == State::bad);

    const auto head = [](std::size_t bytes) {
        std::string wire = kOk + "Content-Length: 0\r\nX: \r\n\r\n";
        wire.insert(wire.size() - 4, bytes - wire.size(), 'x');
        return wire;
    };
    CHECK(read(head(limits::reply_head_bytes_max)).state == State::done);
    CHECK(read(head(limits::reply_head_bytes_max + 1)).state == State::bad);
}

TEST_CASE("net: a reply leaves the connection reusable only if nothing follows it", "[net]") {
    CHECK_FALSE(read(kOk + "Content-Length: 1\r\n\r\nxHTTP/1.1").reusable);
    CHECK_FALSE(read(kOk + "Content-Length: 1\r\nConnection: Close\r\n\r\nx").reusable);
    CHECK_FALSE(
        read("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx").reusable);
    CHECK(read(kOk + "Content-Length: 1\r\n\r\nx").reusable);
}
