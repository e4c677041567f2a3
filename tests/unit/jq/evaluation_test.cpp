#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "support.hpp"

using namespace jq_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("jq: values go in and come out as they are", "[jq]") {
    for (const char* value :
         {"null", "true", "false", "0", "-1", "1.5", "9007199254740991", "-9007199254740991",
          "1e+300", "\"\"", "\"Zoë \\\"Z\\\" \\u0001 😀\"", "[]", "{}",
          "[1,[2,{\"b\":1,\"a\":null}]]", "{\"z\":1,\"a\":{\"y\":[]}}", "\"a\\u0000b\""}) {
        CAPTURE(value);
        CHECK(evaluated("., empty", value) == value);
    }
}

TEST_CASE("jq: an integer that would lose digits is an error on its way in", "[jq]") {
    const std::string message =
        evaluated(".a.name", R"({"a":{"name":"n","~id/":[1,9007199254740993]}})");
    CHECK_THAT(message,
               StartsWith("template_failed: ") && Contains("/a/~0id~1/1") && Contains("string"));
    CHECK_THAT(message, !Contains("9007199254740993"));
    CHECK_THAT(evaluated(".", "18446744073709551615"), StartsWith("template_failed: "));
    CHECK_THAT(evaluated(".", "-9223372036854775807"), StartsWith("template_failed: "));
}

TEST_CASE("jq: an integer that may have lost digits is an error on its way out", "[jq]") {
    CHECK_THAT(evaluated(".[0] + .[1]", "[9007199254740991,2]"),
               StartsWith("template_failed: ") && Contains("2^53"));
    CHECK_THAT(evaluated("\"9007199254740993\" | tonumber"), StartsWith("template_failed: "));
    CHECK(evaluated(".a", R"({"a":1,"b":9007199254740992})") == "1");
    CHECK_THAT(evaluated(".b", R"({"a":1,"b":9007199254740992})"), StartsWith("template_failed: "));
}

TEST_CASE("jq: what JSON does not have is an error", "[jq]") {
    CHECK_THAT(evaluated("nan"), StartsWith("template_failed: ") && Contains("infinite"));
    CHECK_THAT(evaluated("[infinite]"), StartsWith("template_failed: "));
    CHECK_THAT(evaluated("{a: (-1 * infinite)}"), StartsWith("template_failed: "));
    CHECK_THAT(evaluated("{\"a\\u0000\": 1}"), Contains("NUL"));
}

TEST_CASE("jq: no result is null and several are an error", "[jq]") {
    CHECK(evaluated("empty") == "null");
    CHECK(evaluated(".[] | select(. > 5)", "[1,2]") == "null");
    CHECK_THAT(evaluated("1, 2"),
               StartsWith("template_failed: gave several results") && Contains("first("));
    CHECK(evaluated("[1, 2]") == "[1,2]");
    CHECK_THAT(evaluated("1, error(\"no\")"), Contains("failed: no"));
}

TEST_CASE("jq: a result at the limits is taken and one past them is not", "[jq]") {
    const std::size_t most = limits::jq_output_bytes_max;
    CHECK(evaluated("\"x\" * " + std::to_string(most - 2)).size() == most);
    CHECK_THAT(evaluated("\"x\" * " + std::to_string(most - 1)),
               Contains("more than 8388608 bytes"));
    CHECK_THAT(evaluated("\"x\" * 1e9"), Contains("a string is repeated to more than is accepted"));
    CHECK_THAT(evaluated("1e9 * \"x\""), Contains("a string is repeated"));
    const auto nested = [](std::size_t levels) {
        return "reduce [range(" + std::to_string(levels - 1) + ")][] as $i (1; [.])";
    };
    CHECK_THAT(evaluated(nested(limits::json_depth_max), "null", true), StartsWith("[["));
    CHECK_THAT(evaluated(nested(limits::json_depth_max + 1), "null", true),
               Contains("more than 64 levels"));
    CHECK(evaluated("[] | .[1000000] = 1 | length") == "1000001");
    CHECK_THAT(evaluated("[] | .[1000001] = 1"), Contains("index"));
    CHECK_THAT(evaluated("[] | .[1000001] |= 1"), Contains("index"));
    CHECK_THAT(evaluated("[] | .[1000001] += 1"), Contains("index"));
    CHECK_THAT(evaluated("setpath([1000001]; 1)"), Contains("index"));
}

