#include "base/limits.hpp"
#include "support.hpp"

// What a document says of its form: orders, titles, what depends on what, and what nobody may set.
using namespace actions_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string problem_of(const std::string& text) {
    const Read result = read(text);
    INFO(result.text());
    REQUIRE(result.problems.size() == 1);
    return result.text();
}

}  // namespace

TEST_CASE("actions: an input may depend on others, and not on itself over them", "[actions]") {
    good(
        with_inputs("    properties:\n"
                    "      a: { type: string }\n"
                    "      b: { type: string, dependsOn: [a] }\n"
                    "      c: { type: string, dependsOn: [a, b] }\n"));
    CHECK_THAT(problem_of(with_inputs("    properties:\n"
                                      "      first: { type: string }\n"
                                      "      b: { type: string, dependsOn: [frist] }\n")),
               StartsWith("a.yaml:8:38: error: ") && Contains("did you mean \"first\"?"));
    CHECK_THAT(problem_of(with_inputs("    properties:\n"
                                      "      a: { type: string, dependsOn: [c] }\n"
                                      "      b: { type: string, dependsOn: [a] }\n"
                                      "      c: { type: string, dependsOn: [b] }\n")),
               Contains("error: the input \"") && Contains("which depends on it"));
    CHECK_THAT(problem_of(with_input("{ type: string, dependsOn: [x] }")),
               StartsWith("a.yaml:7:38: error: ") && Contains("depends on itself"));
    CHECK_THAT(problem_of(with_input("{ type: string, dependsOn: x }")),
               Contains("`dependsOn` must be a list"));
}

TEST_CASE("actions: thousands of inputs that depend on each other in a row are followed",
          "[actions]") {
    std::string inputs = "    properties:\n      i0: { type: string }\n";
    for (int i = 1; i < 5'000; ++i) {
        inputs += "      i" + std::to_string(i) + ": { type: string, dependsOn: [i" +
                  std::to_string(i - 1) + "] }\n";
    }
    good(with_inputs(inputs));
}

TEST_CASE("actions: a name in an order that means nothing is a warning", "[actions]") {
    const Read result =
        read(with_inputs("    properties: { name: { type: string } }\n"
                         "    order: [name, nmae]\n"));
    REQUIRE(result.problems.size() == 1);
    CHECK_THAT(result.text(), StartsWith("a.yaml:7:19: warning: `order` names \"nmae\"") &&
                                  Contains("did you mean \"name\"?"));
    CHECK(result.action->unavailable.empty());
    CHECK_THAT(read(with_inputs("    properties: { name: { type: string } }\n"
                                "    steps: [{ title: T, order: [x] }]\n"))
                   .text(),
               StartsWith("a.yaml:7:33: warning: "));
}

