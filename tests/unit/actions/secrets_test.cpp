#include "base/hole.hpp"
#include "support.hpp"

using namespace actions_test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string with_method(const std::string& members) {
    return "identifier: a\n"
           "trigger: { type: self-service, operation: CREATE, userInputs: { properties: { x: { "
           "type: string } } } }\n"
           "invocationMethod:\n"
           "  type: WEBHOOK\n" +
           members;
}

actions::Rendered rendered(const Action& action, const std::string& x) {
    actions::Invocation invocation;
    invocation.run_id = "r_1";
    invocation.properties = json::Object{{"x", x}};
    return actions::render(action, invocation).value();
}

std::string only_warning(const std::string& text) {
    const Read result = read(text);
    INFO(result.text());
    REQUIRE(result.problems.size() == 1);
    CHECK_FALSE(document::has_errors(result.problems));
    return result.text();
}

}  // namespace

TEST_CASE("actions: a secret is a named hole in what is rendered, whole or in a text",
          "[actions]") {
    const Action action = good(
        with_method("  url: \"https://example.test/{{ .secrets.PATH }}\"\n"
                    "  headers: { Authorization: \"Bearer {{ .secrets[\\\"my-token\\\"] }}\" }\n"
                    "  body: { whole: \"{{ .secrets.\\\"a-b\\\" }}\", mixed: \"{{ .inputs.x "
                    "}}:{{.secrets.A}}\" }\n"));
    const actions::Rendered made = rendered(action, "in");
    CHECK(made.payload == "{\"whole\":\"" + hole("a-b") + "\",\"mixed\":\"in:" + hole("A") + "\"}");
    CHECK(made.method->at("url") == json::Value("https://example.test/" + hole("PATH")));
    REQUIRE(action.secrets.size() == 4);
    CHECK(action.secrets[0].name == "PATH");
    CHECK(action.secrets[0].position.line == 5);
    CHECK(action.secrets[0].position.column == 33);
    CHECK(action.secrets[3].name == "A");
}

TEST_CASE("actions: an input cannot make a hole", "[actions]") {
    const Action action =
        good(with_method("  url: https://example.test\n"
                         "  body: { a: \"{{ .inputs.x }}\", b: \"{{ .secrets.A }}\" }\n"));
    // The words of a template, and everything that could come near the bytes of a hole in UTF-8.
    for (const char* text : {"{{ .secrets.A }}",
                             "\xC3\xBF"
                             "A\xC3\xBE",
                             "\xEF\xBF\xBF"
                             "A\xEF\xBF\xBE",
                             "***"}) {
        const std::string payload = rendered(action, text).payload;
        CHECK(payload == "{\"a\":\"" + std::string(text) + "\",\"b\":\"" + hole("A") + "\"}");
        CHECK(without_holes(payload) == "{\"a\":\"" + std::string(text) + "\",\"b\":\"***\"}");
    }
    // The bytes themselves are no UTF-8, and do not pass the door.
    CHECK_FALSE(json::parse("\"" + hole("A") + "\"").ok());
}

TEST_CASE("actions: nothing can be computed with a secret", "[actions]") {
    for (const char* expression :
         {".secrets.A | @base64", "\\\"a\\\" + .secrets.A", ".secrets", ".secrets[0]",
          ".[\\\"secrets\\\"].A", ".inputs | .secrets.A", "(.secrets).A", ". | .secrets"}) {
        CAPTURE(expression);
        const bool escaped = std::string(expression).find('\\') != std::string::npos;
        CHECK_THAT(only_warning(with_method("  url: \"{{ " + std::string(expression) + " }}\"\n")),
                   StartsWith(escaped ? "a.yaml:5:8: warning: " : "a.yaml:5:12: warning: ") &&
                       Contains("filled in last"));
    }
    CHECK_THAT(only_warning(with_method("  url: u\n  headers: { \"{{ .secrets.A }}\": x }\n")),
               Contains("a secret cannot be a key"));
    CHECK_THAT(only_warning(with_method("  url: \"{{ .secrets.\\\"a b\\\" }}\"\n")),
               Contains("no secret has such a name"));
}

TEST_CASE("actions: an input that is called secrets is an input", "[actions]") {
    CHECK_FALSE(actions::computes_with_secrets(".inputs.secrets"));
    CHECK_FALSE(actions::computes_with_secrets(".inputs[\"x\"].secrets | length"));
    CHECK_FALSE(actions::computes_with_secrets(".inputs.\"secrets\""));
    CHECK_FALSE(actions::computes_with_secrets(".inputs.my_secrets"));
    CHECK_FALSE(actions::computes_with_secrets(".secretsauce"));
    CHECK(actions::secret_in(".secrets.A") == "A");
    CHECK_FALSE(actions::secret_in(".secrets.A.b"));
    CHECK_FALSE(actions::secret_in(".secretsA"));
    CHECK_FALSE(actions::secret_in(".inputs.A"));
}
