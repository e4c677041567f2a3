#include "base/hole.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;

TEST_CASE("base: a hole is filled by its name, and *** for people", "[base]") {
    const std::string text = "a" + hole("A") + hole("b-2") + "z";
    CHECK(has_hole(text));
    CHECK(without_holes(text) == "a******z");
    CHECK(fill_holes(text, [](std::string_view name) { return "<" + std::string(name) + ">"; }) ==
          "a<A><b-2>z");
    CHECK_FALSE(has_hole("a\xC3\xBFz"));
    CHECK(without_holes("plain") == "plain");
    CHECK(without_holes("").empty());
}

TEST_CASE("base: a hole that a message was cut in shows nothing of what is left", "[base]") {
    const std::string text = "x" + hole("NAME");
    for (std::size_t size = 1; size <= text.size(); ++size)
        CHECK(without_holes(text.substr(0, size)).substr(0, 4) == (size == 1 ? "x" : "x***"));
}
