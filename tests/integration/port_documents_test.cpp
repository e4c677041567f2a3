// Documents of our own in Port's form: every member and every form that Port's published ones have.
// tests/data/actions/port.manifest.json says of each how it is invoked, why it cannot be, and which
// mistakes in it are refused.
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "signalbox/check.hpp"
#include "signalbox/import.hpp"
#include "support/world.hpp"

using namespace signalbox;
using namespace signalbox::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

const fs::path kFolder = fs::path(SIGNALBOX_TEST_DATA) / "actions";

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Mistake {
    std::string find, put, mark, says;
};

struct Document {
    std::string file;
    std::string identifier;
    std::string unavailable;  ///< empty: it can be invoked
    std::string refused;  ///< a pointer that its invocation is refused with
    std::string invocation;
    std::vector<std::string> sends;  ///< parts of the body that it is previewed with
    std::vector<Mistake> mistakes;

    std::string text() const { return read(kFolder / "port" / file); }
};

std::vector<Document> documents() {
    std::vector<Document> all;
    Poco::JSON::Parser parser;
    const auto list =
        parser.parse(read(kFolder / "port.manifest.json")).extract<Poco::JSON::Array::Ptr>();
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto object = list->getObject(static_cast<unsigned>(i));
        const auto text = [&object](const char* key) {
            return object->optValue<std::string>(key, "");
        };
        Document document{text("file"),
                          text("identifier"),
                          text("unavailable"),
                          text("refused"),
                          {},
                          {},
                          {}};
        if (const auto invocation = object->getObject("invocation")) {
            std::ostringstream out;
            invocation->stringify(out);
            document.invocation = out.str();
        }
        const auto sends = object->getArray("sends");
        for (std::size_t part = 0; !sends.isNull() && part < sends->size(); ++part)
            document.sends.push_back(sends->getElement<std::string>(static_cast<unsigned>(part)));
        const auto mistakes = object->getArray("mistakes");
        for (std::size_t m = 0; m < mistakes->size(); ++m) {
            const auto mistake = mistakes->getObject(static_cast<unsigned>(m));
            document.mistakes.push_back(
                {mistake->getValue<std::string>("find"), mistake->getValue<std::string>("put"),
                 mistake->getValue<std::string>("mark"), mistake->getValue<std::string>("says")});
        }
        all.push_back(std::move(document));
    }
    return all;
}

/// What documents are made of.
struct Used {
    std::map<std::string, std::set<std::string>> names;  ///< by where they stand
    std::string texts;                                   ///< of the invocation methods

    void look(const std::string& text) {
        Poco::JSON::Parser parser;
        const auto document = parser.parse(text).extract<Poco::JSON::Object::Ptr>();
        const auto trigger = keys("action", document)->getObject("trigger");
        if (const auto inputs = keys("trigger", trigger)->getObject("userInputs")) {
            const auto properties = keys("userInputs", inputs)->getObject("properties");
            for (const std::string& name : properties->getNames())
                look_at_input(properties->getObject(name));
        }
        const auto method = document->getObject("invocationMethod");
        const auto type = method->getValue<std::string>("type");
        names["method"].insert(type);
        keys(type, method);
        look_at_texts(method);
    }

  private:
    Poco::JSON::Object::Ptr keys(const std::string& where, Poco::JSON::Object::Ptr object) {
        for (const std::string& name : object->getNames())
            names[where].insert(name);
        return object;
    }

    void look_at_input(const Poco::JSON::Object::Ptr& input) {
        keys("input", input);
        names["input type"].insert(input->optValue<std::string>("type", ""));
        names["input format"].insert(input->optValue<std::string>("format", ""));
        for (const auto& [name, value] : *input) {
            if (value.type() != typeid(Poco::JSON::Object::Ptr)) continue;
            if (value.extract<Poco::JSON::Object::Ptr>()->has("jqQuery"))
                names["jqQuery"].insert(name);
        }
    }

    void look_at_texts(const Poco::Dynamic::Var& value) {
        if (value.type() == typeid(Poco::JSON::Object::Ptr)) {
            for (const auto& [name, member] : *value.extract<Poco::JSON::Object::Ptr>()) {
                names["key"].insert(name);
                look_at_texts(member);
            }
        } else if (value.type() == typeid(Poco::JSON::Array::Ptr)) {
            for (const auto& item : *value.extract<Poco::JSON::Array::Ptr>())
                look_at_texts(item);
        } else if (value.isString()) {
            texts += value.toString() + "\n";
        }
    }
};

