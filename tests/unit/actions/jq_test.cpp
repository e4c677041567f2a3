// What is no plain path, from a document to the body that is sent.
#include <catch2/catch.hpp>

#include "actions/jq_expressions.hpp"
#include "base/encoding.hpp"
#include "base/hole.hpp"
#include "base/limits.hpp"
#include "support.hpp"

using namespace actions_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

constexpr const char* kHead =
    "identifier: a\n"
    "trigger: { type: self-service, operation: DAY-2, blueprintIdentifier: service,\n"
    "  userInputs: { properties: { x: { type: object }, n: { type: number }, s: { type: string },\n"
    "    list: { type: array }, who: { type: string } } } }\n"
    "invocationMethod:\n"
    "  type: WEBHOOK\n"
    "  url: https://example.test\n";

constexpr const char* kInputs =
    R"({"x":{"user":"u","a":1,"b":"two"},"n":3,"s":"My Service-12","list":[{"name":"p","z":1},{"name":"q"}]})";
constexpr const char* kEntity =
    R"({"identifier":"org/repo","title":"T","properties":{"url":"https://git.test/org/repo"},"relations":{"on":["a","b"]}})";

Read compiled(const std::string& text) {
    Read result = read(text);
    if (result.action) actions::compile_expressions({&*result.action}, result.problems);
    return result;
}

Action usable(const std::string& text) {
    Read result = compiled(text);
    INFO(result.text());
    REQUIRE(result.action.has_value());
    REQUIRE(result.problems.empty());
    return *result.action;
}

std::string sent(const Action& action, const std::string& inputs = kInputs,
                 const std::string& entity = kEntity) {
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    actions::JqRun run(action, machine, stop, 1'700'000'000'123);
    const auto rendered =
        actions::render(action,
                        {"r_1", json::parse(inputs).value(), json::parse(entity).value(), "portal", "",
                         "API", 1'700'000'000'123},
                        &run);
    return rendered ? rendered->payload : rendered.error().code + ": " + rendered.error().message;
}

/// The body whose one member or element is written as JSON here.
std::string body(const std::string& json, const std::string& inputs = kInputs,
                 const std::string& entity = kEntity) {
    return sent(usable(kHead + ("  body: " + json + "\n")), inputs, entity);
}

/// `{{ expression }}` alone in its string.
std::string value_of(const std::string& expression, const std::string& inputs = kInputs,
                     const std::string& entity = kEntity) {
    const std::string text = json::write(json::Value(json::String("{{ " + expression + " }}")));
    const std::string all = body("[ " + text + " ]", inputs, entity);
    return all.front() == '[' ? all.substr(1, all.size() - 2) : all;
}

}  // namespace

