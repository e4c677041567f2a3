#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "net/framing.hpp"
#include "net/head_scan.hpp"

using namespace signalbox::net;
namespace limits = signalbox::limits;
using namespace std::string_literals;

namespace {

constexpr std::size_t kBodyMax = 1'000;

/// The status with which a whole head is refused; 0: it is accepted.
int judged(const std::string& head, RequestHead* out = nullptr) {
    HeadScan scan(limits::http_head_bytes_max, limits::http_fields_max);
    switch (scan.look(head)) {
        case HeadState::complete:
            break;
        case HeadState::need_more:
            return -1;
        case HeadState::malformed:
            return 400;
        default:
            return 431;
    }
    static ParsedHead parsed;
    RequestHead local;
    RequestHead& result = out == nullptr ? local : *out;
    return judge_request(std::string_view(head).substr(0, scan.head_bytes()), kBodyMax, parsed,
                         result)
        .status;
}

std::string get(const std::string& more) {
    return "GET / HTTP/1.1\r\nHost: h\r\n" + more + "\r\n";
}

std::string with_line(const std::string& line, const std::string& host = "Host: h\r\n") {
    return line + "\r\n" + host + "\r\n";
}

}  // namespace

TEST_CASE("net: sound request heads are accepted", "[net]") {
    for (const std::string& head : {
             get(""),
             get("Content-Length: 0\r\n"),
             get("Content-Length: 1000\r\n"),
             get("Content-Length: 007\r\n"),
             get("content-length:\t5 \r\n"),
             get("Transfer-Encoding: chunked\r\n"),
             get("X: \r\n"),
             get("X: a\tb \xff\x80 c\r\n"),
             get("Connection: close, x\r\n"),
             get("Expect: something\r\n"),
             with_line("GET / HTTP/1.0", ""),
             with_line("GET / HTTP/1.0"),
             with_line("OPTIONS * HTTP/1.1"),
             with_line("DELETE /a?b=c%20d HTTP/1.1"),
             with_line("GET http://h/x HTTP/1.1"),
             with_line("GET HTTP://H?q HTTP/1.1", ""),
             with_line("GET / HTTP/1.1", "Host: 127.0.0.1:80\r\n"),
             with_line("GET / HTTP/1.1", "Host: [::1]:8080\r\n"),
         }) {
        CAPTURE(head);
        if (head.find("H?q") != std::string::npos) {
            CHECK(judged(head) == 400);  // neither a Host nor a path
        } else {
            CHECK(judged(head) == 0);
        }
    }
}