/// A config with a connection for each plugin and the secrets that the documents name.
fs::path configure(const Folder& folder, const std::string& actions) {
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    ::setenv("PORT_TEST_SECRET", "0123456789abcdef0123456789abcdef", 1);
    ::setenv("PORT_TEST_HOOK", "https://chat.example.com/hooks/T1", 1);
    return folder.write(
        "signalbox.yaml",
        "plugins: [ azure-pipelines, webhook ]\n"
        "connections:\n"
        "  contoso:\n"
        "    plugin: azure-pipelines\n"
        "    settings: { organization: contoso }\n"
        "    signing: { key: { env: PORT_TEST_SECRET } }\n"
        "  hooks: { plugin: webhook, signing: { key: { env: PORT_TEST_SECRET } } }\n"
        "secrets:\n"
        "  AZURE_DEVOPS_PAT_BASE64: { env: PORT_TEST_SECRET }\n"
        "  my-token: { env: PORT_TEST_SECRET }\n"
        "  CHAT_HOOK: { env: PORT_TEST_HOOK }\n"
        "input_encryption_key: { env: PORT_TEST_SECRET }\n"
        "actions: " +
            actions + "\n");
}

std::string findings_of(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings)
        text += finding.text + "\n";
    return text;
}

/// Line and column of the first `mark` in a text; in characters, from 1.
std::pair<std::uint32_t, std::uint32_t> place_of(const std::string& text, const std::string& mark) {
    const std::size_t at = text.find(mark);
    REQUIRE(at != std::string::npos);
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    for (std::size_t i = 0; i < at; ++i) {
        if (text[i] == '\n') {
            ++line;
            column = 1;
        } else if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) {
            ++column;
        }
    }
    return {line, column};
}

bool has_error(const std::vector<Finding>& findings, const std::string& text,
               const Mistake& mistake) {
    const auto [line, column] = place_of(text, mistake.mark);
    for (const Finding& finding : findings) {
        if (finding.error && finding.line == line && finding.column == column &&
            finding.message.find(mistake.says) != std::string::npos)
            return true;
    }
    return false;
}

}  // namespace

TEST_CASE("port: each document is imported, and says what becomes of it", "[port]") {
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    REQUIRE(documents().size() >= 40);
    for (const Document& document : documents()) {
        CAPTURE(document.file);
        const ImportReport report = import_port(kFolder / "port" / document.file);
        REQUIRE(report.findings.empty());
        REQUIRE(report.actions.size() == 1);
        const ImportedAction& action = report.actions.front();
        INFO(findings_of(action.findings));
        CHECK(action.identifier == document.identifier);
        const bool works = document.unavailable.empty();
        CHECK(action.fate ==
              (works ? ImportedAction::Fate::works : ImportedAction::Fate::unavailable));
        CHECK(action.findings.empty() == works);
        CHECK_FALSE(action.document.empty());
        CHECK(action.document.find("createdAt") == std::string::npos);
    }
}

TEST_CASE("port: together they have every member and form that published ones have", "[port]") {
    Used used;
    for (const Document& document : documents()) {
        if (fs::path(document.file).extension() == ".json") used.look(document.text());
    }
    const auto missing = [&used](const std::string& where, const std::vector<std::string>& names) {
        std::string text;
        for (const std::string& name : names) {
            if (used.names[where].count(name) == 0) text += where + " " + name + "\n";
        }
        return text;
    };
    CHECK(missing("action", {"identifier", "title", "trigger", "invocationMethod", "requiredApproval",
                             "icon", "description", "approvalNotification"}) == "");
    CHECK(missing("trigger", {"type", "operation", "userInputs", "blueprintIdentifier", "condition",
                              "event"}) == "");
    CHECK(missing("userInputs", {"properties", "required", "order", "titles", "steps"}) == "");
    CHECK(missing("input", {"type",      "title",     "description", "icon",       "default",
                            "enum",      "format",    "enumColors",  "blueprint",  "items",
                            "pattern",   "minLength", "maxLength",   "visible",    "minimum",
                            "maximum",   "sort",      "dataset",     "encryption", "uniqueItems"}) == "");
    CHECK(missing("input type", {"string", "number", "boolean", "array", "object"}) == "");
    CHECK(missing("input format",
                  {"entity", "markdown", "user", "date-time", "multi-line", "url"}) == "");
    CHECK(missing("jqQuery", {"default", "visible"}) == "");
    CHECK(missing("method", {"WEBHOOK", "GITHUB", "UPSERT_ENTITY", "AZURE_DEVOPS", "AZURE-DEVOPS",
                             "JENKINS", "KAFKA", "SLACK"}) == "");
    CHECK(missing("WEBHOOK", {"type", "url", "method", "body", "synchronized", "agent", "headers",
                              "queryParams"}) == "");
    CHECK(missing("GITHUB", {"org", "repo", "workflow", "workflowInputs", "reportWorkflowStatus"}) ==
          "");
    CHECK(missing("AZURE_DEVOPS", {"webhook", "org", "payload"}) == "");
    CHECK(missing("key", {"{{ spreadValue() }}", "{{ .inputs.key }}",
                          "{{ if (.inputs | has(\"x\")) then \"x\" else null end }}"}) == "");
    for (const char* form :
         {".inputs.\"control-plane\"", ".secrets[\"my-token\"]", ".inputs.list[0]", ".entity.",
          "{{ .run.id }}", ".action.blueprint", ".trigger.by.user.email", "{{ .inputs }}",
          ".trigger | {by, origin, at}", "(if .entity == {} then null else .entity end)",
          ".action.identifier[(\"prefix_\" | length):]", "split(\"/\")[-1]",
          "if type == \"array\" then map(.identifier) else .identifier end", "sub(\"-[^-]+$\"; \"\")",
          "gsub(\" \"; \"-\") | ascii_downcase", "(.inputs.a // []) | map({name: .name})",
          "now | tostring | @base64", "tonumber", "strftime", "del(.[\"user\"]) | to_entries | map(",
          ". as {key: $k, value: $v}", "| trim", "{\"b\": {\"c\":", "cloudId",
          ".inputs.variables | toTFVariables", "${{inputs.type}}", "<AZURE-DEVOPS-ORG>"}) {
        CAPTURE(form);
        CHECK(used.texts.find(form) != std::string::npos);
    }
}

