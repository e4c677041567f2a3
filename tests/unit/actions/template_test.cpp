#include "actions/template.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "document/reader.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

using namespace signalbox;
using namespace signalbox::actions;
using Catch::Matchers::Contains;

namespace {

const json::Value& context() {
    static const json::Value value = json::parse(R"({
        "inputs": {"name": "Zoë \"Z\"", "count": 3, "rate": 1.10, "yes": true, "nothing": null,
                   "list": [1, "two"], "object": {"k": "v"}, "key": "dynamic"},
        "entity": null,
        "run": {"id": "r_1"}
    })")
                                         .value();
    return value;
}

Template compiled(std::string_view text, document::Problems& problems) {
    const auto node = document::read(text, "t.json", problems);
    REQUIRE(node.has_value());
    JqExpressions jq;
    return Template::compile(*node, "t.json", jq, problems);
}

std::string rendered(std::string_view text, const json::Value& with = context()) {
    document::Problems problems;
    const Template made = compiled(text, problems);
    for (const auto& problem : problems)
        FAIL(document::to_string(problem));
    const auto result = made.render(with);
    return result ? json::write(*result) : result.error().code + ": " + result.error().message;
}

document::Problem only_problem(std::string_view text) {
    document::Problems problems;
    compiled(text, problems);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().severity == document::Problem::Severity::warning);
    CHECK(problems.front().file == "t.json");
    return problems.front();
}

/// A context whose `.inputs.text` has so many bytes.
json::Value with_text(std::size_t bytes, char c = 'a') {
    return json::Object{{"inputs", json::Object{{"text", json::String(bytes, c)}, {"k", "v"}}}};
}

}  // namespace

TEST_CASE("actions: a string that is one expression keeps the type", "[actions]") {
    CHECK(
        rendered(
            R"(["{{ .inputs.count }}","{{.inputs.yes}}","{{ .inputs.list }}","{{ .inputs.object }}"])") ==
        R"([3,true,[1,"two"],{"k":"v"}])");
    CHECK(
        rendered(
            R"(["{{ .inputs.name }}","{{ .inputs.rate }}","{{ .inputs.nothing }}","{{ .inputs.missing }}"])") ==
        R"(["Zoë \"Z\"",1.1,null,null])");
    CHECK(rendered(R"(["{{ .entity }}"])") == "[null]");
}

TEST_CASE("actions: in mixed text values become text", "[actions]") {
    CHECK(rendered(R"(["{{ .inputs.name }}!"])") == R"(["Zoë \"Z\"!"])");
    CHECK(rendered(R"(["{{ .inputs.count }}{{ .inputs.yes }}"])") == R"(["3true"])");
    CHECK(rendered(R"(["a {{ .inputs.rate }} b"])") == R"(["a 1.1 b"])");
    CHECK(rendered(R"([" {{ .inputs.list }}"])") == R"([" [1,\"two\"]"])");
    CHECK(rendered(R"(["x={{ .inputs.object }}"])") == R"(["x={\"k\":\"v\"}"])");
    CHECK(rendered(R"(["<{{ .inputs.nothing }}{{ .inputs.missing }}>"])") == R"(["<>"])");
    CHECK(rendered(R"([" {{ .inputs.count }} "])") == R"([" 3 "])");
}

TEST_CASE("actions: what has no expression stays as it is", "[actions]") {
    CHECK(rendered(R"({"a":[1,-2.5,true,null,"{ }","}}",""],"b":{}})") ==
          R"({"a":[1,-2.5,true,null,"{ }","}}",""],"b":{}})");
    CHECK(Template().render(context()).value().is_null());
}

TEST_CASE("actions: keys are filled too", "[actions]") {
    CHECK(
        rendered(R"({"{{ .inputs.key }}":1,"a_{{ .inputs.count }}":2,"{{ .inputs.count }}":3})") ==
        R"({"dynamic":1,"a_3":2,"3":3})");
}

TEST_CASE("actions: a key that is null drops its pair", "[actions]") {
    CHECK(rendered(R"({"a":1,"{{ .inputs.nothing }}":2,"{{ .inputs.missing.deep }}":3,"b":4})") ==
          R"({"a":1,"b":4})");
    CHECK(rendered(R"({"x{{ .inputs.nothing }}":2})") == R"({"x":2})");
}

TEST_CASE("actions: spreadValue merges an object into its parent", "[actions]") {
    CHECK(rendered(R"({"first":0,"{{ spreadValue() }}":"{{ .inputs.object }}","last":1})") ==
          R"({"first":0,"k":"v","last":1})");
    CHECK(rendered(R"({"{{spreadValue()}}":{"a":"{{ .run.id }}"}})") == R"({"a":"r_1"})");
    CHECK(rendered(R"({"{{ spreadValue() }}":{}})") == "{}");
}

TEST_CASE("actions: only objects can be spread", "[actions]") {
    for (const char* value :
         {"{{ .inputs.list }}", "{{ .inputs.name }}", "{{ .inputs.missing }}"}) {
        CAPTURE(value);
        CHECK_THAT(rendered(R"({"{{ spreadValue() }}":")" + std::string(value) + "\"}"),
                   Contains("template_failed: ") && Contains("merges an object"));
    }
}

