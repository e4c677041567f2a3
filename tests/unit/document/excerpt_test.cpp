#include "document/excerpt.hpp"

#include <catch2/catch.hpp>

using namespace signalbox::document;

TEST_CASE("document: an excerpt has a caret below the character that is meant", "[document]") {
    CHECK(excerpt("lisen: 1", {3, 1}) == "     3 | lisen: 1\n       | ^");
    CHECK(excerpt("é😀: x", {12, 5}) == "    12 | é😀: x\n       |     ^");
    CHECK(excerpt("\ta: \x01", {1, 5}) == "     1 |  a: ?\n       |     ^");
    CHECK(excerpt("short", {1, 6}) == "     1 | short\n       |      ^");
    CHECK(excerpt("cut here ***", {1, 40}) == "     1 | cut here ***\n       |             ^");
    CHECK(excerpt("no column", {7, 0}) == "     7 | no column");
    CHECK(excerpt("x", {1234567, 1}) == "1234567 | x\n        | ^");
}

TEST_CASE("document: a long line is cut around the caret", "[document]") {
    const std::string line = std::string(200, 'a') + "X" + std::string(200, 'b');
    CHECK(excerpt(line, {1, 201}) == "     1 | …" + std::string(80, 'a') + "X" +
                                         std::string(39, 'b') + "…\n       | " +
                                         std::string(81, ' ') + "^");
    CHECK(excerpt(line, {1, 1}) == "     1 | " + std::string(120, 'a') + "…\n       | ^");
}

TEST_CASE("document: lines are found by their number whatever ends them", "[document]") {
    CHECK(line_of("\xEF\xBB\xBF"
                  "a\r\nb\n\nc",
                  1) == "a");
    CHECK(line_of("a\r\nb\n\nc", 2) == "b");
    CHECK(line_of("a\r\nb\n\nc", 3) == "");
    CHECK(line_of("a\r\nb\n\nc", 4) == "c");
    CHECK_FALSE(line_of("a\r\nb\n\nc", 5).has_value());
    CHECK_FALSE(line_of("a", 0).has_value());
}
