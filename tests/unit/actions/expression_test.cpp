#include "actions/expression.hpp"

#include <catch2/catch.hpp>

#include "actions/secret_path.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

using namespace signalbox;
using namespace signalbox::actions;
using Catch::Matchers::Contains;

namespace {

/// `text|<expression>|text`
std::string shape(std::string_view text) {
    const SplitText split = split_text(text);
    std::string shown;
    for (const TextPart& part : split.parts) {
        if (!shown.empty()) shown += '|';
        shown += part.expression ? "<" + part.text + ">" : part.text;
    }
    return split.closed ? shown : shown + "|never closed";
}

std::string reached(std::string_view expression) {
    static const json::Value context =
        json::parse(
            R"({"inputs":{"name":"n","a-b":1,"a\"b":2,"list":[10,[20,30]],"é":3,"x1_":4,"":5},"run":{"id":"r_1"}})")
            .value();
    const auto path = parse_path(expression);
    return path ? json::write(follow(*path, ReadyContext(context))) : "no plain path";
}

}  // namespace

TEST_CASE("actions: text is split at its expressions", "[actions]") {
    CHECK(shape("") == "");
    CHECK(shape("plain") == "plain");
    CHECK(shape("{{ .a }}") == "<.a>");
    CHECK(shape("{{.a}}") == "<.a>");
    CHECK(shape("x {{ .a }} y {{\n.b\n}}") == "x |<.a>| y |<.b>");
    CHECK(shape("{{.a}}{{.b}}") == "<.a>|<.b>");
    CHECK(shape("{ .a } }}") == "{ .a } }}");
    CHECK(shape("{{}}") == "<>");
    CHECK(shape("${{ .a }}") == "$|<.a>");
}

