#include "support.hpp"

using namespace actions_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string problem_of(const std::string& text) {
    const Read result = read(text);
    INFO(result.text());
    CHECK(result.problems.size() == 1);
    return result.text();
}

void accepts(const std::string& input, const std::string& value) {
    CAPTURE(input, value);
    CHECK_THAT(checked(good(with_input(input)), "{\"x\":" + value + "}"), StartsWith("accepted"));
}

void refuses(const std::string& input, const std::string& value) {
    CAPTURE(input, value);
    CHECK_THAT(checked(good(with_input(input)), "{\"x\":" + value + "}"),
               StartsWith("/properties/x"));
}

Read unavailable(const std::string& text) {
    Read result = read(text);
    INFO(result.text());
    REQUIRE(result.action.has_value());
    CHECK_FALSE(document::has_errors(result.problems));
    REQUIRE_FALSE(result.action->unavailable.empty());
    return result;
}

}  // namespace

TEST_CASE("actions: an input has its type", "[actions]") {
    accepts("{ type: string }", "\"s\"");
    refuses("{ type: string }", "1");
    refuses("{ type: string }", "null");
    accepts("{ type: number }", "1.5");
    accepts("{ type: number }", "-1");
    refuses("{ type: number }", "\"1\"");
    accepts("{ type: boolean }", "false");
    refuses("{ type: boolean }", "\"false\"");
    accepts("{ type: object }", "{\"any\":{\"thing\":[1]}}");
    refuses("{ type: object }", "[]");
    accepts("{ type: array }", "[1,\"two\"]");
    refuses("{ type: array }", "{}");
}

TEST_CASE("actions: an input's bounds hold at the bound and not past it", "[actions]") {
    accepts("{ type: string, minLength: 2, maxLength: 3 }", "\"éé\"");
    accepts("{ type: string, minLength: 2, maxLength: 3 }", "\"☕☕☕\"");
    refuses("{ type: string, minLength: 2, maxLength: 3 }", "\"a\"");
    refuses("{ type: string, minLength: 2, maxLength: 3 }", "\"abcd\"");
    accepts("{ type: number, minimum: 1, maximum: 2.5 }", "1");
    accepts("{ type: number, minimum: 1, maximum: 2.5 }", "2.5");
    refuses("{ type: number, minimum: 1, maximum: 2.5 }", "0.99");
    refuses("{ type: number, minimum: 1, maximum: 2.5 }", "2.51");
    accepts("{ type: array, minItems: 1, maxItems: 2 }", "[1]");
    refuses("{ type: array, minItems: 1, maxItems: 2 }", "[]");
    refuses("{ type: array, minItems: 1, maxItems: 2 }", "[1,2,3]");
    refuses("{ type: array, uniqueItems: true }", "[1,1]");
}

TEST_CASE("actions: an enum names what is accepted", "[actions]") {
    accepts("{ type: string, enum: [dev, prod] }", "\"dev\"");
    const std::string finding =
        checked(good(with_input("{ type: string, enum: [dev, prod] }")), R"({"x":"test"})");
    CHECK_THAT(finding, Contains("dev") && Contains("prod"));
    accepts("{ type: number, enum: [1, 2] }", "2");
    refuses("{ type: number, enum: [1, 2] }", "3");
}

TEST_CASE("actions: a pattern is looked for in the text", "[actions]") {
    accepts("{ type: string, pattern: \"^[a-z]+$\" }", "\"abc\"");
    refuses("{ type: string, pattern: \"^[a-z]+$\" }", "\"abc1\"");
    accepts("{ type: string, pattern: \"b\" }", "\"abc\"");
}