TEST_CASE("port: each document that can be invoked is previewed", "[port]") {
    const Folder folder;
    const fs::path config = configure(folder, (kFolder / "port" / "*").string());
    const CheckReport report = check(config);
    INFO(findings_of(report.findings));
    CHECK(report.errors == 0);
    CHECK(report.actions + report.unavailable == documents().size());
    for (const Document& document : documents()) {
        CAPTURE(document.file);
        const auto previewed = preview(config, document.identifier,
                                       document.invocation.empty() ? "{}" : document.invocation);
        if (!document.unavailable.empty()) {
            REQUIRE_FALSE(previewed.ok());
            CHECK(previewed.error().code == "action_unavailable");
            CHECK_THAT(previewed.error().message, Contains(document.unavailable));
        } else if (!document.refused.empty()) {
            REQUIRE_FALSE(previewed.ok());
            CHECK(previewed.error().code == "plan_refused");
            CHECK(previewed.error().details.at(0).pointer == document.refused);
        } else {
            INFO((previewed.ok() ? "" : previewed.error().message));
            REQUIRE(previewed.ok());
            CHECK_THAT(previewed->url, Contains("https://"));
            CHECK_THAT(previewed->headers, Contains("X-Port-Signature: "));
            CHECK_THAT(previewed->url + previewed->headers + previewed->body,
                       !Contains("{{") && !Contains("correct horse") &&
                           !Contains("0123456789abcdef") && !Contains("hooks/T1"));
            for (const std::string& part : document.sends)
                CHECK_THAT(previewed->body, Contains(part));
        }
    }
}

TEST_CASE("port: each document with one mistake is refused at its place", "[port]") {
    for (const Document& document : documents()) {
        REQUIRE_FALSE(document.mistakes.empty());
        for (const Mistake& mistake : document.mistakes) {
            CAPTURE(document.file, mistake.put, mistake.says);
            std::string text = document.text();
            const std::size_t at = text.find(mistake.find);
            REQUIRE(at != std::string::npos);
            text.replace(at, mistake.find.size(), mistake.put);
            const Folder folder;
            const fs::path file = folder.write("actions/" + document.file, text);
            const CheckReport checked = check(configure(folder, "actions/*"));
            INFO(findings_of(checked.findings));
            CHECK(has_error(checked.findings, text, mistake));
            const ImportReport imported = import_port(file);
            REQUIRE(imported.actions.size() == 1);
            CHECK(imported.actions.front().fate == ImportedAction::Fate::refused);
            CHECK(imported.actions.front().document.empty());
            CHECK(has_error(imported.actions.front().findings, text, mistake));
        }
    }
}

