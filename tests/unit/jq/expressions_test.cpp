#include "jq/expressions.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"

using namespace signalbox;
using namespace signalbox::jq;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> many(std::size_t count) {
    std::vector<std::string> sources;
    for (std::size_t i = 0; i < count; ++i)
        sources.push_back(".inputs.a" + std::to_string(i) + " | ascii_downcase");
    return sources;
}

}  // namespace

TEST_CASE("jq: a hundred expressions are one compile, and one more is another", "[jq]") {
    CHECK(Expressions(many(limits::jq_chunk_expressions_max)).compiles() == 1);
    CHECK(Expressions(many(limits::jq_chunk_expressions_max + 1)).compiles() == 2);
    CHECK(Expressions(many(300)).compiles() == 3);
    CHECK(Expressions({}).compiles() == 0);
}

TEST_CASE("jq: equal expressions are compiled once", "[jq]") {
    const Expressions expressions(std::vector<std::string>(500, ".trigger | {by, origin, at}"));
    CHECK(expressions.compiles() == 1);
    CHECK(expressions.place(499).number == 0);
    CHECK(expressions.source(499) == ".trigger | {by, origin, at}");
}

TEST_CASE("jq: what is wrong is found by halving, and the rest is there", "[jq]") {
    auto sources = many(200);
    sources[7] = ".inputs | toTFVariables";
    sources[150] = ".a b";
    sources[199] = sources[7];
    const Expressions expressions(sources);
    REQUIRE(expressions.refused().size() == 3);
    CHECK(expressions.refused()[0].index == 7);
    CHECK(expressions.refused()[0].message == "toTFVariables/0 is not defined");
    CHECK(expressions.refused()[1].index == 150);
    CHECK_THAT(expressions.refused()[1].message,
               Contains("syntax error") && !Contains("shell") && !Contains("line"));
    CHECK(expressions.refused()[2].index == 199);
    // Each halving asks twice: seven or eight of them for either.
    CHECK(expressions.compiles() < 40);
}

TEST_CASE("jq: no expression can close what stands around it", "[jq]") {
    for (const char* text : {"1 end", "1; 2", ". as", "if 1 then", "1 | else 2", "reduce",
                             "\"a\" \"b\"", "def f: 1;"}) {
        CAPTURE(text);
        const Expressions expressions({".a", text, ".b"});
        REQUIRE(expressions.refused().size() == 1);
        CHECK(expressions.refused()[0].index == 1);
    }
}
