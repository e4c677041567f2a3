// Inputs of which each invocation decides something.
#include "actions/input_queries.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "actions/jq_expressions.hpp"
#include "support.hpp"

using namespace actions_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

Action compiled(const std::string& inputs) {
    Read result = read(with_inputs(inputs));
    if (result.action) actions::compile_expressions({&*result.action}, result.problems);
    INFO(result.text());
    REQUIRE(result.action.has_value());
    REQUIRE(result.problems.empty());
    return *result.action;
}

/// `accepted as …`, the findings, or `code: message`.
std::string asked(const Action& action, std::string_view properties,
                  std::string_view entity = "null") {
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    std::optional<actions::JqRun> run;
    if (!action.jq.list.empty()) run.emplace(action, machine, stop, 0);
    const json::Value about = json::parse(entity).value();
    const json::Value user = actions::user_of("ada");
    const actions::Asking asking{about, user, run ? &*run : nullptr};
    const auto value = actions::check_inputs(action, json::parse(properties).value(), &asking);
    if (value) return "accepted as " + json::write(*value);
    if (value.error().details.empty()) return value.error().code + ": " + value.error().message;
    std::string all;
    for (const Detail& detail : value.error().details)
        all += detail.pointer + " " + detail.message + "\n";
    return all;
}

std::string problems(const std::string& inputs) {
    Read result = read(with_inputs(inputs));
    if (result.action) actions::compile_expressions({&*result.action}, result.problems);
    return result.text();
}

}  // namespace

TEST_CASE("actions: a default by jq sees the form, the entity and the user", "[actions]") {
    const Action action = compiled(
        "    properties:\n"
        "      name: { type: string, default: { jqQuery: '.form.kind + \"-\" + .entity.identifier' "
        "} }\n"
        "      kind: { type: string, default: svc }\n"
        "      by: { type: string, default: { jqQuery: .user.id } }\n");
    CHECK(asked(action, "{}", R"({"identifier":"e"})") ==
          R"(accepted as {"kind":"svc","name":"svc-e","by":"ada"})");
    CHECK(asked(action, R"({"kind":"job","name":"mine"})", R"({"identifier":"e"})") ==
          R"(accepted as {"kind":"job","name":"mine","by":"ada"})");
    CHECK_THAT(
        asked(action, "{}", R"({"identifier":1})"),
        StartsWith("template_failed: the expression {{ .form.kind") && Contains("a.yaml:7:"));
}

TEST_CASE("actions: defaults are evaluated in the order of dependsOn", "[actions]") {
    const Action action = compiled(
        "    properties:\n"
        "      c: { type: string, dependsOn: [b], default: { jqQuery: '.form.b + \"c\"' } }\n"
        "      b: { type: string, dependsOn: [a], default: { jqQuery: '.form.a + \"b\"' } }\n"
        "      a: { type: string, default: { jqQuery: '\"a\"' } }\n");
    CHECK(asked(action, "{}") == R"(accepted as {"a":"a","b":"ab","c":"abc"})");
    CHECK(asked(action, R"({"b":"x"})") == R"(accepted as {"b":"x","a":"a","c":"xc"})");
}

TEST_CASE("actions: a circle in dependsOn is an error at its place", "[actions]") {
    const std::string found = problems(
        "    properties:\n"
        "      a: { type: string, dependsOn: [b] }\n"
        "      b: { type: string, dependsOn: [c, a] }\n"
        "      c: { type: string }\n");
    CHECK_THAT(found, StartsWith("a.yaml:8:41: error: the input \"b\" depends on \"a\""));
    CHECK(std::count(found.begin(), found.end(), '\n') <= 1);
    CHECK_THAT(problems("    properties: { a: { type: string, dependsOn: [a] } }\n"),
               Contains("depends on itself"));
}

TEST_CASE("actions: a hidden input is not accepted and not required", "[actions]") {
    const Action action = compiled(
        "    properties:\n"
        "      kind: { type: string }\n"
        "      args: { type: string, visible: { jqQuery: '.form.kind == \"job\"' } }\n"
        "    required: [kind, args]\n");
    CHECK(asked(action, R"({"kind":"svc"})") == R"(accepted as {"kind":"svc"})");
    CHECK_THAT(asked(action, R"({"kind":"svc","args":"x"})"),
               StartsWith("/properties/args is hidden by `visible`"));
    CHECK(asked(action, R"({"kind":"job","args":"x"})") ==
          R"(accepted as {"kind":"job","args":"x"})");
    CHECK_THAT(asked(action, R"({"kind":"job"})"), Contains("args"));
}

