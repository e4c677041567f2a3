#include "actions/placeholder.hpp"
#include "support.hpp"

using namespace actions_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

const std::string kMethod =
    "invocationMethod:\n"
    "  type: WEBHOOK\n"
    "  url: https://example.test\n";
const std::string kTrigger =
    "trigger:\n"
    "  type: self-service\n"
    "  operation: CREATE\n"
    "  userInputs: { properties: {} }\n";

std::string named(const std::string& identifier) {
    return "identifier: " + identifier + "\n" + kTrigger + kMethod;
}

std::string problem_of(std::string_view text) {
    const Read result = read(text);
    INFO(result.text());
    CHECK(result.problems.size() == 1);
    return result.text();
}

/// The action loads, and says why it cannot be invoked.
Action unavailable(std::string_view text) {
    const Read result = read(text);
    INFO(result.text());
    REQUIRE(result.action.has_value());
    CHECK_FALSE(document::has_errors(result.problems));
    REQUIRE_FALSE(result.problems.empty());
    CHECK_FALSE(result.action->unavailable.empty());
    CHECK(result.action->unavailable_position.line == result.problems.front().position.line);
    CHECK(result.action->unavailable_position.column == result.problems.front().position.column);
    CHECK_THAT(result.problems.front().message, StartsWith(result.action->unavailable));
    return *result.action;
}

}  // namespace

TEST_CASE("actions: a document of Port's loads as it is", "[actions]") {
    document::Problems problems;
    const auto action =
        actions::read_file(SIGNALBOX_TEST_DATA "/actions/azure_flat.json", problems);
    REQUIRE(action.has_value());
    CHECK(problems.empty());
    CHECK(action->identifier == "create_azure_resource");
    CHECK(action->title == "Create Azure Resource");
    CHECK_THAT(action->description, StartsWith("Creates"));
    CHECK_THAT(action->file, Catch::Matchers::EndsWith("/azure_flat.json"));
    CHECK(action->operation == "CREATE");
    CHECK(action->blueprint == "azureStorage");
    CHECK(action->invocation_type == "AZURE_DEVOPS");
    CHECK(action->invocation_type_position.line == 20);
    CHECK(action->connection.empty());
    CHECK(action->unavailable.empty());
    CHECK(json::write(action->method) == R"({"webhook":"port_trigger","org":"contoso"})");
    CHECK(action->document.at("icon") == "Azure");
    CHECK(action->node->find("identifier")->text == "create_azure_resource");
}

TEST_CASE("actions: the old spelling of Azure DevOps is understood", "[actions]") {
    document::Problems problems;
    const auto action =
        actions::read_file(SIGNALBOX_TEST_DATA "/actions/azure_properties.yaml", problems);
    REQUIRE(action.has_value());
    CHECK(problems.empty());
    CHECK(action->invocation_type == "AZURE_DEVOPS");
    CHECK(action->document.at("invocationMethod").at("type") == "AZURE-DEVOPS");
    CHECK(action->operation == "DAY-2");
}

TEST_CASE("actions: a file that is missing is a problem", "[actions]") {
    document::Problems problems;
    CHECK_FALSE(actions::read_file(SIGNALBOX_TEST_DATA "/actions/none.json", problems));
    CHECK(problems.size() == 1);
}

TEST_CASE("actions: identifiers follow Port's rule", "[actions]") {
    for (const char* accepted : {"a", "créer-été", "a@b_c.d+e:f=g-1", "...", "Runs", "日本"}) {
        CAPTURE(accepted);
        CHECK(good(named("\"" + std::string(accepted) + "\"")).identifier == accepted);
    }
    for (const char* refused : {"", ".", "..", "a b", "a/b", "a?b", "<name>", "☕", "a\\nb"}) {
        CAPTURE(refused);
        const Read result = read(named("\"" + std::string(refused) + "\""));
        CHECK_FALSE(result.action.has_value());
        CHECK_THAT(result.text(), StartsWith("a.yaml:1:13: error: the identifier"));
    }
}

TEST_CASE("actions: identifiers that are paths of the API are refused", "[actions]") {
    for (const char* taken : {"runs", "permissions"}) {
        const Read result = read(named(taken));
        CHECK_FALSE(result.action.has_value());
        CHECK_THAT(result.text(), Contains("a.yaml:1:13: error: the identifier \"" +
                                           std::string(taken) + "\" is taken"));
    }
}

