#include <catch2/catch.hpp>

#include <cstdint>
#include <iterator>

#include "unit/document/support.hpp"

using Catch::Matchers::Contains;
using document_test::read;

TEST_CASE("document: bytes that are not text are refused at their place", "[document]") {
    struct Case {
        std::string text;
        const char* place;
        const char* message;
    };
    const Case cases[] = {
        {"a: \xff", "f:1:4:", "not UTF-8"},
        {"a: \xc3", "f:1:4:", "not UTF-8"},
        {"a: \xc0\xaf", "f:1:4:", "not UTF-8"},
        {"a: \xed\xa0\x80", "f:1:4:", "not UTF-8"},
        {"a: \xf4\x90\x80\x80", "f:1:4:", "not UTF-8"},
        {"a: \xe0\x80\x80", "f:1:4:", "not UTF-8"},
        {std::string("\xff\xfe") + "a", "f:1:1:", "not UTF-8"},
        {std::string("\xfe\xff") + "a", "f:1:1:", "not UTF-8"},
        {std::string("é: 1\nb: \0", 10), "f:2:4:", "U+0000"},
        {"a: \x01", "f:1:4:", "U+0001"},
        {"a: \x7f", "f:1:4:", "U+007F"},
        {"a: b\xEF\xBB\xBF", "f:1:5:", "U+FEFF"},
        {"a: \xEF\xBF\xBF", "f:1:4:", "U+FFFF"},
        {"a: b\rc", "f:1:5:", "carriage return"},
        {"a: \xC2\x85", "f:1:4:", "U+0085"},
        {"a: \"\xE2\x80\xA8\"", "f:1:5:", "U+2028"},
        {"a: \"\xE2\x80\xA9\"", "f:1:5:", "U+2029"},
    };
    for (const Case& bad : cases) {
        INFO(bad.text);
        const auto result = read(bad.text);
        CHECK_FALSE(result.node.has_value());
        CHECK_THAT(result.findings(), Contains(std::string(bad.place)));
        CHECK_THAT(result.findings(), Contains(std::string(bad.message)));
    }
}

TEST_CASE("document: a hundred thousand brackets end in an error", "[document]") {
    for (const char* open : {"[", "{", "- ", "? ", "{a: ", "[\n", "{\"a\":"}) {
        INFO(open);
        std::string text;
        while (text.size() < 100'000)
            text += open;
        const auto result = read(text);
        CHECK_FALSE(result.node.has_value());
        CHECK(has_errors(result.problems));
    }
}

TEST_CASE("document: aliases cannot multiply", "[document]") {
    const auto result = read("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n");
    CHECK(result.json() == R"({"a":["x","x"],"b":[null,null],"c":[null,null]})");
    CHECK(result.problems.size() == 6);
}

TEST_CASE("document: a sequence that contains itself is refused", "[document]") {
    CHECK_THAT(read("&a [*a]").findings(), Contains("aliases"));
}

TEST_CASE("document: any bytes are either read or refused", "[document]") {
    const std::string_view pieces[] = {
        "a",    ": ", "- ", "[",    "]",   "{",       "}",       ",",    "\n", "\t", " ",
        "\"",   "'",  "&x", "*x",   "!t",  "\\ud83d", "\\ude00", "|",    ">",  "#",  "%",
        "\xff", "é",  "1",  "true", "---", "...",     "? ",      "\r\n", "~"};
    std::uint64_t state = 42;
    const auto next = [&state] {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return state >> 33U;
    };
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::uint64_t length = next() % 24; length > 0; --length)
            text += pieces[next() % std::size(pieces)];
        const auto result = read(text);
        const bool is_refused = has_errors(result.problems);
        INFO(text);
        if (is_refused == false && !result.node) FAIL("neither a tree nor an error");
        for (const auto& problem : result.problems) {
            if (problem.position.line == 0 || problem.position.column == 0)
                FAIL("an error without a place");
        }
    }
    SUCCEED();
}