TEST_CASE("actions: a long text against a nested pattern is answered", "[actions]") {
    const Action action =
        good(with_input("{ type: string, pattern: \"^(([a-z])+.)+[A-Z]([a-z])+$\" }"));
    CHECK_THAT(checked(action, "{\"x\":\"" + std::string(50'000, 'a') + "\"}"),
               StartsWith("/properties/x: "));
    CHECK_THAT(checked(action, "{\"x\":\"" + std::string(50'000, 'a') + "Bc\"}"),
               StartsWith("accepted"));
}

TEST_CASE("actions: the items of an array are checked each at its place", "[actions]") {
    const Action action =
        good(with_input("{ type: array, items: { type: string, minLength: 2, title: T, blueprint: "
                        "b, format: entity } }"));
    CHECK_THAT(checked(action, R"({"x":["ab","cd"]})"), StartsWith("accepted"));
    CHECK_THAT(checked(action, R"({"x":["ab","c",5]})"),
               Contains("/properties/x/1: ") && Contains("/properties/x/2: "));
}

TEST_CASE("actions: required inputs and unknown ones are findings", "[actions]") {
    const Action action =
        good(with_inputs("    properties: { name: { type: string }, size: { type: number } }\n    "
                         "required: [name]\n"));
    CHECK_THAT(checked(action, R"({"name":"n"})"), StartsWith("accepted"));
    CHECK_THAT(checked(action, "{}"), Contains("name"));
    CHECK_THAT(checked(action, R"({"name":"n","siez":1})"),
               Contains("/properties/siez: ") && Contains("size"));
    CHECK_THAT(checked(action, "[]"), StartsWith("/properties: "));
    CHECK_THAT(checked(action, R"({"siez":1,"size":"x"})"),
               Contains("/properties/siez: ") && Contains("/properties/size: "));
}

TEST_CASE("actions: names in pointers are escaped", "[actions]") {
    CHECK_THAT(checked(good(with_input("{ type: string }")), R"({"a/b~c":1})"),
               StartsWith("/properties/a~1b~0c: "));
}

TEST_CASE("actions: an action without inputs takes none", "[actions]") {
    for (const char* inputs : {"    properties: {}\n", "    required: []\n"}) {
        const Action action = good(with_inputs(inputs));
        CHECK(checked(action, "{}") == "accepted as {}");
        CHECK_THAT(checked(action, R"({"x":1})"), StartsWith("/properties/x: "));
    }
    const Action without = good(
        "identifier: a\ntrigger: { type: self-service, operation: CREATE }\ninvocationMethod: { "
        "type: KAFKA }\n");
    CHECK_THAT(checked(without, R"({"x":1})"), StartsWith("/properties/x: "));
}

TEST_CASE("actions: defaults are filled in before the check", "[actions]") {
    const Action action =
        good(with_inputs("    properties: { name: { type: string, default: none }, size: { type: "
                         "number }, tags: { type: array, default: [a] } }\n"
                         "    required: [name]\n"));
    CHECK(checked(action, "{}") == R"(accepted as {"name":"none","tags":["a"]})");
    CHECK(checked(action, R"({"size":1,"name":"m"})") ==
          R"(accepted as {"size":1,"name":"m","tags":["a"]})");
}

TEST_CASE("actions: the three shapes of inputs are accepted", "[actions]") {
    good(with_inputs("    properties: { x: { type: string } }\n"));
    good(
        with_inputs("    properties: { x: { type: string } }\n    order: [x, head]\n    titles: { "
                    "head: { title: T, visible: true } }\n"));
    good(
        with_inputs("    properties: { x: { type: string } }\n    steps: [{ title: One, order: "
                    "[x], visible: true }]\n    required: []\n"));
    CHECK_THAT(problem_of(with_inputs("    properties: {}\n    order: []\n    steps: []\n")),
               Contains("both `order` and `steps`"));
}

TEST_CASE("actions: what only a form needs is accepted in silence", "[actions]") {
    good(
        with_input("{ type: string, title: T, description: D, icon: I, visible: false, disabled: "
                   "true, dependsOn: [], "
                   "enum: [a], enumColors: { a: blue }, blueprint: b, format: entity, sort: { "
                   "property: p, order: ASC }, "
                   "dataset: { combinator: and, rules: [{ property: p, operator: \"=\", value: { "
                   "jqQuery: .form.y } }] } }"));
    good(with_input("{ type: string, spec: async-api, specAuthentication: {} }"));
}

TEST_CASE("actions: Port's formats are accepted and others are not", "[actions]") {
    for (const char* format :
         {"yaml", "entity", "team", "proto", "markdown", "multi-line", "labeled-url"}) {
        accepts("{ type: string, format: " + std::string(format) + " }", "\"anything\"");
    }
    for (const char* format : {"entity", "user", "team"}) {
        accepts("{ type: array, format: " + std::string(format) + " }", "[\"one\"]");
        accepts("{ type: array, items: { type: string, format: " + std::string(format) + " } }",
                "[\"jo@example.com\"]");
    }
    const auto checked_format = [](const std::string& format, const char* good, const char* bad) {
        const std::string input = "{ type: string, format: " + format + " }";
        accepts(input, std::string("\"") + good + "\"");
        refuses(input, std::string("\"") + bad + "\"");
    };
    checked_format("date-time", "2026-11-23T20:46:33.5+01:00", "2026-11-23");
    checked_format("url", "https://example.com/a?b=c", "example.com");
    checked_format("email", "jo.doe@example.com", "jo@");
    checked_format("user", "jo@example.com", "jo");
    checked_format("ipv4", "192.0.2.1", "192.0.2.256");
    checked_format("ipv6", "2001:db8::1", "192.0.2.1");
    CHECK_THAT(problem_of(with_input("{ type: string, format: timer }")),
               StartsWith("a.yaml:7:34: error: the format \"timer\" is unknown"));
    CHECK_THAT(problem_of(with_input("{ type: string, format: dat-time }")),
               Contains("did you mean \"date-time\"?"));
}

TEST_CASE("actions: what Port does not have is an error at its place", "[actions]") {
    CHECK_THAT(problem_of(with_input("{ type: string, minLenght: 3 }")),
               StartsWith("a.yaml:7:26: error: unknown key \"minLenght\"") &&
                   Contains("did you mean \"minLength\"?"));
    CHECK_THAT(problem_of(with_input("{ type: strng }")),
               StartsWith("a.yaml:7:18: error: ") && Contains("\"string\"?"));
    CHECK_THAT(problem_of(with_input("{ type: integer }")),
               Contains("accepted are string, number, boolean, object, array"));
    CHECK_THAT(problem_of(with_input("{ title: T }")),
               StartsWith("a.yaml:7:10: error: ") && Contains("has no `type`"));
    CHECK_THAT(problem_of(with_input("string")), Contains("an input must be a mapping"));
    CHECK_THAT(problem_of(with_input("{ type: array, items: { typ: string, type: string } }")),
               Contains("\"type\"?"));
    CHECK_THAT(problem_of(with_inputs("    properties: {}\n    requierd: []\n")),
               StartsWith("a.yaml:7:5: error: ") && Contains("\"required\"?"));
    CHECK_THAT(problem_of(with_inputs("    properties: { \"a b\": { type: string } }\n")),
               StartsWith("a.yaml:6:19: error: the input name \"a b\""));
    CHECK_THAT(problem_of(with_inputs(
                   "    properties: { name: { type: string } }\n    required: [nmae]\n")),
               StartsWith("a.yaml:7:16: error: ") && Contains("did you mean \"name\"?"));
    CHECK_THAT(problem_of(with_inputs("    properties: {}\n    steps: [{ titel: x }]\n")),
               Contains("\"title\"?"));
    CHECK_THAT(problem_of(with_inputs("    properties: {}\n    titles: { a: { titel: x } }\n")),
               Contains("\"title\"?"));
}

TEST_CASE("actions: rules that make no sense are errors at their place", "[actions]") {
    CHECK_THAT(problem_of(with_input("{ type: number, minLength: 3 }")),
               StartsWith("a.yaml:7:37: error: `minLength`"));
    CHECK_THAT(problem_of(with_input("{ type: string, minLength: -1 }")),
               StartsWith("a.yaml:7:37: error: `minLength`"));
    CHECK_THAT(problem_of(with_input("{ type: string, minLength: 3, maxLength: 2 }")),
               Contains("maxLength"));
    CHECK_THAT(problem_of(with_input("{ type: string, pattern: 5 }")),
               StartsWith("a.yaml:7:35: error: `pattern`"));
    CHECK_THAT(problem_of(with_input("{ type: string, enum: a }")),
               StartsWith("a.yaml:7:32: error: `enum`"));
    CHECK_THAT(problem_of(with_input("{ type: string, visible: 1 }")),
               Contains("`visible` must be a boolean"));
    CHECK_THAT(problem_of(with_input("{ type: string, title: [] }")),
               Contains("`title` must be a string"));
    CHECK_THAT(
        problem_of(with_inputs("    properties: { enum: { type: number, minLength: 3 } }\n")),
        Contains("error: `minLength`"));
}

TEST_CASE("actions: a jqQuery where none is evaluated makes an action unavailable", "[actions]") {
    for (const char* key : {"title", "format", "uniqueItems"}) {
        const Read result =
            unavailable(with_input("{ type: string, " + std::string(key) + ": { jqQuery: .form.y } }"));
        CHECK_THAT(result.action->unavailable,
                   StartsWith("`" + std::string(key) + "` is a jqQuery"));
        CHECK(result.action->unavailable_position.line == 7);
    }
}

TEST_CASE("actions: a pattern that RE2 cannot express makes an action unavailable", "[actions]") {
    const Read result = unavailable(with_input("{ type: string, pattern: \"^(?!a)b$\" }"));
    CHECK_THAT(result.text(), StartsWith("a.yaml:7:35: warning: the pattern"));
    CHECK(result.action->inputs != nullptr);
}

TEST_CASE("actions: a default that does not fit makes an action unavailable", "[actions]") {
    CHECK_THAT(unavailable(with_input("{ type: number, default: \"3\" }")).text(),
               StartsWith("a.yaml:7:35: warning: the default"));
    CHECK_THAT(unavailable(with_input("{ type: string, enum: [a, 2] }")).text(),
               StartsWith("a.yaml:7:36: warning: a value of the enum"));
}