TEST_CASE("actions: a document without an identifier is no action", "[actions]") {
    CHECK_FALSE(read(kTrigger + kMethod).action.has_value());
    CHECK_THAT(problem_of(kTrigger + kMethod), Contains("needs an `identifier`"));
    CHECK_THAT(problem_of("identifier: 5\n" + kTrigger + kMethod),
               Contains("1:13: error: `identifier` must be a string"));
    CHECK_THAT(problem_of("[1]"), Contains("must be a mapping"));
}

TEST_CASE("actions: unknown keys are refused with the nearest one", "[actions]") {
    CHECK_THAT(problem_of("identifer: b\n" + named("a")),
               StartsWith("a.yaml:1:1: error: ") && Contains("did you mean \"identifier\"?"));
    CHECK_THAT(problem_of("identifier: a\ntriger: {}\n" + kTrigger + kMethod),
               StartsWith("a.yaml:2:1: error: unknown key \"triger\"") && Contains("\"trigger\"?"));
    CHECK_THAT(problem_of("identifier: a\ntrigger: { type: self-service, operatoin: CREATE, "
                          "operation: CREATE }\n" +
                          kMethod),
               StartsWith("a.yaml:2:32: error: ") && Contains("\"operation\"?"));
}

TEST_CASE("actions: what Port has and we have no use for is accepted in silence", "[actions]") {
    good(
        "identifier: a\nicon: X\npublish: true\nallowAnyoneToViewRuns: false\nid: x\ncreatedAt: "
        "t\ncreatedBy: u\n"
        "updatedAt: t\nupdatedBy: u\napprovalNotification: { type: email }\nrequiredApproval: "
        "false\n" +
        kTrigger + "  actionCardButtonText: Go now\n  executeActionButtonText: Go\n" + kMethod);
}

TEST_CASE("actions: what a trigger needs is asked for", "[actions]") {
    const std::string head = "identifier: a\n";
    CHECK_THAT(problem_of(head + kMethod), Contains("needs a `trigger`"));
    CHECK_THAT(problem_of(head + "trigger: CREATE\n" + kMethod),
               Contains("2:10: error: `trigger` must be a mapping"));
    CHECK_THAT(problem_of(head + "trigger: { operation: CREATE }\n" + kMethod),
               Contains("needs a `type`"));
    CHECK_THAT(problem_of(head + "trigger: { type: selfservice, operation: CREATE }\n" + kMethod),
               Contains("2:18: error: ") && Contains("did you mean \"self-service\"?"));
    CHECK_THAT(problem_of(head + "trigger: { type: self-service }\n" + kMethod),
               Contains("needs an `operation`"));
    CHECK_THAT(
        problem_of(head + "trigger: { type: self-service, operation: DAY2 }\n" + kMethod),
        Contains("did you mean \"DAY-2\"?") && Contains("accepted are CREATE, DAY-2, DELETE"));
}

TEST_CASE("actions: an invocation method needs a type", "[actions]") {
    const std::string head = "identifier: a\n" + kTrigger;
    CHECK_THAT(problem_of(head), Contains("needs an `invocationMethod`"));
    CHECK_THAT(problem_of(head + "invocationMethod: [1]\n"), Contains("must be a mapping"));
    CHECK_THAT(problem_of(head + "invocationMethod: { url: x }\n"), Contains("needs a `type`"));
    CHECK_THAT(problem_of(head + "invocationMethod: { type: 5 }\n"),
               Contains("`type` must be a string"));
}