TEST_CASE("net: request heads that two parties could read differently are refused", "[net]") {
    const std::vector<std::string> heads = {
        // Line ends and folding.
        "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost: h\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n",
        get("X: a\r\n b\r\n"),
        get("X: a\r\n\tb\r\n"),
        "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"s,
        "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        // Field syntax.
        get("X : a\r\n"),
        get("no colon\r\n"),
        get(": empty name\r\n"),
        get("X\x80: a\r\n"),
        get("X: a\x01\r\n"),
        get("X: a\x7f\r\n"),
        get("Transfer-Encoding : chunked\r\n"),
        // Lengths.
        get("Content-Length: +5\r\n"),
        get("Content-Length: -5\r\n"),
        get("Content-Length: 0x5\r\n"),
        get("Content-Length: 5 5\r\n"),
        get("Content-Length: 4, 4\r\n"),
        get("Content-Length: 5,\r\n"),
        get("Content-Length: \r\n"),
        get("Content-Length: 1e1\r\n"),
        get("Content-Length: 4\r\nContent-Length: 4\r\n"),
        get("Content-Length: 4\r\ncontent-length: 5\r\n"),
        // Codings.
        get("Transfer-Encoding: xchunked\r\n"),
        get("Transfer-Encoding: identity\r\n"),
        get("Transfer-Encoding: gzip, chunked\r\n"),
        get("Transfer-Encoding: chunked, gzip\r\n"),
        get("Transfer-Encoding: chunked, chunked\r\n"),
        get("Transfer-Encoding: chunked;x=1\r\n"),
        get("Transfer-Encoding: \"chunked\"\r\n"),
        get("Transfer-Encoding:\r\n"),
        get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        get("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        get("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
        get("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
        "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        // Host.
        with_line("GET / HTTP/1.1", ""),
        with_line("GET / HTTP/1.1", "Host: h\r\nHost: h\r\n"),
        with_line("GET / HTTP/1.0", "Host: h\r\nHost: g\r\n"),
        with_line("GET / HTTP/1.1", "Host:\r\n"),
        with_line("GET / HTTP/1.1", "Host: a b\r\n"),
        with_line("GET / HTTP/1.1", "Host: user@h\r\n"),
        with_line("GET / HTTP/1.1", "Host: h:99999\r\n"),
        with_line("GET / HTTP/1.1", "Host: h:\r\n"),
        with_line("GET / HTTP/1.1", "Host: h/x\r\n"),
        with_line("GET / HTTP/1.1", "Host: [::1\r\n"),
        // The first line.
        with_line("GET  / HTTP/1.1"),
        with_line("GET / HTTP/1.1 "),
        with_line("GET /a b HTTP/1.1"),
        with_line("GET / http/1.1"),
        with_line("GET / HTTP/1.11"),
        with_line("GET /"),
        with_line("GE(T / HTTP/1.1"),
        with_line("GET /\x01 HTTP/1.1"),
        with_line("GET /\xc3\xa4 HTTP/1.1"),
        with_line("GET /a#b HTTP/1.1"),
        with_line("GET a HTTP/1.1"),
        with_line("GET * HTTP/1.1"),
        with_line("GET h:80 HTTP/1.1"),
        with_line("GET https://h/ HTTP/1.1"),
        with_line("GET http://other/ HTTP/1.1"),
        with_line("GET http://u@h/ HTTP/1.1"),
        "\x16\x03\x01\x02",
    };
    for (const std::string& head : heads) {
        CAPTURE(head);
        CHECK(judged(head) == 400);
    }
}

TEST_CASE("net: versions and methods of others are named as such", "[net]") {
    CHECK(judged(with_line("GET / HTTP/2.0")) == 505);
    CHECK(judged(with_line("GET / HTTP/1.2")) == 505);
    CHECK(judged(with_line("GET / HTTP/9.9")) == 505);
    CHECK(judged("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505);
    CHECK(judged(with_line("BREW / HTTP/1.1")) == 501);
    CHECK(judged(with_line("get / HTTP/1.1")) == 501);
    CHECK(judged(with_line("TRACE / HTTP/1.1")) == 501);
    CHECK(judged(with_line("CONNECT h:80 HTTP/1.1")) == 501);
    CHECK(judged(with_line(std::string(500, 'A') + " / HTTP/1.1")) == 501);
}

TEST_CASE("net: an announced body over the limit is refused by its head", "[net]") {
    CHECK(judged(get("Content-Length: 1000\r\n")) == 0);
    CHECK(judged(get("Content-Length: 1001\r\n")) == 413);
    CHECK(judged(get("Content-Length: 18446744073709551615\r\n")) == 413);
}

TEST_CASE("net: a request head says how its body ends and whether the connection goes on",
          "[net]") {
    RequestHead head;
    REQUIRE(judged(get("Content-Length: 12\r\nExpect: 100-Continue\r\n"), &head) == 0);
    CHECK(head.framing.kind == Framing::Kind::length);
    CHECK(head.framing.length == 12);
    CHECK(head.keep_alive);
    CHECK(head.expects_continue);
    REQUIRE(judged(get("Transfer-Encoding: Chunked\r\nConnection: x, Close\r\n"), &head) == 0);
    CHECK(head.framing.kind == Framing::Kind::chunked);
    CHECK_FALSE(head.keep_alive);
    CHECK_FALSE(head.expects_continue);
    REQUIRE(judged(with_line("GET / HTTP/1.0", "Expect: 100-continue\r\n"), &head) == 0);
    CHECK(head.framing.kind == Framing::Kind::none);
    CHECK_FALSE(head.keep_alive);
    CHECK_FALSE(head.expects_continue);
    const std::string absolute = with_line("GET http://h HTTP/1.1");
    REQUIRE(judged(absolute, &head) == 0);
    CHECK(head.target == "/");
}

TEST_CASE("net: a head is accepted at its limits and refused one past them", "[net]") {
    const auto sized = [](std::size_t bytes) {
        std::string head = get("X: \r\n");
        head.insert(head.size() - 4, bytes - head.size(), 'x');
        return head;
    };
    CHECK(judged(sized(limits::http_head_bytes_max)) == 0);
    CHECK(judged(sized(limits::http_head_bytes_max + 1)) == 431);
    const auto fields = [](std::size_t count) {
        std::string more;
        for (std::size_t i = 1; i < count; ++i)
            more += "X: y\r\n";
        return get(more);
    };
    CHECK(judged(fields(limits::http_fields_max)) == 0);
    CHECK(judged(fields(limits::http_fields_max + 1)) == 431);
}

TEST_CASE("net: a head that drips in is judged as if it came at once", "[net]") {
    const std::string head = get("A: b\r\nContent-Length: 3\r\n");
    HeadScan scan(limits::http_head_bytes_max, limits::http_fields_max);
    for (std::size_t size = 0; size < head.size(); ++size) {
        REQUIRE(scan.look(std::string_view(head).substr(0, size)) == HeadState::need_more);
    }
    CHECK(scan.look(head + "body") == HeadState::complete);
    CHECK(scan.head_bytes() == head.size());
    scan.reset();
    CHECK(scan.look(head) == HeadState::complete);
}

TEST_CASE("net: an endless first line is refused at the limit", "[net]") {
    HeadScan scan(100, 10);
    CHECK(scan.look(std::string(99, 'a')) == HeadState::need_more);
    CHECK(scan.look(std::string(100, 'a')) == HeadState::too_large);
}