TEST_CASE("actions: a title has Port's lengths, at the limit and not one past it", "[actions]") {
    const auto with_title = [](std::size_t title, std::size_t description) {
        return with_inputs("    properties: {}\n    titles: { t: { title: \"" +
                           std::string(title, 'x') + "\", description: \"" +
                           std::string(description, 'y') + "\" } }\n");
    };
    good(with_title(140, 1'000));
    good(with_title(1, 0));
    CHECK_THAT(problem_of(with_title(141, 0)), Contains("has 141 characters"));
    CHECK_THAT(problem_of(with_title(1, 1'001)), Contains("has 1001 characters"));
    CHECK_THAT(problem_of(with_title(0, 0)), Contains("accepted are 1 to 140"));
}

TEST_CASE("actions: an input that is hidden is not accepted, and has its default", "[actions]") {
    const Action action =
        good(with_inputs("    properties:\n"
                         "      team: { type: string, visible: false, default: platform }\n"
                         "      note: { type: string, visible: false }\n"
                         "      shown: { type: string, visible: true }\n"
                         "    required: [note, shown]\n"));
    CHECK(checked(action, R"({"shown":"s"})") == R"(accepted as {"shown":"s","team":"platform"})");
    CHECK_THAT(checked(action, R"({"shown":"s","team":"platform"})"),
               StartsWith("/properties/team: is hidden"));
    CHECK_THAT(checked(action, R"({"shown":"s","note":"n"})"),
               StartsWith("/properties/note: is hidden"));
    CHECK_THAT(checked(action, "{}"), StartsWith("/properties/shown: "));
}

TEST_CASE("actions: an input that is disabled keeps its default", "[actions]") {
    const Action action =
        good(with_inputs("    properties:\n"
                         "      size: { type: number, disabled: true, default: 1 }\n"
                         "      note: { type: string, disabled: true }\n"));
    CHECK(checked(action, "{}") == R"(accepted as {"size":1})");
    CHECK(checked(action, R"({"size":1.0})") == R"(accepted as {"size":1})");
    CHECK_THAT(checked(action, R"({"size":2})"), StartsWith("/properties/size: is disabled"));
    CHECK_THAT(checked(action, R"({"note":"n"})"), StartsWith("/properties/note: is disabled"));
}

TEST_CASE("actions: the members of an object are checked, and others pass unless it is closed",
          "[actions]") {
    const Action open = good(with_input(
        "{ type: object, properties: { size: { type: number, minimum: 1 } }, required: [size] }"));
    CHECK_THAT(checked(open, R"({"x":{"size":1,"more":[1]}})"), StartsWith("accepted"));
    CHECK_THAT(checked(open, R"({"x":{"size":0}})"), StartsWith("/properties/x/size: "));
    CHECK_THAT(checked(open, R"({"x":{}})"), StartsWith("/properties/x/size: "));
    const Action closed = good(
        with_input("{ type: array, items: { type: object, properties: { size: { type: number } }, "
                   "additionalProperties: false } }"));
    CHECK_THAT(checked(closed, R"({"x":[{"size":1},{"siez":1}]})"),
               StartsWith("/properties/x/1/siez: ") && Contains("did you mean `size`?"));
    const Action deep = good(with_input(
        "{ type: array, items: { type: array, items: { type: string, enum: [a, b] } } }"));
    CHECK_THAT(checked(deep, R"({"x":[["a"],["b","c"]]})"), StartsWith("/properties/x/1/1: "));
}

TEST_CASE("actions: members of an object may be named by patterns", "[actions]") {
    const Action tags = good(with_input(
        "{ type: object, patternProperties: { '^S_': { type: string, minLength: 1 }, '^N_': { type: "
        "number } }, additionalProperties: false }"));
    CHECK_THAT(checked(tags, R"({"x":{"S_a":"b","N_a":1}})"), StartsWith("accepted"));
    CHECK_THAT(checked(tags, R"({"x":{"S_a":""}})"), StartsWith("/properties/x/S_a: "));
    CHECK_THAT(checked(tags, R"({"x":{"a":1}})"),
               StartsWith("/properties/x/a: `a` is unknown; accepted: names that match \"^S_\""));
    const Action open = good(with_input(
        "{ type: object, properties: { S_1: { type: string, maxLength: 2 } }, patternProperties: { "
        "'^S_': { type: string } }, required: [S_2] }"));
    CHECK_THAT(checked(open, R"({"x":{"S_1":"ab","S_2":"abc","other":[]}})"), StartsWith("accepted"));
    CHECK_THAT(checked(open, R"({"x":{"S_1":"abc"}})"),
               Contains("/properties/x/S_1: ") && Contains("/properties/x/S_2: `S_2` is required"));
}

TEST_CASE("actions: the other members of an object may have a schema", "[actions]") {
    const Action labels = good(with_input(
        "{ type: array, items: { type: object, additionalProperties: { type: string, pattern: "
        "'^[a-z]+$' } } }"));
    CHECK_THAT(checked(labels, R"({"x":[{"a":"b"},{}]})"), StartsWith("accepted"));
    CHECK_THAT(checked(labels, R"({"x":[{},{"a":"B"}]})"), StartsWith("/properties/x/1/a: "));
    const Action deep = good(with_input(
        "{ type: object, properties: { n: { type: number } }, additionalProperties: { type: object, "
        "additionalProperties: { type: object, properties: { on: { type: boolean } } } } }"));
    CHECK_THAT(checked(deep, R"({"x":{"n":1,"a":{"b":{"on":true}}}})"), StartsWith("accepted"));
    CHECK_THAT(checked(deep, R"({"x":{"n":"1","a":{"b":{"on":1}}}})"),
               Contains("/properties/x/n: ") && Contains("/properties/x/a/b/on: "));
}

TEST_CASE("actions: mistakes in an object's patterns and others are found at their places",
          "[actions]") {
    const auto said = [](const std::string& input) { return read(with_input(input)).text(); };
    CHECK_THAT(said("{ type: object, patternProperties: { '(?=a)': { type: string } } }"),
               StartsWith("a.yaml:7:47: warning: the pattern of names cannot be used as an RE2"));
    CHECK_THAT(said("{ type: object, patternProperties: { a: { type: strin } } }"),
               StartsWith("a.yaml:7:58: error: the type \"strin\" is unknown"));
    CHECK_THAT(said("{ type: object, patternProperties: { a: { type: string, default: { jqQuery: . } } } }"),
               Contains("`default` is a jqQuery, and is not evaluated there"));
    CHECK_THAT(said("{ type: object, patternProperties: [] }"),
               StartsWith("a.yaml:7:45: error: `patternProperties` must be a mapping"));
    CHECK_THAT(said("{ type: object, additionalProperties: { tpe: string } }"),
               Contains("unknown key \"tpe\" in `additionalProperties` of the input \"x\""));
    CHECK_THAT(said("{ type: object, additionalProperties: 1 }"),
               StartsWith("a.yaml:7:48: error: `additionalProperties` must be true, false or an input, "
                          "found a number"));
    std::string many;
    for (std::size_t i = 0; i <= limits::schema_pattern_properties_max; ++i)
        many += (i == 0 ? "" : ", ") + std::string("a") + std::to_string(i) + ": { type: string }";
    CHECK_THAT(said("{ type: object, patternProperties: { " + many + " } }"),
               StartsWith("a.yaml:7:45: warning: `patternProperties` has 17 patterns; accepted are at "
                          "most 16"));
}

TEST_CASE("actions: an enum may hold numbers, objects and lists", "[actions]") {
    const auto accepts = [](const std::string& input, const std::string& value) {
        CAPTURE(input);
        return checked(good(with_input(input)), "{\"x\":" + value + "}").rfind("accepted", 0) == 0;
    };
    CHECK(accepts("{ type: array, enum: [[1, 2, 3], [1, 2]] }", "[1,2]"));
    CHECK_FALSE(accepts("{ type: array, enum: [[1, 2, 3], [1, 2]] }", "[2,1]"));
    CHECK(accepts("{ type: object, enum: [{ a: 1 }, { a: 2 }] }", "{\"a\":2}"));
    CHECK_FALSE(accepts("{ type: object, enum: [{ a: 1 }, { a: 2 }] }", "{\"a\":3}"));
    CHECK(accepts("{ type: array, items: { type: number, enum: [1, 2.5] } }", "[2.5,1]"));
}

TEST_CASE("actions: what filters and sorts a form's choices has its shape", "[actions]") {
    good(with_input(
        "{ type: string, format: entity, blueprint: b, dataset: { jqQuery: .form.x } }"));
    CHECK_THAT(problem_of(with_input("{ type: string, dataset: { combinator: xor, rules: [] } }")),
               StartsWith("a.yaml:7:49: error: the combinator \"xor\" is unknown"));
    CHECK_THAT(problem_of(with_input("{ type: string, dataset: { rule: [] } }")),
               Contains("did you mean \"rules\"?"));
    CHECK_THAT(problem_of(with_input("{ type: string, sort: { property: p, order: UP } }")),
               Contains("accepted are ASC, DESC"));
    CHECK_THAT(problem_of(with_input("{ type: string, sort: { by: p } }")), Contains("\"by\""));
}

TEST_CASE("actions: among very many inputs each name is found, and none is guessed", "[actions]") {
    std::string inputs = "    properties:\n      first: { type: string }\n";
    std::string order;
    for (int i = 0; i < 14'000; ++i) {
        const std::string name = "x" + std::to_string(i);
        inputs += "      " + name + ": { type: string, dependsOn: [first] }\n";
        order += ", " + name;
    }
    inputs += "      last: { type: string, dependsOn: [x13999, x20000] }\n"
              "    order: [first" + order + ", lst]\n    required: [first" + order + ", lst]\n";
    const Read result = read(with_inputs(inputs));
    REQUIRE(result.problems.size() == 3);
    CHECK_THAT(result.text(), Contains("`dependsOn` names \"x20000\", which is no input\n") &&
                                  Contains("`order` names \"lst\", which is neither") &&
                                  Contains("`required` names \"lst\", which is not among `properties`\n"));
}