TEST_CASE("actions: the forms that published documents use", "[actions]") {
    CHECK(
        value_of(".trigger | {by, origin, at}") ==
        R"({"by":{"userId":"portal","user":{"id":"portal"}},"origin":"API","at":"2023-11-14T22:13:20.123Z"})");
    CHECK(value_of("(if .entity == {} then null else .entity end)", kInputs, "{}") == "null");
    CHECK_THAT(value_of("(if .entity == {} then null else .entity end)"),
               StartsWith(R"({"identifier":)"));
    CHECK(value_of(R"(.action.identifier[("" | length):])") == "\"a\"");
    CHECK(value_of(R"(.entity.properties.url[("https://" | length):])") == "\"git.test/org/repo\"");
    CHECK(value_of(R"(.entity.identifier | split("/")[-1])") == "\"repo\"");
    CHECK(
        value_of(
            R"(.entity.relations.on | if type == "array" then map({i: .}) else .identifier end)") ==
        R"([{"i":"a"},{"i":"b"}])");
    CHECK(value_of(R"(.inputs.list | if type == "array" then map(.name) else .name end)") ==
          R"(["p","q"])");
    CHECK(value_of(R"(.inputs.s | sub("-[^-]+$"; ""))") == "\"My Service\"");
    CHECK(value_of(R"(.inputs.s | gsub(" "; "-") | ascii_downcase)") == "\"my-service-12\"");
    CHECK(value_of("(.inputs.list // []) | map({name: .name})") ==
          R"([{"name":"p"},{"name":"q"}])");
    CHECK(value_of("(.inputs.missing // []) | map({name: .name})") == "[]");
    CHECK(value_of("now | tostring | @base64") == "\"MTcwMDAwMDAwMC4xMjM=\"");
    CHECK(value_of(R"("17" | tonumber)") == "17");
    CHECK(value_of(R"(now | strftime("%Y-%m-%dT%H:%M:%SZ"))") == "\"2023-11-14T22:13:20Z\"");
    CHECK(value_of(R"(.inputs.x | del(.["user"]) | to_entries | map({k: .key, v: .value}))") ==
          R"([{"k":"a","v":1},{"k":"b","v":"two"}])");
    CHECK(
        value_of(
            R"(.inputs.x | del(.["user"]) | to_entries | map(. as {key: $k, value: $v} | {name: $k, value: ($v | tostring)}))") ==
        R"([{"name":"a","value":"1"},{"name":"b","value":"two"}])");
    CHECK(value_of("\"  a \" | trim") == "\"a\"");
    CHECK(value_of("{a: {b: {c: .inputs.n}}}") == R"({"a":{"b":{"c":3}}})");
    CHECK(value_of(R"(.entity.properties."url" | length)") == "25");
}

TEST_CASE("actions: jq in keys, and beside spreadValue", "[actions]") {
    CHECK(body(R"({ "{{ if (.inputs | has(\"s\")) then \"s\" else null end }}": 1, "b": 2 })") ==
          R"({"s":1,"b":2})");
    CHECK(
        body(R"({ "{{ if (.inputs | has(\"who\")) then \"who\" else null end }}": 1, "b": 2 })") ==
        R"({"b":2})");
    CHECK(body(R"({ "{{ spreadValue() }}": "{{ .inputs.x | del(.user) }}", "c": 3 })") ==
          R"({"a":1,"b":"two","c":3})");
    CHECK(body(R"({ "p-{{ .inputs.s | ascii_downcase }}": 1 })") == R"({"p-my service-12":1})");
}

TEST_CASE("actions: jq in text becomes text, and alone it keeps its type", "[actions]") {
    CHECK(body(R"([ "a {{ .inputs.n + 1 }} b", "{{ .inputs.n + 1 }}", "{{ .inputs.n > 1 }}" ])") ==
          R"(["a 4 b",4,true])");
    CHECK(
        body(
            R"([ "<{{ .inputs.x | {a} }}>", "<{{ empty }}>", "{{ empty }}", "<{{ null // null }}>" ])") ==
        R"(["<{\"a\":1}>","<>",null,"<>"])");
    CHECK(body(R"([ "${{ .inputs.s | length }}{{ .run.id }}" ])") == R"(["$13r_1"])");
}

TEST_CASE("actions: a secret beside jq stays a hole, and jq makes none", "[actions]") {
    const std::string secret = hole("A");
    CHECK(body(R"([ "{{ .secrets.A }}", "{{ .inputs.n + 1 }}" ])") == "[\"" + secret + "\",4]");
    CHECK(body(R"({ a: "Bearer {{ .secrets.A }} {{ .inputs.n + 1 }}" })") ==
          "{\"a\":\"Bearer " + secret + " 4\"}");
    // The bytes of a hole, by ways on which text does not pass the door.
    const std::string inputs = json::write(json::Object{{"s", json::String(to_base64(secret))}});
    for (const char* made : {".inputs.s | @base64d", "[255, 65, 254] | implode"}) {
        CAPTURE(made);
        const std::string sent = value_of(made, inputs);
        CHECK(without_holes(sent) == sent);
        CHECK(sent.find('\xFF') == std::string::npos);
    }
}

TEST_CASE("actions: plain paths need no jq", "[actions]") {
    const Action action =
        usable(kHead + std::string("  body: { a: \"{{ .inputs.x }}\", b: \"{{ .inputs[\\\"a-b\\\"] "
                                   "}}\", c: \"x {{ .inputs.list[0] }}\" }\n"));
    CHECK(action.jq.list.empty());
    CHECK(action.jq.compiled == nullptr);
    CHECK_FALSE(
        usable(kHead + std::string("  body: [ \"{{ .inputs.n + 1 }}\" ]\n")).jq.list.empty());
}

TEST_CASE("actions: what is not jq makes the action unavailable at its place", "[actions]") {
    const auto at = [](const std::string& expression, std::uint32_t column = 12) {
        const Read result =
            compiled(kHead + ("  body:\n    a: 1\n    b: '{{ " + expression + " }}'\n"));
        REQUIRE(result.problems.size() == 1);
        CHECK(result.problems.front().position.line == 10);
        CHECK(result.problems.front().position.column == column);
        CHECK_FALSE(result.action->unavailable.empty());
        return result.problems.front().message;
    };
    CHECK_THAT(at("cloudId"), Contains("{{ cloudId }} is not jq: cloudId/0 is not defined"));
    CHECK_THAT(at(".inputs.variables | toTFVariables"), Contains("toTFVariables/0 is not defined"));
    CHECK_THAT(at("inputs.type"), Contains("the inputs of the invocation are `.inputs`"));
    CHECK_THAT(at(".inputs.a b"), Contains("syntax error"));
    CHECK_THAT(at("[range(.inputs.n)]"), Contains("unbounded: true"));
    CHECK_THAT(at("(.inputs.n", 9), Contains("no }}") || Contains("not closed"));
}

TEST_CASE("actions: unbounded permits what can run without end, and is true or false",
          "[actions]") {
    const std::string body = "  body: [ \"{{ [range(.inputs.n)] }}\" ]\n";
    CHECK(sent(usable("unbounded: true\n" + std::string(kHead) + body)) == "[[0,1,2]]");
    CHECK_THAT(compiled("unbounded: false\n" + std::string(kHead) + body).text(),
               Contains("unbounded: true"));
    CHECK_THAT(compiled("unbounded: yes please\n" + std::string(kHead) + body).text(),
               Contains("`unbounded` must be a boolean"));
}

TEST_CASE("actions: jq that fails is named with its place and without values", "[actions]") {
    const Action action =
        usable(kHead + std::string("  body:\n    a: \"{{ .inputs.s | keys }}\"\n"));
    CHECK(sent(action, R"({"s":"hush"})") ==
          "template_failed: the expression {{ .inputs.s | keys }} at a.yaml:9:12 failed: a value "
          "(string) has "
          "no keys");
    CHECK_THAT(value_of(".inputs.list[]"), Contains("gave several results"));
    CHECK_THAT(value_of(".inputs.n", R"({"n":9007199254740993})"), Contains("9007199254740993"));
    CHECK_THAT(value_of(".inputs.n + 1", R"({"n":9007199254740993})"),
               Contains("/inputs/n") && !Contains("9007199254740993"));
}

TEST_CASE("actions: a template of jq is bounded as any other", "[actions]") {
    const std::string large = R"({"s":")" + std::string(100'000, 'x') + "\"}";
    std::string items;
    for (int i = 0; i < 90; ++i)
        items += (i == 0 ? "" : ", ") + std::string(R"("{{ .inputs.s + \"\" }}")");
    CHECK_THAT(body("[ " + items + " ]", large),
               StartsWith("template_failed: ") && Contains("8388608"));
}

TEST_CASE("actions: a thousand actions with 300 expressions among them are three compiles",
          "[actions]") {
    std::vector<Action> all;
    for (int i = 0; i < 1'000; ++i) {
        const std::string n = std::to_string(i);
        const std::string field = i % 10 < 3
                                      ? "{{ .inputs.s | ascii_downcase | . + \\\"" + n + "\\\" }}"
                                      : "{{ .inputs.s }}";
        all.push_back(good(kHead + ("  body: [ \"" + field + "\" ]\n")));
    }
    std::vector<Action*> pointers;
    for (Action& action : all)
        pointers.push_back(&action);
    document::Problems problems;
    actions::compile_expressions(pointers, problems);
    CHECK(problems.empty());
    CHECK(all[0].jq.compiled->compiles() == 3);
    CHECK(all[3].jq.compiled == nullptr);
    CHECK(sent(all[992]) == R"(["my service-12992"])");
    CHECK(sent(all[995]) == R"(["My Service-12"])");
}

TEST_CASE("actions: as many expressions as are accepted load, and one more does not", "[actions]") {
    std::string items = "1";
    for (std::size_t i = 0; i < limits::jq_expressions_max; ++i)
        items += ", \"{{1+1}}\"";
    Action full = good(kHead + ("  body: [ " + items + " ]\n"));
    Action more = good(kHead + std::string("  body: [ \"{{ 1 + 1 }}\" ]\n"));
    document::Problems problems;
    actions::compile_expressions({&full, &more}, problems);
    REQUIRE(problems.size() == 1);
    CHECK_THAT(problems.front().message, Contains("more than 20000 expressions"));
    CHECK(full.unavailable.empty());
    CHECK_FALSE(more.unavailable.empty());
    CHECK(full.jq.compiled->compiles() == 1);
}

TEST_CASE("actions: large inputs are refused before jq sees them", "[actions]") {
    const Action action = good(
        "identifier: a\n"
        "trigger: { type: self-service, operation: CREATE, userInputs: { properties: {\n"
        "  s: { type: string, pattern: \"^(a+)+$\", maxLength: 40000 }, list: { type: array, "
        "maxItems: 10 },\n"
        "  x: { type: object } } } }\n"
        "invocationMethod: { type: WEBHOOK, url: \"https://example.test\", body: [ \"{{ .inputs.s "
        "| length }}\" ] }\n");
    CHECK_THAT(checked(action, R"({"s":")" + std::string(50'000, 'a') + "\"}"),
               StartsWith("/properties/s: "));
    std::string list = "[0";
    for (int i = 0; i < 1'000'000; ++i)
        list += ",0";
    CHECK_THAT(checked(action, R"({"list":)" + list + "]}"), StartsWith("/properties/list: "));
    std::string deep;
    for (int i = 0; i < 65; ++i)
        deep += "{\"x\":";
    CHECK_FALSE(json::parse(deep + "1" + std::string(65, '}')).ok());
}
