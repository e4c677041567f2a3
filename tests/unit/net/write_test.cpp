#include "net/write.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "net/text.hpp"
#include "net/url.hpp"

using namespace signalbox::net;

TEST_CASE("net: what would split a message is not sendable", "[net]") {
    CHECK(unsendable({{"X-Name", "value with \xc3\xa4 and\ttab"}}).empty());
    for (const std::string& value :
         {std::string("a\r\nInjected: b"), std::string("a\nb"), std::string("a\rb"),
          std::string("a\0b", 3), std::string("a\x7f")}) {
        CHECK_FALSE(unsendable({{"X", value}}).empty());
    }
    for (const char* name : {"", "a b", "a:", "a\r\n", "\xc3\xa4"}) {
        CHECK_FALSE(unsendable({{name, "x"}}).empty());
    }
    CHECK(unsendable({{"X-Key", "se\ncret"}}).find("cret") == std::string::npos);
}

TEST_CASE("net: a reply carries one Content-Length and Date and whatever framing it was given not",
          "[net]") {
    Response response;
    response.status = 202;
    response.headers = {{"Content-Type", "text/plain"},
                        {"content-length", "9"},
                        {"Transfer-Encoding", "chunked"},
                        {"DATE", "x"},
                        {"Connection", "y"}};
    response.body = "hello";
    std::string wire;
    append_reply(wire, response, {false, false, false, "D"});
    CHECK(wire ==
          "HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
          "Date: D\r\n\r\nhello");
    wire.clear();
    append_reply(wire, response, {true, true, false, "D"});
    CHECK(wire ==
          "HTTP/1.1 202 Accepted\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
          "Date: D\r\nConnection: close\r\n\r\n");
    response = {};
    response.status = 204;
    response.body = "never sent";
    wire.clear();
    append_reply(wire, response, {false, false, false, "D"});
    CHECK(wire == "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n");
}

TEST_CASE("net: a request announces its body and an empty one where the method means it", "[net]") {
    std::string wire;
    append_request(wire, {"POST", "/x?y", "h:1"}, {{"A", "b"}}, "hi");
    CHECK(wire == "POST /x?y HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Length: 2\r\n\r\nhi");
    wire.clear();
    append_request(wire, {"PATCH", "/", "h"}, {}, "");
    CHECK(wire == "PATCH / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
    wire.clear();
    append_request(wire, {"GET", "/", "h"}, {}, "");
    CHECK(wire == "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST_CASE("net: the date is HTTP's", "[net]") {
    CHECK(http_date(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http_date(1'709'208'000) == "Thu, 29 Feb 2024 12:00:00 GMT");
}

TEST_CASE("net: URLs are taken apart", "[net]") {
    const auto url = parse_url("https://Dev.Example.com/org/_apis?api-version=6.0");
    REQUIRE(url);
    CHECK(url->tls);
    CHECK(url->host == "Dev.Example.com");
    CHECK(url->port == 443);
    CHECK(url->path_and_query == "/org/_apis?api-version=6.0");
    const auto six = parse_url("HTTP://[::1]:8080?x=http://y");
    REQUIRE(six);
    CHECK_FALSE(six->tls);
    CHECK(six->host == "::1");
    CHECK(six->authority == "[::1]:8080");
    CHECK(six->port == 8080);
    CHECK(six->path_and_query == "?x=http://y");
    const auto bare = parse_url("http://h");
    REQUIRE(bare);
    CHECK(bare->port == 80);
    CHECK(bare->path_and_query.empty());
    CHECK(parse_url("http://h:65535/")->port == 65'535);
}

TEST_CASE("net: URLs that could be understood in two ways are refused without being shown",
          "[net]") {
    for (const char* text : {"",
                             "h",
                             "ftp://h/",
                             "http:/h",
                             "http:///x",
                             "http://",
                             "http://user:key@h/",
                             "http://h/#f",
                             "http://h/a b",
                             "http://h/\r\nX: y",
                             "http://h/\x80",
                             "http://h:0/",
                             "http://h:65536/",
                             "http://h:/",
                             "http://h:1x/",
                             "http://[::1/",
                             "http://::1/",
                             "http://h\\x/",
                             "http://a%62/",
                             " http://h/"}) {
        CAPTURE(text);
        const auto url = parse_url(text);
        REQUIRE_FALSE(url);
        CHECK(url.error().code == "bad_url");
        CHECK(url.error().message.find("key@") == std::string::npos);
    }
}

TEST_CASE("net: tokens are found in lists in any case and only whole", "[net]") {
    CHECK(list_holds("keep-alive, Close", "close"));
    CHECK(list_holds("close", "close"));
    CHECK_FALSE(list_holds("closed, not-close", "close"));
    CHECK_FALSE(list_holds("", "close"));
}
