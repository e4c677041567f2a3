#include "jq/source.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "jq/tokens.hpp"

using namespace signalbox;
using namespace signalbox::jq;
using Catch::Matchers::Contains;

namespace {

/// What is wrong with it; empty: nothing.
std::string refusal(const std::string& text, bool unbounded = false) {
    const auto source = make_source(text, unbounded);
    if (source) return {};
    CHECK(source.error().code == "unsupported_expression");
    return source.error().message;
}

std::string kinds(std::string_view text) {
    std::string all;
    for (const Token& token : scan(text, false).list) {
        const char* names[] = {"name", "key", "field", "$", "string", "number", "format", ""};
        if (token.kind == Token::Kind::symbol) continue;
        all += std::string(all.empty() ? "" : " ") + names[static_cast<int>(token.kind)] + ":" +
               std::string(token.text);
    }
    return all;
}

}  // namespace

TEST_CASE("jq: tokens are told apart as jq's lexer does", "[jq]") {
    CHECK(kinds(".a.b | map(.c)") == "field:.a field:.b name:map field:.c");
    CHECK(kinds("{a: b, c, \"d\": e, (f): g, $h}") ==
          "key:a name:b key:c string:\" name:e name:f name:g $:h");
    CHECK(kinds(". as {a: $x, b: [$y]} | $ z") == "name:as key:a $:x key:b $:y $:z");
    CHECK(kinds("\"a \\(env) b\" env") == "string:\" name:env name:env");
    CHECK(kinds("@base64 \"x\" 1.5e-3 .5 a::b # env\n c") ==
          "format:@base64 string:\" number:1.5e-3 number:.5 name:a::b name:c");
    CHECK(kinds("[{a: [1, b]}, c]") == "key:a number:1 name:b name:c");
}

TEST_CASE("jq: what reads from outside is refused by its name", "[jq]") {
    for (const char* text : {"env",
                             ".a | env",
                             "env.HOME",
                             "$ENV",
                             "$ENV.HOME",
                             "$ ENV",
                             "$ # x\n ENV",
                             "input",
                             "inputs",
                             "inputs.name",
                             "[inputs]",
                             "debug",
                             "debug(\"x\")",
                             "stderr",
                             "halt",
                             "halt_error",
                             "halt_error(1)",
                             "import \"a\" as a; .",
                             "include \"a\"; .",
                             "input_filename",
                             "$__prog_args",
                             "get_search_list",
                             "modulemeta",
                             "input_line_number",
                             "\"\\(env)\"",
                             "\"a\\(\"b\\(input)\")\"",
                             "{a: env}",
                             "{(env): 1}",
                             "{$ENV}",
                             "def env: 1; env",
                             "_signalbox_tick",
                             "$__n",
                             ". as $ENV | 1",
                             "@base64 \"\\($ENV.X)\"",
                             "1 as $x | env"}) {
        CAPTURE(text);
        CHECK_THAT(refusal(text, true), Contains("uses `"));
    }
    CHECK_THAT(refusal("inputs.name"), Contains("`.inputs`"));
}

TEST_CASE("jq: a string, a field and a key of such a name are fine", "[jq]") {
    for (const char* text : {".env",           ".input",
                             ".inputs.env",    ".\"input\"",
                             ".[\"$ENV\"]",    "\"env\"",
                             "{env: 1}",       "{env: .a, input: .b}",
                             "{env, debug}",   ". as {env: $e} | $e",
                             ".a.halt",        "\"\\\\(env)\"",
                             "\"$ENV\"",       ". # env\n",
                             "$__loc__",       ".environment",
                             "environment_of", "$env",
                             "{\"input\": 1}", "{a: 1, inputs: 2}"}) {
        CAPTURE(text);
        CHECK(refusal(text) == "");
    }
}

TEST_CASE("jq: what can run without end needs unbounded", "[jq]") {
    for (const char* text : {"range(3)", "[range(1;3)]", "until(.; .)", "while(.; .)", "repeat(.)",
                             "recurse(.a)", "recurse (.a)", "def f: f; f",
                             "[[1],[2]] | combinations", "fromstream(.)", "\"\\(range(2))\""}) {
        CAPTURE(text);
        CHECK_THAT(refusal(text), Contains("without end") && Contains("unbounded: true"));
        CHECK(refusal(text, true) == "");
    }
    for (const char* text :
         {"recurse", "..", "reduce .[] as $x (0; . + $x)", "foreach .[] as $x (0; . + $x)",
          ".range", "{range: 1}", "limit(3; .[])", "first(.[])", "walk(.)", "{def: 1}"}) {
        CAPTURE(text);
        CHECK(refusal(text) == "");
    }
}

TEST_CASE("jq: brackets and strings close by their like", "[jq]") {
    for (const char* text :
         {"(", ")", ".a)", "(.a]", "{", "\"", "\"\\(1\"", "[1}", ".a) | (.b", "\"\\(]\""})
        CHECK_THAT(refusal(text), Contains("not closed"));
    CHECK_THAT(refusal(""), Contains("empty"));
    CHECK_THAT(refusal(" # only this"), Contains("empty"));
    CHECK_THAT(refusal(std::string("1\0", 2)), Contains("NUL"));
}

TEST_CASE("jq: numbers that a double does not keep are refused", "[jq]") {
    CHECK(refusal("9007199254740991") == "");
    CHECK_THAT(refusal("9007199254740992"), Contains("2^53"));
    CHECK_THAT(refusal(".a + 12345678901234567890"), Contains("12345678901234567890"));
    CHECK(refusal("1e300") == "");
    CHECK_THAT(refusal("1e400"), Contains("1e400"));
}

TEST_CASE("jq: an expression at the limit is taken and one byte more is not", "[jq]") {
    const auto quoted = [](std::size_t bytes) { return "\"" + std::string(bytes - 2, 'x') + "\""; };
    CHECK(refusal(quoted(limits::jq_expression_bytes_max)) == "");
    const std::string message = refusal(quoted(limits::jq_expression_bytes_max + 1));
    CHECK_THAT(message, Contains("16385 bytes") && Contains("16384"));
    CHECK(message.size() < 300);
}

TEST_CASE("jq: what nests as deep as it is long is scanned", "[jq]") {
    std::string deep;
    for (int i = 0; i < 200'000; ++i)
        deep += "\"\\(";
    CHECK_FALSE(scan(deep, false).balanced);
    CHECK(scan(deep, true).end == std::string_view::npos);
}
