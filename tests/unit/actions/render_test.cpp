#include "base/limits.hpp"
#include "support.hpp"

using namespace actions_test;
using Catch::Matchers::Contains;

namespace {

Action from_file(const std::string& name) {
    document::Problems problems;
    auto action = actions::read_file(SIGNALBOX_TEST_DATA "/actions/" + name, problems);
    REQUIRE(action.has_value());
    REQUIRE(problems.empty());
    return *action;
}

actions::Invocation invocation(const Action& action, std::string_view properties,
                               std::string_view entity = "null",
                               const std::string& client = "portal") {
    return {"r_1",
            actions::check_inputs(action, json::parse(properties).value()).value(),
            json::parse(entity).value(),
            client,
            "",
            "API",
            1'700'000'000'123};
}

std::string payload(const Action& action, const actions::Invocation& with) {
    const auto rendered = actions::render(action, with);
    return rendered ? rendered->payload : rendered.error().code + ": " + rendered.error().message;
}

/// An action whose body is one line of YAML.
Action with_body(const std::string& body) {
    return good(
        "identifier: a\ntrigger: { type: self-service, operation: CREATE, userInputs: { "
        "properties: { x: { type: object } } } }\n"
        "invocationMethod: { type: WEBHOOK, url: \"https://example.test/{{ .run.id }}\", body: " +
        body + " }\n");
}

}  // namespace

TEST_CASE("actions: the flat mapping of the Azure guide gives its documented body", "[actions]") {
    const Action action = from_file("azure_flat.json");
    CHECK(payload(action, invocation(action, R"({"storage_name":"box"})")) ==
          R"({"storage_name":"box","storage_location":"westeurope",)"
          R"("port_context":{"entity":null,"blueprint":"azureStorage","runId":"r_1",)"
          R"("trigger":{"by":{"userId":"portal","user":{"id":"portal"}},"origin":"API",)"
          R"("at":"2023-11-14T22:13:20.123Z","operation":"CREATE"}}})");
}

TEST_CASE("actions: the mapping with properties and context gives its documented body",
          "[actions]") {
    const Action action = from_file("azure_properties.yaml");
    CHECK(payload(action, invocation(action, R"({"azure_project":"p1","settings":{"n":1.0}})")) ==
          R"({"properties":{"azure_project":{"identifier":"p1","blueprint":"project"},"settings":{"n":1}},)"
          R"("port_context":{"blueprint":"service","runId":"r_1","trigger":"DAY-2 by portal"}})");
    CHECK(payload(action, invocation(action, R"({"azure_project":"p1"})", "null", "")) ==
          R"({"properties":{"azure_project":{"identifier":"p1","blueprint":"project"},"settings":null},)"
          R"("port_context":{"blueprint":"service","runId":"r_1","trigger":"DAY-2 by "}})");
}

