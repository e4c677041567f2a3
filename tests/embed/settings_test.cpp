// A config in code is held to the same rules as a file, and says where by JSON pointer.
#include <catch2/catch.hpp>

#include "host.hpp"

using namespace signalbox;
using namespace signalbox::test;

namespace {

struct Checked {
    Host host;
    Settings settings = host_settings(host.folder.path(), "http://127.0.0.1:1/");

    /// The findings, `pointer: message`; empty: it was taken.
    std::string findings() {
        auto made = Dispatcher::from_settings(settings, host.seams());
        if (made) return {};
        CHECK(made.error().code == "config_invalid");
        std::string text;
        for (const Detail& detail : made.error().details)
            text += detail.pointer + ": " + detail.message + "\n";
        CHECK_FALSE(made.error().message.empty());
        return text;
    }
};

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

}  // namespace

TEST_CASE("embed: settings that are right are taken", "[embed]") {
    Checked checked;
    auto& connection = checked.settings.connections[0];
    connection.limits.in_flight = 65'536;
    connection.limits.per_second = 2.5;
    connection.limits.timeout_ms = 1'500;
    connection.retry.attempts = 2;
    connection.retry.first_ms = 250;
    connection.retry.factor = 1.5;
    connection.retry.cap_ms = 10'000;
    connection.retry.jitter = 0.0;
    connection.retry.retry_after_max_ms = 60'000;
    connection.breaker = {5, 1'000, 60'000};
    connection.on_unknown = "resend";
    checked.host.secrets.known["PORTAL"] = "portal-secret";
    checked.settings.clients = {{"portal", {"PORTAL", ""}, {"invoke", "view"}}};
    checked.host.secrets.known["TOKEN"] = "t0ken";
    checked.host.secrets.known["INPUTS"] = "0123456789abcdef0123456789abcdef";
    checked.settings.secrets = {{"TOKEN", {"TOKEN", ""}}};
    checked.settings.input_encryption_key = SecretName{"INPUTS", ""};
    checked.settings.http_connections = 10;
    checked.settings.public_url = "https://signalbox.example";
    checked.settings.retention = {30 * 86'400'000LL, 10'000};
    checked.settings.action_retentions = {{"deploy", {{}, 100}}};
    CHECK(checked.findings() == "");
}

TEST_CASE("embed: each wrong setting is named by its pointer with the file's own words",
          "[embed]") {
    Checked checked;
    auto& connection = checked.settings.connections[0];
    connection.limits.in_flight = 65'537;
    CHECK_THAT(checked.findings(), StartsWith("/connections/own/limits/in_flight: "));
    connection.limits.in_flight.reset();
    connection.on_unknown = "holt";
    CHECK_THAT(checked.findings(),
               StartsWith("/connections/own/on_unknown: ") && Contains("did you mean `hold`"));
    connection.on_unknown.clear();
    connection.plugin = "host-targets";
    CHECK_THAT(checked.findings(),
               StartsWith("/connections/own/plugin: ") && Contains("host-target"));
    connection.plugin = "host-target";
    connection.settings = "{\"uri\": \"x\"}";
    CHECK_THAT(checked.findings(), Contains("/connections/own/settings"));
    connection.settings = "{";
    CHECK_THAT(checked.findings(), StartsWith("/connections/own/settings: not JSON") ||
                                       StartsWith("/connections/own/settings: "));
    connection.settings = R"({"url": "http://127.0.0.1:1/", "refuse": true})";
    CHECK_THAT(checked.findings(), StartsWith("/connections/own/settings/refuse: "));
}

TEST_CASE("embed: TLS and retention in code are held to the file's rules", "[embed]") {
    Checked checked;
    checked.settings.tls.emplace();
    checked.settings.tls->certificate = "server.pem";
    CHECK_THAT(checked.findings(), StartsWith("/tls/certificate: `certificate` has no `key`"));
    checked.settings.tls->key = "server.key";
    checked.settings.directory = checked.host.folder.path();
    CHECK_THAT(checked.findings(), StartsWith("/tls/certificate: ") && Contains("server.pem cannot be read"));
    checked.settings.tls.reset();
    checked.settings.connections[0].tls.ca = "nobody.pem";
    CHECK_THAT(checked.findings(), StartsWith("/connections/own/tls/ca: ") &&
                                       Contains("nobody.pem cannot be read"));
    checked.settings.connections[0].tls.ca.clear();
    checked.settings.retention.keep_ms = 1;
    CHECK_THAT(checked.findings(), StartsWith("/retention/keep: "));
    checked.settings.retention.keep_ms.reset();
    checked.settings.action_retentions = {{"deploy", {{}, 0}}};
    CHECK_THAT(checked.findings(), StartsWith("/retention/actions/deploy/runs: "));
}

TEST_CASE("embed: a name that stands twice and a missing key are findings", "[embed]") {
    Checked checked;
    checked.settings.policies = {{"deploy", 1'000, {}, false, "", "", {}, ""},
                                 {"deploy", 2'000, {}, false, "", "", {}, ""}};
    CHECK_THAT(checked.findings(), StartsWith("/policies/deploy: ") && Contains("twice"));
    checked.settings.policies.clear();
    checked.settings.action_retentions = {{"deploy", {{}, 1}}, {"deploy", {{}, 2}}};
    CHECK_THAT(checked.findings(), StartsWith("/retention/actions/deploy: ") && Contains("twice"));
    checked.settings.action_retentions.clear();
    checked.settings.connections.push_back(checked.settings.connections[0]);
    CHECK_THAT(checked.findings(), StartsWith("/connections/own: ") && Contains("twice"));
    checked.settings.connections.pop_back();
    checked.settings.connections[0].signing.reset();
    CHECK_THAT(checked.findings(), StartsWith("/connections/own: ") && Contains("no signing key"));
}

TEST_CASE("embed: a secret that the host's source lacks is a finding at its place", "[embed]") {
    Checked checked;
    checked.host.secrets.known.clear();
    CHECK_THAT(checked.findings(),
               StartsWith("/connections/own/signing/key: ") && Contains("the vault has no KEY"));
    checked.host.secrets.known["KEY"] = "";
    CHECK_THAT(checked.findings(), Contains("is empty"));
}

TEST_CASE("embed: secrets of actions are named by their pointers", "[embed]") {
    Checked checked;
    checked.settings.secrets = {{"TOKEN", {"TOKEN", ""}}};
    CHECK_THAT(checked.findings(),
               StartsWith("/secrets/TOKEN: ") && Contains("the vault has no TOKEN"));
    checked.host.secrets.known["TOKEN"] = "t0ken";
    checked.host.secrets.known["INPUTS"] = "too short";
    checked.settings.input_encryption_key = SecretName{"INPUTS", ""};
    CHECK_THAT(checked.findings(),
               StartsWith("/input_encryption_key: ") && Contains("has 9 bytes"));
}

TEST_CASE("embed: an action in code is named with line and column", "[embed]") {
    Checked checked;
    checked.settings.actions[0].text = "identifier: deploy\ntrigger: 1\n";
    CHECK_THAT(checked.findings(), Contains("deploy.yaml:"));
    checked.settings.actions = {host_action(), host_action()};
    CHECK_THAT(checked.findings(), Contains("is also in deploy.yaml"));
}

TEST_CASE("embed: a target that is added twice or breaks its contract is refused", "[embed]") {
    Checked checked;
    auto seams = checked.host.seams();
    seams.add_plugin(host_target);
    auto twice = Dispatcher::from_settings(checked.settings, seams);
    REQUIRE_FALSE(twice);
    CHECK_THAT(twice.error().message, Contains("'host-target' is listed twice"));
    Seams broken;
    broken.add_plugin([](const signalbox_host*, signalbox_plugin*) -> signalbox_answer {
        return SIGNALBOX_BROKEN;
    });
    auto refused = Dispatcher::from_settings(checked.settings, broken);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "plugin_broken");
}

TEST_CASE("embed: a host that listens is reached over HTTP", "[embed]") {
    Checked checked;
    auto seams = checked.host.seams();
    seams.listen = true;
    auto made = Dispatcher::from_settings(checked.settings, seams);
    REQUIRE(made);
    REQUIRE((*made)->start());
    CHECK(call((*made)->url(), "GET", "/healthz").status == 200);
    CHECK(call((*made)->url(), "POST", "/v1/actions/deploy/runs", R"({"properties":{"name":"x"}})")
              .status == 202);
    (*made)->stop(0);
}

TEST_CASE("embed: a source in code is held to the rules of a file", "[embed]") {
    Checked checked;
    checked.host.secrets.known["PORT"] = "port-secret";
    SourceSettings source;
    source.name = "port";
    source.verify = "port-v1";
    source.key = {"PORT", ""};
    source.previous_keys = {{"KEY", ""}};
    source.tolerance_ms = 60'000;
    source.keep_ms = 3'600'000;
    source.per_second = 5;
    source.when = {{"{{ .body.kind }}", {"run"}}};
    source.action = "deploy";
    source.properties = R"({"name": "{{ .body.name }}"})";
    source.entity = "\"{{ .body.entity }}\"";
    source.report = SourceReportSettings{"https://api.port.io", "id", {"PORT", ""}, {}, {}, 500, 5'000};
    checked.settings.sources = {source};
    checked.settings.connections[0].stamp = true;
    CHECK(checked.findings() == "");
    checked.settings.sources[0].verify = "port-v2";
    CHECK_THAT(checked.findings(), StartsWith("/sources/port/verify: ") && Contains("port-v1"));
    checked.settings.sources[0].verify = "none";
    CHECK_THAT(checked.findings(), StartsWith("/sources/port/verify: "));
    checked.settings.sources[0].verify = "port-v1";
    checked.settings.sources[0].action = "depoly";
    CHECK_THAT(checked.findings(), StartsWith("/sources/port/action: ") && Contains("did you mean 'deploy'"));
    checked.settings.sources[0].action = "deploy";
    checked.settings.sources[0].properties = "{";
    CHECK_THAT(checked.findings(), StartsWith("/sources/port/properties: "));
    checked.settings.sources = {source, source};
    CHECK_THAT(checked.findings(), StartsWith("/sources/port: ") && Contains("twice"));
}