TEST_CASE("actions: an input that is never shown carries its default and nothing else",
          "[actions]") {
    const Action action = compiled(
        "    properties:\n"
        "      fixed: { type: string, visible: false, default: always }\n"
        "      none: { type: string, visible: false }\n"
        "      shown: { type: string, visible: true }\n");
    CHECK(action.jq.list.empty());
    CHECK(asked(action, R"({"shown":"s"})") == R"(accepted as {"shown":"s","fixed":"always"})");
    CHECK_THAT(asked(action, R"({"fixed":"always"})"), StartsWith("/properties/fixed is hidden"));
    CHECK_THAT(asked(action, R"({"none":1})"),
               StartsWith("/properties/none is hidden") && !Contains("string"));
}

TEST_CASE("actions: the inputs of a hidden step are hidden", "[actions]") {
    const Action action = compiled(
        "    properties: { a: { type: string }, b: { type: string } }\n"
        "    steps:\n"
        "      - { title: One, order: [a] }\n"
        "      - { title: Two, order: [b], visible: { jqQuery: '.form.a == \"more\"' } }\n");
    CHECK_THAT(asked(action, R"({"a":"x","b":"y"})"), StartsWith("/properties/b is hidden"));
    CHECK(asked(action, R"({"a":"more","b":"y"})") == R"(accepted as {"a":"more","b":"y"})");
}

TEST_CASE("actions: a disabled input is accepted only as its default", "[actions]") {
    const Action fixed =
        compiled("    properties: { x: { type: string, disabled: true, default: d } }\n");
    CHECK(asked(fixed, "{}") == R"(accepted as {"x":"d"})");
    CHECK(asked(fixed, R"({"x":"d"})") == R"(accepted as {"x":"d"})");
    CHECK_THAT(asked(fixed, R"({"x":"e"})"), StartsWith("/properties/x is disabled"));
    const Action queried = compiled(
        "    properties:\n"
        "      lock: { type: boolean }\n"
        "      x: { type: string, disabled: { jqQuery: .form.lock }, default: { jqQuery: .user.id "
        "} }\n");
    CHECK(asked(queried, R"({"lock":false,"x":"e"})") == R"(accepted as {"lock":false,"x":"e"})");
    CHECK_THAT(asked(queried, R"({"lock":true,"x":"e"})"), StartsWith("/properties/x is disabled"));
    CHECK(asked(queried, R"({"lock":true,"x":"ada"})") == R"(accepted as {"lock":true,"x":"ada"})");
    CHECK_THAT(asked(compiled("    properties: { x: { type: string, disabled: true } }\n"),
                     R"({"x":"e"})"),
               StartsWith("/properties/x is disabled"));
}

TEST_CASE("actions: a query where none is evaluated makes its action unavailable", "[actions]") {
    for (const char* inner : {"p: { type: string, default: { jqQuery: .form.y } }",
                              "p: { type: array, items: { type: string, enum: { jqQuery: .form.y } } }"}) {
        CAPTURE(inner);
        CHECK_THAT(problems("    properties: { x: { type: object, properties: { " + std::string(inner) +
                            " } } }\n"),
                   StartsWith("a.yaml:6:") && Contains("warning") && Contains("is a jqQuery"));
    }
    CHECK_THAT(problems("    properties: { x: { type: object, properties: { p: { type: string } }, "
                        "required: { jqQuery: .form.y } } }\n"),
               Contains("`required` is a jqQuery"));
    CHECK_THAT(problems("    properties: { x: { type: array, items: { type: array, items: { type: string, "
                        "enum: { jqQuery: .form.y } } } } }\n"),
               Contains("`enum` is a jqQuery"));
}

TEST_CASE("actions: queries know for whom a client speaks, and ask for no secret", "[actions]") {
    CHECK(json::write(actions::user_of("portal", "jane@example.com")) ==
          R"({"id":"jane@example.com","email":"jane@example.com"})");
    CHECK(json::write(actions::user_of("portal")) == R"({"id":"portal"})");
    CHECK(json::write(actions::user_of("")) == "{}");
    CHECK_THAT(problems("    properties: { x: { type: string, default: { jqQuery: '\"a\" + .secrets.A' } } }\n"),
               StartsWith("a.yaml:6:") && Contains("cannot see secrets"));
}