TEST_CASE("jq: messages say what is wrong and quote no values", "[jq]") {
    const char* context = R"({"s":"hush","n":{"k":"hush"},"l":["hush"]})";
    for (const char* text : {".s | keys",
                             ".s - 1",
                             ".s | tonumber",
                             ".s | map(.)",
                             ".s | .[]",
                             ".s.k",
                             ".s | .[0]",
                             ".l[.s]",
                             ".l | .[\"hush\"]",
                             "error(.s)",
                             "error(\"no \" + .s)",
                             "error(.n)",
                             ".s | @base64d",
                             ".n | tonumber",
                             ".n + 1",
                             ".s | test(.s + \"[\")",
                             ".l | implode",
                             ".n | test(\"x\")",
                             "{(.l): 1}",
                             ".n | @csv",
                             ".l | from_entries",
                             ".n | ltrimstr(1) | ascii_downcase",
                             ".s | strptime(\"%Y\")",
                             ".s | fromjson",
                             ".s as [$a] | $a",
                             "[.l,.n] | add",
                             ".s | -.",
                             ".n | join(\",\")",
                             ".s | splits(1)",
                             ".s | has(0)",
                             ".n | .[.l]",
                             ".s | .a = 1",
                             ".l | sort_by(.a.b)"}) {
        CAPTURE(text);
        const std::string message = evaluated(text, context);
        CHECK_THAT(message,
                   StartsWith("template_failed: failed: ") || StartsWith("\"") || StartsWith("{"));
        if (message.front() == 't') CHECK_THAT(message, !Contains("hush"));
    }
    CHECK(evaluated(".s | keys", context) ==
          "template_failed: failed: a value (string) has no keys");
    CHECK(evaluated(".s[0]", context) ==
          "template_failed: failed: Cannot index string with number");
    CHECK(evaluated(".s | .[]", context) == "template_failed: failed: Cannot iterate over string");
    CHECK(evaluated("error(\"give a name\")", context) == "template_failed: failed: give a name");
}

TEST_CASE("jq: now is the invocation's time", "[jq]") {
    CHECK(evaluated("now") == "1700000000.5");
    CHECK(evaluated("now | tostring | @base64") == "\"MTcwMDAwMDAwMC41\"");
    CHECK(evaluated("now | floor | strftime(\"%Y-%m-%d\")") == "\"2023-11-14\"");
}

TEST_CASE("jq: the environment is out of reach", "[jq]") {
    CHECK(evaluated(".env", R"({"env":"mine"})") == "\"mine\"");
    CHECK_FALSE(jq::make_source("env.PATH", true).ok());
}

TEST_CASE("jq: builtins of later versions are there", "[jq]") {
    CHECK(evaluated("trim", "\" a b\\t\"") == "\"a b\"");
    CHECK(evaluated("[ltrim, rtrim]", "\" a \"") == R"(["a "," a"])");
    CHECK_THAT(evaluated("trim", "1"), Contains("failed: "));
    CHECK(evaluated("map(abs)", "[-1,2,0]") == "[1,2,0]");
    CHECK(evaluated("[toarray, ([1] | toarray)]", "1") == "[[1],[1]]");
    CHECK(evaluated("pick(.a.b)", R"({"a":{"b":1,"c":2},"d":3})") == R"({"a":{"b":1}})");
    CHECK(evaluated("[have_literal_numbers, have_decnum]") == "[false,false]");
    CHECK(evaluated("trimstr(\"x\")", "\"xax\"") == "\"a\"");
    CHECK(evaluated("map(toboolean)", R"(["true","false",true])") == "[true,false,true]");
    CHECK(evaluated("add(.[].a)", R"([{"a":1},{"a":2}])") == "3");
    CHECK(evaluated("[skip(1; .[])]", "[1,2,3]") == "[2,3]");
    CHECK(evaluated("[limit(0; .[])]", "[1,2,3]") == "[]");
    CHECK(evaluated("[limit(2; .[])]", "[1,2,3]") == "[1,2]");
    CHECK(evaluated("[scan(\"B\"; \"i\")]", "\"abcb\"") == R"(["b","b"])");
    CHECK(evaluated("if . == 1 then 2 end", "3") == "3");
    CHECK(evaluated("if . == 1 then 2 elif . == 3 then (if true then 4 end) end", "3") == "4");
}

