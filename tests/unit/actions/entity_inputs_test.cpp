// Inputs of the format `entity`: an identifier or an object comes in, an object is what templates see.
#include "actions/entity_inputs.hpp"

#include <catch2/catch.hpp>

#include "actions/jq_expressions.hpp"
#include "base/limits.hpp"
#include "support.hpp"

using namespace actions_test;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kInputs =
    "    properties:\n"
    "      service: { type: string, format: entity, blueprint: service, pattern: '^[a-z-]+$' }\n"
    "      others:\n"
    "        type: array\n"
    "        uniqueItems: true\n"
    "        items: { type: string, format: entity, blueprint: service }\n"
    "      bare: { type: string, format: entity }\n"
    "      owner: { type: string, format: user }\n"
    "      team: { type: string, format: team }\n"
    "      sealed: { type: string, format: entity, encryption: aes256-gcm }\n";

Action with_body(const std::string& body, const std::string& inputs = kInputs) {
    Read result = read(with_inputs(inputs) + body);
    if (result.action) actions::compile_expressions({&*result.action}, result.problems);
    INFO(result.text());
    REQUIRE(result.action.has_value());
    REQUIRE(result.problems.empty());
    return *result.action;
}

/// The payload, or what was refused.
std::string sent(const Action& action, std::string_view properties,
                 std::string_view entity = "null") {
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    std::optional<actions::JqRun> run;
    if (!action.jq.list.empty()) run.emplace(action, machine, stop, 0);
    const json::Value about = json::parse(entity).value();
    const json::Value nobody;
    const actions::Asking asking{about, nobody, run ? &*run : nullptr};
    auto inputs = actions::check_inputs(action, json::parse(properties).value(), &asking);
    if (!inputs) return inputs.error().code + " " + inputs.error().details.at(0).pointer;
    const auto rendered = actions::render(action, {"r_1", *inputs, about, "ada", "", "API", 0},
                                          run ? &*run : nullptr);
    return rendered ? rendered->payload : rendered.error().code + ": " + rendered.error().message;
}

}  // namespace

TEST_CASE("entity: an identifier is what the document's paths ask of it", "[actions][entity]") {
    const Action action = with_body(
        "  body: { id: '{{ .inputs.service.identifier }}', of: '{{ .inputs.service.blueprint }}', "
        "url: '{{ .inputs.service.properties.url }}', title: '{{ .inputs.service.title }}', "
        "text: 'deploy {{ .inputs.service.identifier }} now', all: '{{ .inputs.service }}', "
        "first: '{{ .inputs.others[0].identifier }}', bare: '{{ .inputs.bare }}' }\n");
    CHECK(sent(action, R"({"service":"cart","others":["a","b"],"bare":"x"})") ==
          R"({"id":"cart","of":"service","url":null,"title":null,"text":"deploy cart now",)"
          R"("all":{"identifier":"cart","blueprint":"service"},"first":"a",)"
          R"("bare":{"identifier":"x"}})");
    CHECK(sent(action, "{}") ==
          R"({"id":null,"of":null,"url":null,"title":null,"text":"deploy  now","all":null,)"
          R"("first":null,"bare":null})");
}

TEST_CASE("entity: one that is sent whole is carried whole", "[actions][entity]") {
    const std::string whole =
        R"({"identifier":"cart","title":"Cart","properties":{"url":"https://git.test/cart"}})";
    const Action action = with_body(
        "  body: { id: '{{ .inputs.service.identifier }}', all: '{{ .inputs.service }}', "
        "url: '{{ .inputs.service.properties.url }}', list: '{{ .inputs.others }}' }\n");
    CHECK(sent(action, R"({"service":)" + whole + R"(,"others":["a",)" + whole + "]}") ==
          R"({"id":"cart","all":)" + whole + R"(,"url":"https://git.test/cart",)" +
              R"("list":[{"identifier":"a","blueprint":"service"},)" + whole + "]}");
    CHECK(checked(action, R"({"service":)" + whole + "}") ==
          R"(accepted as {"service":)" + whole + "}");
    CHECK(checked(action, R"({"service":"cart"})") == R"(accepted as {"service":"cart"})");
}

TEST_CASE("entity: jq of published documents takes one and many", "[actions][entity]") {
    const Action action = with_body(
        "  body:\n"
        "    one: '{{ .inputs.service | if type == \"array\" then map(.identifier) else "
        ".identifier end }}'\n"
        "    many: '{{ .inputs.\"others\" | if type == \"array\" then map(.identifier) else "
        ".identifier end }}'\n"
        "    '{{ if (.inputs | has(\"bare\")) then \"bare\" else null end }}': '{{ "
        ".inputs.bare.identifier }}'\n");
    CHECK(sent(action, R"({"service":"cart","others":["a",{"identifier":"b"}]})") ==
          R"({"one":"cart","many":["a","b"]})");
}

