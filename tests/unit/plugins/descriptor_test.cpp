#include "plugins/descriptor.hpp"

#include <boost/json/serialize.hpp>

#include "plugins/note.hpp"
#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

json::Object good() {
    return parsed(R"({"abi": {"major": 1, "minor": 0}, "id": "acme", "version": "1.2.3",
                      "license": "MIT", "description": "Does things.",
                      "invocation_types": {"ACME": {"type": "object", "properties": {
                          "job": {"type": "string", "description": "Which."}},
                          "additionalProperties": false}},
                      "settings": {"type": "object", "properties": {},
                                   "additionalProperties": false},
                      "capabilities": ["returns_run_id", "deduplicates"],
                      "signing": {"scheme": "hmac-sha256-prefixed", "header": "X-Sum",
                                  "required": true}})")
        .as_object();
}

Result<Descriptor> parse(const json::Object& document) {
    return parse_descriptor(boost::json::serialize(document));
}

/// The one finding of a document that is refused.
Detail only_finding(const json::Object& document) {
    const auto result = parse(document);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "plugin_bad_descriptor");
    REQUIRE(result.error().details.size() == 1);
    CHECK(contains(result.error().message, result.error().details[0].message));
    return result.error().details[0];
}

}  // namespace

TEST_CASE("plugins: a descriptor is read whole", "[plugins]") {
    const auto descriptor = parse(good());
    REQUIRE(descriptor);
    CHECK(descriptor->id == "acme");
    CHECK(descriptor->version == "1.2.3");
    CHECK(descriptor->license == "MIT");
    CHECK(descriptor->description == "Does things.");
    CHECK(descriptor->abi_major == 1);
    CHECK(descriptor->abi_minor == 0);
    CHECK(descriptor->returns_run_id);
    CHECK(descriptor->deduplicates);
    CHECK_FALSE(descriptor->can_cancel);
    CHECK_FALSE(descriptor->reports_status);
    CHECK(descriptor->signing_scheme == signing::Scheme::hmac_sha256_prefixed);
    CHECK(descriptor->signing_header == "X-Sum");
    CHECK(descriptor->signing_required);
    REQUIRE(descriptor->invocation_types.count("ACME") == 1);
    CHECK_FALSE(descriptor->invocation_types.at("ACME").validate(parsed(R"({"job": 1})")).empty());
    CHECK_FALSE(descriptor->settings.validate(parsed(R"({"x": 1})")).empty());
    CHECK(descriptor->document.as_object().size() == 9);
}

TEST_CASE("plugins: a descriptor without the optional members is enough", "[plugins]") {
    json::Object document = good();
    for (const char* name : {"license", "capabilities", "signing"})
        document.erase(name);
    const auto descriptor = parse(document);
    REQUIRE(descriptor);
    CHECK_FALSE(descriptor->signing_scheme);
    CHECK_FALSE(descriptor->signing_required);
}

TEST_CASE("plugins: another major is refused for that reason alone", "[plugins]") {
    json::Object document = good();
    document["abi"] = parsed(R"({"major": 2, "minor": 7})");
    document["settings"] = "in a form of the future";
    const auto newer = parse(document);
    REQUIRE_FALSE(newer);
    CHECK(newer.error().code == "plugin_abi");
    CHECK(contains(newer.error().message, "'acme' was built for plugin ABI 2.7"));
    CHECK(contains(newer.error().message, "loads 1.x"));
    CHECK(contains(newer.error().message, "newer Signalbox"));

    document["abi"] = parsed(R"({"major": 0, "minor": 1})");
    const auto older = parse(document);
    REQUIRE_FALSE(older);
    CHECK(older.error().code == "plugin_abi");
    CHECK(contains(older.error().message, "Build the plugin again"));
}

TEST_CASE("plugins: a newer minor may say what is not known here", "[plugins]") {
    json::Object document = good();
    document["abi"] = parsed(R"({"major": 1, "minor": 1})");
    document["future"] = true;
    document["capabilities"].as_array().emplace_back("teleports");
    const auto descriptor = parse(document);
    REQUIRE(descriptor);
    CHECK(descriptor->abi_minor == 1);
    CHECK(descriptor->returns_run_id);
}