TEST_CASE("jq: what never ends in 1.6 ends", "[jq]") {
    CHECK(evaluated("gsub(\"\"; \"x\")", "\"abc\"") == "\"xaxbxc\"");
    CHECK(evaluated("indices(\"\")", "\"abc\"") == "[]");
    CHECK(evaluated("[index(\"b\"), rindex(\"b\"), index(\"z\")]", "\"abcb\"") == "[1,3,null]");
    CHECK_THAT(evaluated("test(\"^(a+)+$\")", "\"" + std::string(40, 'a') + "!\""),
               Contains("Regex failure"));
}

TEST_CASE("jq: an empty global match beside a letter of several bytes is an error and not a crash", "[jq]") {
    for (const char* text : {"gsub(\" *\"; \"\")", "[match(\"x*\"; \"g\")]", "[match([\"x*\", \"g\"])]",
                             "[scan(\" *\")]", "split(\" *\"; null)", "[splits(\"-?\")]",
                             "[capture(\"(?<a>x*)\"; \"g\")]"}) {
        CAPTURE(text);
        CHECK_THAT(evaluated(text, "\"Zo\u00e9 \u00e9\""), Contains("write + in place of *"));
        CHECK_THAT(evaluated(text, "\"Zoe e\""), !Contains("failed"));
    }
    const char* name = "\"Zo\u00e9 d'\u00c9t\u00e9 \"";
    CHECK(evaluated("gsub(\"[^a-zA-Z]+\"; \"-\")", name) == "\"Zo-d-t-\"");
    CHECK(evaluated("gsub(\"^\\\\s+|\\\\s+$\"; \"\")", name) == "\"Zoé d'Été\"");
    CHECK(evaluated("split(\" \"; null)", name) == "[\"Zoé\",\"d'Été\",\"\"]");
    CHECK(evaluated("[scan(\"[A-Z]\")]", name) == "[\"Z\"]");
    CHECK(evaluated("capture(\"(?<first>[^ ]+) \")", name) == R"({"first":"Zoé"})");
    CHECK(evaluated("[match(\"t.\").offset, match([\"T\", \"gi\"]).offset]", name) == "[7,7]");
    CHECK(evaluated("[splits(\", *\")]", "\"a, b,c\"") == R"(["a","b","c"])");
}

TEST_CASE("jq: a time that no calendar has, or a format that is no text, is an error and not a crash", "[jq]") {
    for (const char* text : {"todate", "gmtime", "localtime", "todateiso8601", "strftime(\"%Y\")",
                             "strflocaltime(\"%Y\")", "date"}) {
        CAPTURE(text);
        CHECK_THAT(evaluated(text, "1e17"), Contains("further away"));
        CHECK_THAT(evaluated("infinite | " + std::string(text)), Contains("further away"));
        CHECK_THAT(evaluated("nan | " + std::string(text)), Contains("further away"));
        CHECK_THAT(evaluated(text, "1700000000"), !Contains("failed"));
    }
    CHECK_THAT(evaluated("now | strftime(null)"), Contains("format must be a string"));
    CHECK_THAT(evaluated("now | strflocaltime(1)"), Contains("format must be a string"));
    CHECK(evaluated("1.7e9 | todate") == "\"2023-11-14T22:13:20Z\"");
}

TEST_CASE("jq: several paths are an error and not a crash, and the next one is evaluated", "[jq]") {
    const auto expressions = compiled(".o | path(..)");
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    jq::Evaluation evaluation(machine, expressions, wall_ms, stop);
    for (const char* context : {R"({"o":{"a":1}})", R"({"o":{}})", R"({"o":{"a":{"b":[1]}}})", R"({"o":[]})"}) {
        CAPTURE(context);
        const json::Value value = json::parse(context).value();
        evaluation.set_context(value);
        const auto result = evaluation.evaluate(0);
        const bool is_one = std::string(context).size() == 8;
        CHECK(result.ok() == is_one);
        if (!is_one) CHECK_THAT(result.error().message, StartsWith("gave several results"));
    }
}