TEST_CASE("actions: the method's members are filled too", "[actions]") {
    const Action action = with_body("{}");
    const auto rendered = actions::render(action, invocation(action, "{}"));
    REQUIRE(rendered);
    REQUIRE(rendered->method);
    CHECK(json::write(*rendered->method) == R"({"url":"https://example.test/r_1"})");
    CHECK(rendered->payload == "{}");
    CHECK(json::write(action.method) == R"({"url":"https://example.test/{{ .run.id }}"})");
}

TEST_CASE("actions: members without expressions are the document's own", "[actions]") {
    const Action action = good(
        "identifier: a\ntrigger: { type: self-service, operation: CREATE }\n"
        "invocationMethod: { type: WEBHOOK, url: \"https://example.test/\", body: {} }\n");
    const auto rendered = actions::render(action, invocation(action, "{}"));
    REQUIRE(rendered);
    CHECK_FALSE(rendered->method);
    REQUIRE(action.method_template.constant() != nullptr);
    CHECK(json::write(*action.method_template.constant()) == R"({"url":"https://example.test/"})");
    CHECK(with_body("{}").method_template.constant() == nullptr);
}

TEST_CASE("actions: the roots hold what is known of the invocation", "[actions]") {
    const Action action = with_body(
        R"({ e: "{{ .entity.properties.a }}", all: "{{ .action }}", i: "{{ .inputs }}" })");
    CHECK(payload(action,
                  invocation(action, "{}", R"({"identifier":"e1","properties":{"a":[1]}})")) ==
          R"({"e":[1],"all":{"identifier":"a","blueprint":null,"encryptedProperties":[]},"i":{}})");
}

TEST_CASE("actions: without a mapping the whole message is sent", "[actions]") {
    const Action action = good(
        "identifier: restart\ntitle: Restart\ntrigger:\n  type: self-service\n  operation: DAY-2\n"
        "  blueprintIdentifier: service\n  userInputs: { properties: { why: { type: string } } }\n"
        "invocationMethod:\n  type: WEBHOOK\n  url: \"https://example.test/{{ .inputs.why }}\"\n  "
        "method: POST\n"
        "  headers: { Authorization: Bearer abc }\n");
    CHECK(
        payload(action,
                invocation(action, R"({"why":"slow"})", R"({"identifier":"e1","title":"E"})")) ==
        R"({"action":"restart","resourceType":"run","status":"TRIGGERED",)"
        R"("trigger":{"by":{"userId":"portal","user":{"id":"portal"}},"origin":"API","at":"2023-11-14T22:13:20.123Z"},)"
        R"("context":{"entity":"e1","blueprint":"service","runId":"r_1"},)"
        R"("payload":{"entity":{"identifier":"e1","title":"E"},)"
        R"("action":{"identifier":"restart","title":"Restart","invocationMethod":{"type":"WEBHOOK",)"
        R"("url":"https://example.test/slow","method":"POST"},"trigger":"DAY-2"},)"
        R"("properties":{"why":"slow"},"censoredProperties":[]}})");
}

TEST_CASE("actions: the whole message says null where nothing is known", "[actions]") {
    const Action action = good(
        "identifier: a\ntrigger: { type: self-service, operation: CREATE }\ninvocationMethod: { "
        "type: KAFKA }\n");
    CHECK(
        payload(action, invocation(action, "{}", "null", "")) ==
        R"({"action":"a","resourceType":"run","status":"TRIGGERED",)"
        R"("trigger":{"by":{},"origin":"API","at":"2023-11-14T22:13:20.123Z"},)"
        R"("context":{"entity":null,"blueprint":null,"runId":"r_1"},)"
        R"("payload":{"entity":null,"action":{"identifier":"a","title":null,"invocationMethod":{"type":"KAFKA"},)"
        R"("trigger":"CREATE"},"properties":{},"censoredProperties":[]}})");
}

TEST_CASE("actions: what is sent must be an object or an array", "[actions]") {
    const Action action = with_body("\"{{ .inputs.x }}\"");
    CHECK(payload(action, invocation(action, R"({"x":{"a":1}})")) == R"({"a":1})");
    CHECK_THAT(payload(action, invocation(action, "{}")),
               Contains("template_failed: ") && Contains("neither an object nor an array"));
}

TEST_CASE("actions: a failing template is reported and nothing is sent", "[actions]") {
    const Action action = with_body(R"({ a: 1, "{{ spreadValue() }}": "{{ .inputs.x }}" })");
    CHECK(payload(action, invocation(action, R"({"x":{"b":2}})")) == R"({"a":1,"b":2})");
    CHECK_THAT(payload(action, invocation(action, R"({"x":{"a":2}})")),
               Contains("template_failed: two keys"));
}

TEST_CASE("actions: the whole message is held to the size limit", "[actions]") {
    const Action action = good(
        "identifier: a\ntrigger: { type: self-service, operation: CREATE, userInputs: { "
        "properties: { x: { type: string } } } }\n"
        "invocationMethod: { type: KAFKA }\n");
    const auto with = [&](std::size_t bytes) {
        actions::Invocation made = invocation(action, R"({"x":""})");
        made.properties.as_object()["x"] = std::string(bytes, 'a');
        return payload(action, made);
    };
    const std::size_t around = with(0).size();
    CHECK(with(limits::payload_bytes_max - around).size() == limits::payload_bytes_max);
    CHECK_THAT(with(limits::payload_bytes_max - around + 1),
               Contains("template_failed: the payload has 8388609 bytes"));
}

TEST_CASE("actions: a template knows when its run was made", "[actions]") {
    const Action action = with_body("{ id: '{{ .run.id }}', at: '{{ .run.issuedAt }}' }");
    CHECK(payload(action, invocation(action, "{}")) ==
          R"({"id":"r_1","at":"2023-11-14T22:13:20.123Z"})");
}

TEST_CASE("actions: a stamped payload says which run it is of and since when", "[actions]") {
    const auto stamped = [](const Action& action) {
        auto with = invocation(action, "{}");
        with.stamped = true;
        return payload(action, with);
    };
    CHECK(stamped(with_body("{ a: 1 }")) ==
          R"({"a":1,"signalbox":{"runId":"r_1","issuedAt":"2023-11-14T22:13:20.123Z"}})");
    CHECK_THAT(stamped(with_body("{ signalbox: 1 }")), Contains("has a member `signalbox` already"));
    CHECK_THAT(stamped(with_body("[ 1 ]")), Contains("is an array"));
}

TEST_CASE("actions: who invoked is shown as it was told from outside", "[actions]") {
    const Action action = with_body("{ by: '{{ .trigger.by }}', as: '{{ .trigger.operation }}' }");
    auto told = invocation(action, "{}");
    told.trigger = json::parse(R"({"by":{"userId":"auth0|1"},"origin":"UI"})").value();
    CHECK(payload(action, told) == R"({"by":{"userId":"auth0|1"},"as":"CREATE"})");
}