TEST_CASE("plugins: a misspelled member never passes for an absent one", "[plugins]") {
    json::Object document = good();
    document["signign"] = document["signing"];
    document.erase("signing");
    const Detail finding = only_finding(document);
    CHECK(finding.pointer == "/signign");
    CHECK(contains(finding.message, "did you mean 'signing'?"));

    document = good();
    document["signing"].as_object()["requierd"] = true;
    CHECK(only_finding(document).pointer == "/signing/requierd");

    document = good();
    document["capabilities"].as_array().emplace_back("deduplicate");
    CHECK(only_finding(document).pointer == "/capabilities/2");
}

TEST_CASE("plugins: each wrong member of a descriptor is pointed at", "[plugins]") {
    struct Row {
        const char* member;
        const char* value;  // null: the member is left out
        const char* pointer;
    };
    const Row row = GENERATE(
        Row{"abi", nullptr, "/abi"}, Row{"abi", R"({"major": 1})", "/abi/minor"},
        Row{"abi", R"({"major": "1", "minor": 0})", "/abi/major"},
        Row{"abi", R"({"major": 1, "minor": -1})", "/abi/minor"}, Row{"id", nullptr, "/id"},
        Row{"id", R"("Acme")", "/id"}, Row{"id", R"("../x")", "/id"}, Row{"id", R"("")", "/id"},
        Row{"version", nullptr, "/version"}, Row{"version", "1", "/version"},
        Row{"license", "1", "/license"}, Row{"description", nullptr, "/description"},
        Row{"settings", nullptr, "/settings"},
        Row{"invocation_types", nullptr, "/invocation_types"},
        Row{"invocation_types", "{}", "/invocation_types"},
        Row{"invocation_types", "[]", "/invocation_types"},
        Row{"capabilities", "{}", "/capabilities"}, Row{"capabilities", "[7]", "/capabilities/0"},
        Row{"signing", "true", "/signing"}, Row{"signing", "{}", "/signing/scheme"},
        Row{"signing", R"({"scheme": "md5"})", "/signing/scheme"},
        Row{"signing", R"({"scheme": 1})", "/signing/scheme"},
        Row{"signing", R"({"scheme": "none", "header": "a b"})", "/signing/header"},
        Row{"signing", R"({"scheme": "none", "required": 1})", "/signing/required"});
    CAPTURE(row.member, row.value == nullptr ? "(left out)" : row.value);
    json::Object document = good();
    document.erase(row.member);
    if (row.value != nullptr) document[row.member] = parsed(row.value);
    CHECK(only_finding(document).pointer == row.pointer);
}

TEST_CASE("plugins: a schema without descriptions is pointed into", "[plugins]") {
    json::Object document = good();
    document["invocation_types"] =
        parsed(R"({"A/B": {"type": "object", "properties": {"job": {"type": "string"}},
                           "additionalProperties": false}})");
    const auto result = parse(document);
    REQUIRE_FALSE(result);
    REQUIRE_FALSE(result.error().details.empty());
    CHECK(result.error().details[0].pointer.rfind("/invocation_types/A~1B", 0) == 0);
}

TEST_CASE("plugins: what is no JSON object is no descriptor", "[plugins]") {
    const char* text = GENERATE("", "{", "[]", "\"x\"", "{\"abi\":{\"major\":1,\"major\":1}}");
    CAPTURE(text);
    const auto result = parse_descriptor(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "plugin_bad_descriptor");
}

TEST_CASE("plugins: the Azure plugin needs a signature by default", "[plugins]") {
    const auto text = read_note(azure_plugin());
    REQUIRE(text);
    const auto descriptor = parse_descriptor(*text);
    REQUIRE(descriptor);
    CHECK(descriptor->id == "azure-pipelines");
    CHECK(descriptor->signing_scheme == signing::Scheme::hmac_sha1_hex);
    CHECK(descriptor->signing_header == "X-Port-Signature");
    CHECK(descriptor->signing_required);
    CHECK_FALSE(descriptor->deduplicates);
    CHECK(descriptor->invocation_types.count("AZURE_DEVOPS") == 1);
}