TEST_CASE("actions: the end of an expression is found by its tokens", "[actions]") {
    CHECK(shape(R"({{ {a: {b: 1}} }} after)") == R"(<{a: {b: 1}}>| after)");
    CHECK(shape(R"({{{a: {b: 1}}}}after)") == R"(<{a: {b: 1}}>|after)");
    CHECK(shape(R"({{ .["}}"] }})") == R"(<.["}}"]>)");
    CHECK(shape(R"({{ "\"}}" }})") == R"(<"\"}}">)");
    CHECK(shape(R"({{ "a\(.b | {c: "}}"} | .c)}}" }}z)") == R"(<"a\(.b | {c: "}}"} | .c)}}">|z)");
    CHECK(shape(R"({{ "{{" }})") == R"(<"{{">)");
    CHECK(shape(R"({{ "\\" }}x)") == R"(<"\\">|x)");
}

TEST_CASE("actions: an expression without an end is seen", "[actions]") {
    CHECK(shape("a {{ .b") == "a |never closed");
    CHECK(shape("{{ .b }") == "|never closed");
    CHECK(shape("{{ \"}}") == "|never closed");
    CHECK(shape("{{ \"\\") == "|never closed");
    CHECK(shape("{{ # }}") == "<#>");
    CHECK(shape("{{ ( }}") == "|never closed");
    std::string deep = "{{ ";
    for (int i = 0; i < 200'000; ++i)
        deep += "\"\\(";
    CHECK(shape(deep) == "|never closed");
}

TEST_CASE("actions: plain paths are followed", "[actions]") {
    CHECK(reached(".inputs.name") == "\"n\"");
    CHECK(reached(".run.id") == "\"r_1\"");
    CHECK(reached(".run") == R"({"id":"r_1"})");
    CHECK(reached(".inputs.x1_") == "4");
    CHECK(reached(R"(.inputs."a-b")") == "1");
    CHECK(reached(R"(.inputs["a-b"])") == "1");
    CHECK(reached(R"(.inputs[ "a-b" ])") == "1");
    CHECK(reached(R"(.inputs.["a-b"])") == "1");
    CHECK(reached(R"(.["inputs"].name)") == "\"n\"");
    CHECK(reached(R"(."inputs".name)") == "\"n\"");
    CHECK(reached(R"(.inputs["a\"b"])") == "2");
    CHECK(reached(R"(.inputs["\u00e9"])") == "3");
    CHECK(reached(R"(.inputs[""])") == "5");
    CHECK(reached(".inputs.list[0]") == "10");
    CHECK(reached(".inputs.list[1][1]") == "30");
    CHECK(reached(".inputs.list[-1][-2]") == "20");
    CHECK_THAT(reached("."), Contains("\"inputs\"") && Contains("\"run\""));
}

TEST_CASE("actions: a path into nothing gives null", "[actions]") {
    for (const char* path :
         {".inputs.other", ".inputs.name.first", ".inputs.list[2]", ".inputs.list[-3]",
          ".inputs[0]", ".inputs.list.name", ".entity.properties.x", ".trigger",
          ".inputs.list[9223372036854775807]", ".inputs.list[-9223372036854775808]"}) {
        CAPTURE(path);
        CHECK(reached(path) == "null");
    }
}

TEST_CASE("actions: whatever is no plain path is left to jq", "[actions]") {
    for (const char* text : {"",
                             "inputs",
                             ".inputs.",
                             "..",
                             ".inputs | keys",
                             ".inputs.a-b",
                             ".inputs.1a",
                             ".inputs[]",
                             ".inputs[1:2]",
                             ".inputs?",
                             ".inputs.é",
                             ".inputs .name",
                             ".inputs[name]",
                             ".inputs[1",
                             ".inputs]",
                             R"(.inputs["a)",
                             ".inputs[\"\\(.x)\"]",
                             "\"x\"",
                             "1",
                             ".inputs.name + \"x\"",
                             "now",
                             "spreadValue()",
                             ".inputs[99999999999999999999]",
                             ".inputs[+1]",
                             ".inputs\"a\"",
                             ".inputs..name"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_path(text).has_value());
    }
}

TEST_CASE("actions: a path must begin at a root", "[actions]") {
    const auto message = [](const char* text) { return root_problem(parse_path(text).value(), text); };
    CHECK_THAT(message(".input.name"), Contains("did you mean .inputs?"));
    CHECK_THAT(message(".nothing"),
               Contains("accepted are .inputs, .trigger, .entity, .action, .run"));
    CHECK_THAT(message(".[0]"), Contains("does not exist"));
    CHECK_THAT(message(".event.diff"), Contains("automation"));
}

TEST_CASE("actions: jq must begin at a root too", "[actions]") {
    const auto message = [](const char* text) { return jq_root_problem(text, action_roots()); };
    CHECK_THAT(message(".input.name | length"), Contains("did you mean .inputs?"));
    CHECK_THAT(message(".event.diff | keys"), Contains("automation"));
    CHECK(message(".inputs.secrets | length") == "");
    CHECK(message("now") == "");
}

TEST_CASE("actions: jq gets no secret", "[actions]") {
    for (const char* text : {".secrets.TOKEN | @base64", "\"Bearer \" + .secrets.TOKEN", "{a: .secrets[\"b\"]}",
                             "(.secrets.A)", "\"\\(.secrets.A)\"", ".inputs | .secrets", "map(.secrets)"}) {
        CAPTURE(text);
        CHECK(computes_with_secrets(text));
    }
    for (const char* text : {".inputs.secrets | length", "now", ".inputs[0].secrets | keys",
                             "\".secrets\" | length", "{secrets: 1}"}) {
        CAPTURE(text);
        CHECK_FALSE(computes_with_secrets(text));
    }
}

TEST_CASE("actions: a long expression is shortened in messages", "[actions]") {
    const auto message = [](const std::string& text) { return jq_root_problem(text, action_roots()); };
    const std::string cut = message(".a | " + std::string(500, 'x'));
    CHECK_THAT(cut, Contains("xxx… }}"));
    CHECK(cut.size() < 300);
    CHECK_THAT(message(".a | \n" + std::string(72, 'x') + "éé"), Contains("xé… }}"));
    CHECK_THAT(message(".a | \n" + std::string(73, 'x') + "éé"), Contains("x… }}"));
}