TEST_CASE("port: an expression that is not jq is found by the import", "[port]") {
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    const Folder folder;
    const fs::path file = folder.write(
        "export.json",
        R"({"identifier": "a", "trigger": {"type": "self-service", "operation": "CREATE"},)"
        "\n"
        R"( "invocationMethod": {"type": "WEBHOOK", "url": "https://x.test",)"
        "\n"
        R"(  "body": {"v": "{{ .inputs | toTFVariables }}"}}})");
    const ImportReport report = import_port(file);
    REQUIRE(report.actions.size() == 1);
    CHECK(report.actions[0].fate == ImportedAction::Fate::unavailable);
    INFO(findings_of(report.actions[0].findings));
    REQUIRE(report.actions[0].findings.size() == 1);
    CHECK(report.actions[0].findings[0].line == 3);
    CHECK_THAT(report.actions[0].findings[0].message, Contains("toTFVariables/0 is not defined"));
}

TEST_CASE("port: of an automation is said once what it is", "[port]") {
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    const ImportReport report = import_port(kFolder / "port" / "react_to_a_run.json");
    REQUIRE(report.actions.size() == 1);
    INFO(findings_of(report.actions[0].findings));
    REQUIRE(report.actions[0].findings.size() == 1);
    CHECK_THAT(report.actions[0].findings[0].message, Contains("is an automation"));
}

TEST_CASE("port: an export of several is imported one by one, whatever one of them is", "[port]") {
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    const Folder folder;
    std::string good = read(kFolder / "port" / "whole_message.json");
    good.pop_back();
    const std::string bad = R"({"identifier": "bad", "trigger": {}})";
    for (const auto& [begin, end] :
         {std::pair("[", "]"), std::pair("{\"ok\": true, \"actions\": [", "]}")}) {
        const fs::path file =
            folder.write("export.json", begin + bad + ",\n" + good + ", 5" + end + "\n");
        const ImportReport report = import_port(file);
        REQUIRE(report.actions.size() == 3);
        CHECK(report.actions[0].fate == ImportedAction::Fate::refused);
        CHECK(report.actions[1].fate == ImportedAction::Fate::works);
        CHECK(report.actions[1].line == 2);
        CHECK(report.actions[2].fate == ImportedAction::Fate::refused);
        CHECK(report.actions[2].identifier.empty());
    }
    CHECK(import_port(folder.write("one.json", "{\"ok\": true, \"action\": " + good + "}"))
              .actions.at(0)
              .fate == ImportedAction::Fate::works);
    CHECK_FALSE(import_port(folder.write("empty.json", "[]")).findings.empty());
    CHECK_FALSE(import_port(folder.write("broken.json", "{\"a\": ")).findings.empty());
    CHECK_FALSE(import_port(folder.path() / "none.json").findings.empty());
}

TEST_CASE("port: what an import ignores and what is left to do is said with places", "[port]") {
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    const auto notes = [](const std::string& file) {
        std::string text;
        const ImportReport report = import_port(kFolder / "port" / file);
        for (const ImportNote& note : report.actions.at(0).notes) {
            text += note.kind + " " + std::to_string(note.line) + ":" +
                    std::to_string(note.column) + " " + note.message + "\n";
        }
        return text;
    };
    CHECK_THAT(notes("come_back_from_port.json"),
               Contains("ignored 4:3 icon\n") && Contains("publish") && Contains("createdAt"));
    CHECK_THAT(notes("copy_pipeline_template.json"),
               Contains("an input's icon (2 times)") && !Contains("blueprint (2 times)"));
    // A step that hides its inputs does something.
    CHECK_THAT(notes("jq_shows_the_steps.json"), !Contains("userInputs.steps"));
    const Folder folder;
    const ImportReport steps = import_port(folder.write(
        "steps.yaml",
        "identifier: a\ntrigger:\n  type: self-service\n  operation: CREATE\n  userInputs:\n"
        "    properties: { x: { type: string } }\n    steps: [ { title: One, order: [x] } ]\n"
        "invocationMethod: { type: WEBHOOK, url: \"https://x.test\" }\n"));
    REQUIRE(steps.actions.at(0).notes.size() == 1);
    CHECK(steps.actions[0].notes[0].message == "userInputs.steps");
    CHECK_THAT(notes("copy_pipeline_template.json"),
               Contains("send the input base_repo as an object that has `properties`, for "
                        ".inputs.base_repo.properties.url;"));
    CHECK_THAT(notes("scaffold_repository.json"), !Contains("as an object"));
    CHECK_THAT(notes("name_the_placeholder.json"),
               Contains("to do ") && Contains("<AZURE-DEVOPS-ORG>"));
    CHECK_THAT(notes("run_pipeline_on_branch.json"),
               Contains("secrets: { AZURE_DEVOPS_PAT_BASE64: { env: NAME } }"));
    CHECK_THAT(notes("written_by_hand.yaml"),
               Contains("to do 13:15 give the config the connection hooks"));
    CHECK_THAT(notes("set_a_password.json"), Contains("input_encryption_key: { env: NAME }"));
}