TEST_CASE("actions: the connection is taken out of the method", "[actions]") {
    const Action action = good("identifier: a\n" + kTrigger + kMethod + "  connection: contoso\n");
    CHECK(action.connection == "contoso");
    CHECK(action.connection_position.line == 9);
    CHECK(json::write(action.method) == R"({"url":"https://example.test"})");
    CHECK_THAT(problem_of("identifier: a\n" + kTrigger + kMethod + "  connection: [b]\n"),
               Contains("`connection` must be a string"));
}

TEST_CASE("actions: a body that could never be sent is refused", "[actions]") {
    const std::string head = "identifier: a\n" + kTrigger + kMethod;
    CHECK_THAT(problem_of(head + "  body: 5\n"),
               StartsWith("a.yaml:9:9: error: what is sent must be a mapping"));
    CHECK_THAT(problem_of(head + "  body: {}\n  payload: {}\n"),
               Contains("both `payload` and `body`"));
    CHECK_FALSE(good(head + "  body: null\n").body_template.has_value());
    CHECK(good(head + "  body: \"{{ .inputs }}\"\n").body_template.has_value());
    CHECK(good(head + "  payload: [1]\n").body_template.has_value());
}

TEST_CASE("actions: an automation is unavailable and not an error", "[actions]") {
    const Action action = unavailable(
        "identifier: a\ntrigger:\n  type: automation\n  event: { type: ENTITY_CREATED, "
        "blueprintIdentifier: b }\n"
        "  condition: { type: JQ, expressions: [\"true\"], combinator: and }\n" +
        kMethod);
    CHECK_THAT(action.unavailable, Contains("automation") && Contains("need Port's catalogue"));
    CHECK(action.unavailable_position.line == 3);
}

TEST_CASE("actions: a condition on the entity makes an action unavailable", "[actions]") {
    const Action action =
        unavailable("identifier: a\n" + kTrigger +
                    "  condition: { type: SEARCH, rules: [], combinator: and }\n" + kMethod);
    CHECK_THAT(action.unavailable, Contains("`condition`") && Contains("needs Port's catalogue"));
    CHECK(action.unavailable_position.line == 6);
}

TEST_CASE("actions: UPSERT_ENTITY makes an action unavailable in words about the catalogue",
          "[actions]") {
    const Action action = unavailable("identifier: a\n" + kTrigger +
                                      "invocationMethod: { type: UPSERT_ENTITY, "
                                      "blueprintIdentifier: b, mapping: { identifier: x } }\n");
    CHECK_THAT(action.unavailable, Contains("UPSERT_ENTITY") && Contains("needs Port's catalogue"));
    CHECK(action.unavailable_position.line == 6);
}

TEST_CASE("actions: an action whose names are still placeholders loads, and is not invoked",
          "[actions]") {
    const Action action = good("identifier: a\n" + kTrigger +
                               "invocationMethod:\n  type: AZURE_DEVOPS\n  org: "
                               "<AZURE-DEVOPS-ORG>\n  webhook: hook\n"
                               "  payload: { html: \"<b>bold</b>\" }\n");
    const auto rendered = actions::render(action, {});
    REQUIRE_FALSE(rendered.ok());
    CHECK(rendered.error().code == "plan_refused");
    REQUIRE(rendered.error().details.size() == 1);
    CHECK(rendered.error().details[0].pointer == "/invocationMethod/org");
    CHECK_THAT(rendered.error().details[0].message, Contains("<AZURE-DEVOPS-ORG>"));
}

TEST_CASE("actions: a placeholder is told from other angle brackets", "[actions]") {
    using actions::placeholder_in;
    CHECK(placeholder_in("https://<YOUR_HOST>/x") == "<YOUR_HOST>");
    CHECK(placeholder_in("<your org>") == "<your org>");
    CHECK(placeholder_in("a < b > <Name 2>") == "<Name 2>");
    for (const char* none : {"", "<", "a<b", "</b>", "<>", "< a>", "<jo@example.com>", "<https://x>",
                             "1 < 2 > 1", "<2>"}) {
        CAPTURE(none);
        CHECK(placeholder_in(none).empty());
    }
    const auto method = json::parse(R"({"url":"https://x/{{ if .a <b> 1 then 2 else 3 end }}",
        "headers":{"X":"<TOKEN>"},"list":["<A>","b"]})").value();
    const auto found = actions::find_placeholders(method);
    REQUIRE(found.size() == 2);
    CHECK(found[0].pointer == "/headers/X");
    CHECK(found[1].pointer == "/list/0");
}

TEST_CASE("actions: expressions that cannot work here make an action unavailable", "[actions]") {
    const std::string head = "identifier: a\n" + kTrigger + kMethod;
    const Action outside = unavailable(head + "  body:\n    a: \"{{ .inputs | env }}\"\n");
    CHECK_THAT(outside.unavailable, Contains("uses `env`"));
    CHECK(outside.unavailable_position.line == 10);
}

TEST_CASE("actions: every reason is reported and the first is kept", "[actions]") {
    const Read result = read("identifier: a\n" + kTrigger +
                             "  condition: { type: SEARCH, rules: [], combinator: and }\n" + kMethod +
                             "  body: { a: \"{{ env }}\", b: \"{{ .x }}\" }\n");
    REQUIRE(result.action.has_value());
    CHECK(result.problems.size() == 3);
    CHECK_THAT(result.action->unavailable, Contains("`condition`"));
}

TEST_CASE("actions: an unavailable action is not invoked", "[actions]") {
    const Action action =
        unavailable("identifier: a\n" + kTrigger +
                    "  condition: { type: SEARCH, rules: [], combinator: and }\n" + kMethod);
    const auto checked = actions::check_inputs(action, json::Object());
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().code == "action_unavailable");
    CHECK_THAT(checked.error().message, Contains("`condition`"));
    const auto rendered = actions::render(action, {});
    REQUIRE_FALSE(rendered.ok());
    CHECK(rendered.error().code == "action_unavailable");
}