TEST_CASE("actions: two keys that fall together are refused", "[actions]") {
    CHECK_THAT(rendered(R"({"k":1,"{{ spreadValue() }}":"{{ .inputs.object }}"})"),
               Contains("template_failed: two keys came out as \"k\""));
    CHECK_THAT(rendered(R"({"{{ spreadValue() }}":"{{ .inputs.object }}","k":1})"),
               Contains("\"k\""));
    CHECK_THAT(rendered(R"({"dynamic":1,"{{ .inputs.key }}":2})"), Contains("\"dynamic\""));
}

TEST_CASE("actions: spreadValue elsewhere is refused at its place", "[actions]") {
    for (const char* text :
         {"{\n  \"a\": \"{{ spreadValue() }}\"\n}", "{\n  \"x\": \"{{ spreadValue() }}y\"\n}"}) {
        const auto problem = only_problem(text);
        CHECK(problem.position.line == 2);
        CHECK(problem.position.column == 12);
        CHECK_THAT(problem.message, Contains("spreadValue()"));
    }
}

TEST_CASE("actions: a bad expression is found at its place", "[actions]") {
    const auto value = only_problem("{\n  \"a\": [\n    1, \"x {{ .inputs | env }}\"]}");
    CHECK(value.position.line == 3);
    CHECK(value.position.column == 14);
    CHECK_THAT(value.message, Contains("{{ .inputs | env }} uses `env`"));
    const auto key = only_problem("{\n  \"{{ if .inputs.a then input else null end }}\": 2}");
    CHECK(key.position.line == 2);
    CHECK(key.position.column == 7);
    const auto open = only_problem(R"(["é {{ .inputs.a }} {{ .inputs.b"])");
    CHECK_THAT(open.message, Contains("no }}"));
    CHECK(open.position.column == 21);
    // Which of two it is; where the file has it otherwise, the string that it is in.
    CHECK(only_problem(R"(["{{ .inputs.a }}{{ .input.b }}"])").position.column == 21);
    CHECK(only_problem(R"(["\u0061{{ .inputs.a }}{{ .input.b }}"])").position.column == 2);
}

TEST_CASE("actions: where nothing evaluates jq a template is of plain paths", "[actions]") {
    const std::vector<std::string> roots = {"body", "headers"};
    document::Problems problems;
    const auto node = document::read("{\n  \"a\": \"{{ .body.ref }}\",\n  \"b\": \"{{ .body.ref | "
                                     "length }}\"\n}",
                                     "t.json", problems);
    REQUIRE(node.has_value());
    const Template made = Template::compile_paths(*node, "t.json", problems, roots);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().position.line == 3);
    CHECK_THAT(problems.front().message,
               Contains("{{ .body.ref | length }} is not a plain path") && Contains(".body.name"));
}

TEST_CASE("actions: every bad expression is found", "[actions]") {
    document::Problems problems;
    compiled(R"({"{{ .a }}":"{{ .b.c }}","c":["{{ .d | 1 }} {{ $ENV }}"]})", problems);
    CHECK(problems.size() == 4);
}

TEST_CASE("actions: a template at the size limit is filled and one byte more is refused",
          "[actions]") {
    // {"t":"…"} has 8 bytes beside the text.
    const char* alone = R"({"t":"{{ .inputs.text }}"})";
    CHECK(rendered(alone, with_text(limits::payload_bytes_max - 8)).size() ==
          limits::payload_bytes_max);
    CHECK_THAT(rendered(alone, with_text(limits::payload_bytes_max - 7)),
               Contains("template_failed"));
    const char* mixed = R"({"t":"x{{ .inputs.text }}"})";
    CHECK(rendered(mixed, with_text(limits::payload_bytes_max - 9)).size() ==
          limits::payload_bytes_max);
    CHECK_THAT(rendered(mixed, with_text(limits::payload_bytes_max - 8)),
               Contains("template_failed"));
    const char* object = R"({"t":"{{ .inputs }}"})";
    const std::size_t around = rendered(object, with_text(0)).size();
    CHECK(rendered(object, with_text(limits::payload_bytes_max - around)).size() ==
          limits::payload_bytes_max);
    CHECK_THAT(rendered(object, with_text(limits::payload_bytes_max - around + 1)),
               Contains("more than 8388608"));
}

TEST_CASE("actions: text that grows by escapes counts as it is written", "[actions]") {
    const char* alone = R"(["{{ .inputs.text }}"])";
    const std::size_t most = (limits::payload_bytes_max - 4) / 6;  // each byte becomes \u0001
    CHECK(rendered(alone, with_text(most, '\x01')).size() > limits::payload_bytes_max - 6);
    CHECK_THAT(rendered(alone, with_text(most + 1, '\x01')), Contains("template_failed"));
}

TEST_CASE("actions: a small template cannot make a huge payload", "[actions]") {
    std::string text = "[";
    for (int i = 0; i < 1'000; ++i)
        text += (i == 0 ? "" : ",") + std::string(R"("{{ .inputs.text }}")");
    CHECK_THAT(rendered(text + "]", with_text(1 << 20)), Contains("template_failed"));
    std::string mixed = "[\"";
    for (int i = 0; i < 1'000; ++i)
        mixed += "{{ .inputs.text }}";
    CHECK_THAT(rendered(mixed + "\"]", with_text(1 << 20)), Contains("template_failed"));
    std::string key = "{\"";
    for (int i = 0; i < 40; ++i)
        key += "{{ .inputs.text }}";
    CHECK_THAT(rendered(key + "\":1}", with_text(1 << 20)), Contains("template_failed"));
}