TEST_CASE("jq: an empty text repeated often is an empty text at once", "[jq]") {
    CHECK(evaluated("\"\" * 2147483647") == "\"\"");
    CHECK(evaluated("1e300 * .", "\"\"") == "\"\"");
    CHECK(evaluated("\"\" * 0") == "null");
    CHECK(evaluated("\"ab\" * 2") == "\"abab\"");
    CHECK(evaluated(". * .", "3") == "9");
}

TEST_CASE("jq: sub and gsub are as they were", "[jq]") {
    CHECK(evaluated("sub(\"-[^-]+$\"; \"\")", "\"my-svc-12\"") == "\"my-svc\"");
    CHECK(evaluated("gsub(\" \"; \"-\")", "\"a b c\"") == "\"a-b-c\"");
    CHECK(evaluated("gsub(\"(?<l>[a-z])\"; \"<\\(.l)>\")", "\"aé1b\"") == "\"<a>é1<b>\"");
    CHECK(evaluated("gsub(\"A\"; \"b\"; \"i\")", "\"aAa\"") == "\"bbb\"");
    CHECK(evaluated("[sub(\"a\"; \"1\", \"2\")]", "\"xa\"") == R"(["x1","x2"])");
    CHECK(evaluated("sub(\"z\"; \"\")", "\"abc\"") == "\"abc\"");
}

TEST_CASE("jq: loops of an unbounded action stop when told to", "[jq]") {
    for (const char* text :
         {"[range(1e12)] | length", "last(range(1e12))", "last(range(0; infinite; 1))",
          "until(false; .)", "[while(true; .)] | length", "last(repeat(.))", "last(recurse(.))",
          "last(recurse(.; true))", "def f: f; f", "def f: 1 + f; f", "def f(x): x | f(x); f(.)",
          "def f: def g: f; g; f", "try (def f: f; f) catch 1", "[range(40)] | combinations(40)"}) {
        CAPTURE(text);
        const auto expressions = compiled(text, true);
        REQUIRE(expressions->refused().empty());
        jq::Machine machine;
        const std::atomic<bool> stop{true};
        jq::Evaluation evaluation(machine, expressions, wall_ms, stop);
        const json::Value nothing;
        evaluation.set_context(nothing);
        const auto result = evaluation.evaluate(0);
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().code == "template_timeout");
    }
    CHECK(evaluated("[range(3)], empty", "null", true) == "[0,1,2]");
    CHECK(evaluated("def f($n): if $n == 0 then [] else f($n - 1) + [$n] end; f(3)", "null",
                    true) == "[1,2,3]");
    CHECK(evaluated("[2 | recurse(if . < 100 then . * . else empty end)]", "null", true) ==
          "[2,4,16,256]");
}

TEST_CASE("jq: expressions see the context and not one another", "[jq]") {
    std::vector<std::string> sources;
    for (int i = 0; i < 250; ++i)
        sources.push_back("def f: .a + " + std::to_string(i) + "; f # " + std::to_string(i));
    const auto expressions = std::make_shared<const jq::Expressions>(sources);
    REQUIRE(expressions->refused().empty());
    CHECK(expressions->chunks() == 3);
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    jq::Evaluation evaluation(machine, expressions, wall_ms, stop);
    const json::Value context = json::Object{{"a", 1'000}};
    evaluation.set_context(context);
    for (std::size_t i = 0; i < sources.size(); ++i)
        CHECK(json::write(evaluation.evaluate(i).value()) == std::to_string(1'000 + i));
}

TEST_CASE("jq: a machine follows to another set, and back", "[jq]") {
    const auto first = compiled(".a");
    const auto second = compiled(".b");
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    const json::Value context = json::parse(R"({"a":1,"b":2})").value();
    for (const auto& [set, result] :
         {std::pair(first, "1"), std::pair(second, "2"), std::pair(first, "1")}) {
        jq::Evaluation evaluation(machine, set, wall_ms, stop);
        evaluation.set_context(context);
        CHECK(json::write(evaluation.evaluate(0).value()) == result);
    }
}