TEST_CASE("actions: required by jq", "[actions]") {
    const Action action = compiled(
        "    properties: { a: { type: string }, b: { type: string } }\n"
        "    required: { jqQuery: 'if .form.a == \"b\" then [\"a\", \"b\"] elif .form.a == \"?\" "
        "then [\"c\"] else [] end' }\n");
    CHECK(asked(action, "{}") == "accepted as {}");
    CHECK_THAT(asked(action, R"({"a":"b"})"), Contains("b"));
    CHECK(asked(action, R"({"a":"b","b":""})") == R"(accepted as {"a":"b","b":""})");
    CHECK_THAT(asked(action, R"({"a":"?"})"),
               StartsWith("template_failed: the jqQuery of `required`"));
}

TEST_CASE("actions: enum, pattern and bounds by jq", "[actions]") {
    const Action action = compiled(
        "    properties:\n"
        "      env: { type: string, enum: { jqQuery: 'if .entity.live then [\"prod\"] else "
        "[\"dev\", \"test\"] end' } }\n"
        "      name: { type: string, pattern: { jqQuery: '\"^\" + .form.env' } }\n"
        "      tags: { type: array, minItems: { jqQuery: '1' }, maxItems: { jqQuery: "
        "'.entity.most' },\n"
        "              items: { type: string, enum: { jqQuery: '[\"a\", \"b\"]' } } }\n");
    CHECK(asked(action, R"({"env":"dev","name":"dev-x","tags":["a"]})", R"({"most":1})") ==
          R"(accepted as {"env":"dev","name":"dev-x","tags":["a"]})");
    CHECK_THAT(asked(action, R"({"env":"prod"})"),
               StartsWith("/properties/env ") && Contains("dev"));
    CHECK(asked(action, R"({"env":"prod"})", R"({"live":true})") ==
          R"(accepted as {"env":"prod"})");
    CHECK_THAT(asked(action, R"({"env":"dev","name":"x"})"), StartsWith("/properties/name "));
    CHECK_THAT(asked(action, R"({"tags":[]})"), StartsWith("/properties/tags "));
    CHECK_THAT(asked(action, R"({"tags":["a","b"]})", R"({"most":1})"),
               StartsWith("/properties/tags "));
    CHECK(asked(action, R"({"tags":["a","b"]})") == R"(accepted as {"tags":["a","b"]})");
    CHECK_THAT(asked(action, R"({"tags":["c"]})"), StartsWith("/properties/tags/0 "));
    CHECK_THAT(asked(action, R"({"tags":["a"]})", R"({"most":"many"})"),
               StartsWith("template_failed: a jqQuery of the inputs gave") && !Contains("many"));
}

TEST_CASE("actions: queries see no secret inputs", "[actions]") {
    Read result =
        read(with_inputs("    properties:\n"
                         "      key: { type: string, encryption: aes256-gcm }\n"
                         "      x: { type: string, default: { jqQuery: .form.key } }\n"));
    REQUIRE(result.action.has_value());
    actions::compile_expressions({&*result.action}, result.problems);
    result.action->unavailable.clear();
    CHECK_THAT(asked(*result.action, R"({"key":"hush"})"), !Contains("\"x\""));
}

TEST_CASE("actions: a bad query makes its action unavailable at its place", "[actions]") {
    CHECK_THAT(
        problems("    properties: { x: { type: string, default: { jqQuery: .form.a b } } }\n"),
        StartsWith("a.yaml:6:58: warning: the expression {{ .form.a b }} is not jq: syntax error"));
    CHECK_THAT(
        problems(
            "    properties: { x: { type: string, default: { jqQuery: .inputs.a | length } } }\n"),
        Contains("accepted are .form, .entity, .user"));
    CHECK_THAT(problems("    properties: { x: { type: string, visible: { jqQuery: env.A } } }\n"),
               Contains("uses `env`"));
    CHECK_THAT(problems("    properties: { x: { type: string, default: { jqQuery: 3 } } }\n"),
               Contains("`jqQuery` must be a string"));
}