TEST_CASE("entity: users and teams stay the texts that they are", "[actions][entity]") {
    const Action action =
        with_body("  body: { owner: '{{ .inputs.owner }}', team: '{{ .inputs.team }}' }\n");
    CHECK(sent(action, R"({"owner":"ada@example.com","team":"core"})") ==
          R"({"owner":"ada@example.com","team":"core"})");
    CHECK_THAT(checked(action, R"({"team":{"identifier":"core"}})"),
               Contains("/properties/team: must be a string"));
}

TEST_CASE("entity: the rules of the text are those of the identifier", "[actions][entity]") {
    const Action action = with_body("  body: {}\n");
    CHECK_THAT(checked(action, R"({"service":{"identifier":"No!"}})"),
               Contains("/properties/service: must match the pattern"));
    CHECK_THAT(checked(action, R"({"others":["a",{"identifier":"a","title":"A"}]})"),
               Contains("/properties/others/1: must differ from the other items, equals item 0"));
    CHECK_THAT(checked(action, R"({"service":7})"),
               Contains("/properties/service: must be a string, found the number 7"));
}

TEST_CASE("entity: an object without an identifier is refused, once", "[actions][entity]") {
    const Action action = with_body("  body: {}\n");
    for (const char* object : {"{}", R"({"identifier":7})", R"({"identifier":""})"}) {
        const std::string text = object;
        const std::string found = checked(
            action, R"({"service":)" + text + R"(,"others":["a",)" + text + R"(],"zap":1})");
        CHECK_THAT(found,
                   Contains("/properties/service: is an object without an `identifier`") &&
                       Contains("/properties/others/1: is an object without an `identifier`") &&
                       Contains("/properties/zap: `zap` is unknown") && !Contains("must be a string"));
    }
}

TEST_CASE("entity: a whole one has at most so many bytes", "[actions][entity]") {
    const Action action = with_body("  body: {}\n");
    const auto of_size = [](std::size_t bytes) {
        const std::string begin = R"({"identifier":"a","x":")";
        return begin + std::string(bytes - begin.size() - 2, 'x') + "\"}";
    };
    const std::string most = of_size(limits::input_entity_bytes_max);
    CHECK_THAT(checked(action, R"({"service":)" + most + "}"), Contains("accepted as "));
    CHECK_THAT(checked(action,
                       R"({"service":)" + of_size(limits::input_entity_bytes_max + 1) + "}"),
               Contains("/properties/service: has 65537 bytes as an object; at most 65536"));
}

TEST_CASE("entity: a secret one is a text that nobody looks into", "[actions][entity]") {
    const Action action = with_body("  body: { s: '{{ .inputs.sealed }}' }\n");
    CHECK(sent(action, R"({"sealed":"c2VhbGVk"})") == R"({"s":"c2VhbGVk"})");
    CHECK_THAT(checked(action, R"({"sealed":{"identifier":"a"}})"),
               Contains("/properties/sealed: must be a string"));
}

TEST_CASE("entity: a form shows its queries objects", "[actions][entity]") {
    const Action action = with_body(
        "  body: { where: '{{ .inputs.where }}', same: '{{ .inputs.same }}' }\n",
        "    properties:\n"
        "      service: { type: string, format: entity, blueprint: service }\n"
        "      where: { type: string, default: { jqQuery: .form.service.identifier }, "
        "visible: { jqQuery: .form.service.properties.hidden | not } }\n"
        "      same: { type: string, format: entity, disabled: true, default: { jqQuery: "
        ".form.service } }\n");
    CHECK(sent(action, R"({"service":"cart"})") ==
          R"({"where":"cart","same":{"identifier":"cart","blueprint":"service"}})");
    CHECK(sent(action, R"({"service":"cart","same":"cart"})") ==
          R"({"where":"cart","same":{"identifier":"cart"}})");
    CHECK(sent(action, R"({"service":{"identifier":"cart","properties":{"hidden":true}},)"
                       R"("where":"x"})") == "invalid_inputs /properties/where");
}

TEST_CASE("entity: the run's own may be an identifier too", "[actions][entity]") {
    const Action action = with_body(
        "  body: { id: '{{ .entity.identifier }}', all: '{{ .entity }}', "
        "jq: '{{ (if .entity == {} then null else .entity.identifier end) }}' }\n");
    CHECK(sent(action, "{}", R"("cart")") ==
          R"({"id":"cart","all":{"identifier":"cart"},"jq":"cart"})");
    CHECK(sent(action, "{}") == R"({"id":null,"all":null,"jq":null})");
}

TEST_CASE("entity: in the whole message they stand as identifiers", "[actions][entity]") {
    const Action action = with_body("");
    const std::string message = sent(
        action, R"({"service":{"identifier":"cart","title":"Cart"},"others":[{"identifier":"a"}]})",
        R"("shop")");
    CHECK_THAT(message, Contains(R"("properties":{"service":"cart","others":["a"]})") &&
                            Contains(R"("context":{"entity":"shop",)") &&
                            Contains(R"("payload":{"entity":{"identifier":"shop"},)"));
}
