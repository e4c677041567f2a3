#include "unit/config/support.hpp"

using config_test::Folder;
using config_test::read;
using namespace signalbox::config;
using Catch::Matchers::Contains;
namespace document = signalbox::document;

namespace {

const char* kContractExample =
    R"(listen: 127.0.0.1:8080            # tls: {certificate: F, key: F} turns HTTPS on
public_url: https://signalbox.example   # how targets and people reach us; default: listen
journal: ./data                   # directory of the embedded journal
plugins:
  - azure-pipelines               # by name, from the plugin path
  - { file: ./signalbox_acme.so, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
connections:                      # where a target is, its keys and its limits
  contoso:
    plugin: azure-pipelines
    settings: { organization: contoso }        # checked against the plugin's own schema
    signing: { scheme: hmac-sha1-hex, header: X-Port-Signature, key: { env: AZURE_WEBHOOK_SECRET } }
    limits: { in_flight: 16, per_second: 20, timeout: 30s }
    retry: { attempts: 8, first: 1s, factor: 2, cap: 10m, jitter: 0.2 }
    on_unknown: hold              # or resend; default by what the plugin declares
    egress: { allow: [10.1.0.0/16] }
clients:                          # who may call
  - { id: portal, secret: { env: PORTAL_SECRET }, may: [invoke, view, report, approve, admin] }
actions: actions/*                # one document a file, JSON or YAML
)";

}  // namespace

TEST_CASE("config: the contract's example reads without a problem", "[config]") {
    const Folder folder("config_example");
    folder.write("actions/deploy.yaml", "identifier: deploy\n");
    const auto file = folder.write("signalbox.yaml", kContractExample);
    document::Problems problems;
    const Config config = read_file(file, problems);
    CHECK(problems.empty());
    CHECK(config.file == file.string());
    CHECK(config.directory == folder.path());
    CHECK(config.listen.host == "127.0.0.1");
    CHECK(config.listen.port == 8080);
    CHECK(config.public_url == "https://signalbox.example");
    CHECK(config.journal == folder.path() / "data");
    REQUIRE(config.plugins.size() == 2);
    CHECK(config.plugins[0].name == "azure-pipelines");
    CHECK(config.plugins[0].position.line == 5);
    CHECK(config.plugins[1].file == folder.path() / "signalbox_acme.so");
    CHECK(config.plugins[1].sha256.substr(0, 8) == "e3b0c442");
    REQUIRE(config.clients.size() == 1);
    CHECK(config.clients[0].id == "portal");
    CHECK(config.clients[0].secret.env == "PORTAL_SECRET");
    CHECK(config.clients[0].rights == 31);
    CHECK(config.action_files ==
          std::vector<std::filesystem::path>{folder.path() / "actions/deploy.yaml"});
    CHECK(config.literal_secrets.empty());
}

TEST_CASE("config: the contract's connection has every setting it names", "[config]") {
    const auto result = read(kContractExample);
    REQUIRE(result.config.connections.size() == 1);
    const ConnectionSettings& connection = result.config.connections[0];
    CHECK(connection.name == "contoso");
    CHECK(connection.position.line == 8);
    CHECK(connection.plugin == "azure-pipelines");
    CHECK(connection.plugin_position.column == 13);
    REQUIRE(connection.settings.find("organization") != nullptr);
    CHECK(connection.settings.find("organization")->text == "contoso");
    CHECK(connection.signing.written);
    CHECK(connection.signing.scheme_written);
    CHECK(connection.signing.scheme == signalbox::signing::Scheme::hmac_sha1_hex);
    CHECK(connection.signing.header == "X-Port-Signature");
    REQUIRE(connection.signing.key.has_value());
    CHECK(connection.signing.key->env == "AZURE_WEBHOOK_SECRET");
    CHECK(connection.limits.in_flight == 16);
    CHECK(connection.limits.per_second == 20);
    CHECK(connection.limits.timeout_ms == 30'000);
    CHECK(connection.retry.attempts == 8);
    CHECK(connection.retry.first_ms == 1'000);
    CHECK(connection.retry.factor == 2);
    CHECK(connection.retry.cap_ms == 600'000);
    CHECK(connection.retry.jitter == 0.2);
    CHECK(connection.on_unknown == OnUnknown::hold);
    CHECK(connection.egress_allow == std::vector<std::string>{"10.1.0.0/16"});
}

TEST_CASE("config: an empty file is every default and one warning", "[config]") {
    const auto result = read("");
    REQUIRE(result.problems.size() == 1);
    CHECK(result.findings() ==
          "f:1:1: warning: there is no `actions`, so nothing can be invoked; add actions: "
          "actions/*\n");
    CHECK(result.config.listen.host == "127.0.0.1");
    CHECK(result.config.listen.port == 8080);
    CHECK(result.config.journal == "/etc/signalbox/data");
    CHECK(result.config.http.connections == signalbox::limits::http_connections_default);
    CHECK(result.config.http.per_address == 0);
    CHECK(result.config.public_url.empty());
}

TEST_CASE("config: a short connection has the defaults of the contract", "[config]") {
    const auto result = read("plugins: [p]\nconnections: {c: {plugin: p}}\n");
    CHECK_FALSE(has_errors(result.problems));
    const ConnectionSettings& connection = result.config.connections.at(0);
    CHECK(connection.settings.kind == document::Node::Kind::mapping);
    CHECK_FALSE(connection.signing.written);
    CHECK(connection.limits.in_flight == 16);
    CHECK(connection.limits.per_second == 0);
    CHECK(connection.limits.timeout_ms == 30'000);
    CHECK(connection.retry.attempts == 8);
    CHECK(connection.retry.cap_ms == 600'000);
    CHECK(connection.on_unknown == OnUnknown::by_plugin);
}

TEST_CASE("config: JSON says the same as YAML", "[config]") {
    const auto result = read(
        R"({"listen": "[::1]:0", "plugins": ["p"], "http": {"connections": 10, "per_address": 2},
        "connections": {"c": {"plugin": "p", "on_unknown": "resend", "signing": {"scheme": "none"}}}})");
    CHECK_FALSE(has_errors(result.problems));
    CHECK(result.config.listen.host == "::1");
    CHECK(result.config.listen.port == 0);
    CHECK(result.config.http.connections == 10);
    CHECK(result.config.http.per_address == 2);
    CHECK(result.config.connections.at(0).on_unknown == OnUnknown::resend);
    CHECK(result.config.connections.at(0).signing.scheme == signalbox::signing::Scheme::none);
}

TEST_CASE("config: a plugin given by file is called by its file's name", "[config]") {
    const auto result = read(
        "plugins: [{file: /opt/signalbox_acme_ci.so}, {file: other.so}]\n"
        "connections: {a: {plugin: acme-ci}, b: {plugin: other}}\n");
    CHECK_FALSE(has_errors(result.problems));
    CHECK(result.config.plugins.at(0).file == "/opt/signalbox_acme_ci.so");
}

TEST_CASE("config: a key without a scheme leaves the scheme to the plugin", "[config]") {
    const auto result = read(
        "plugins: [p]\nconnections: {c: {plugin: p, signing: {key: {env: K}, previous_keys: "
        "[{file: old}]}}}\n");
    CHECK_FALSE(has_errors(result.problems));
    const SigningSettings& signing = result.config.connections.at(0).signing;
    CHECK(signing.written);
    CHECK_FALSE(signing.scheme_written);
    REQUIRE(signing.previous_keys.size() == 1);
    CHECK(signing.previous_keys[0].file == "/etc/signalbox/old");
}

TEST_CASE("config: a public address is fine once there are clients", "[config]") {
    const auto result = read(
        "listen: 0.0.0.0:80\nclients: [{id: a, secret: {env: S}, may: [view]}]\npublic_url: "
        "HTTP://x:81/\n");
    CHECK_FALSE(has_errors(result.problems));
    CHECK(result.config.listen.host == "0.0.0.0");
    CHECK(result.config.public_url == "HTTP://x:81");
    CHECK(result.config.clients.at(0).rights == static_cast<std::uint8_t>(Right::view));
}

TEST_CASE("config: loopback needs no clients", "[config]") {
    for (const char* listen :
         {"127.0.0.1:1", "127.255.0.9:0", "localhost:8080", "LocalHost:1", "\"[::1]:1\""}) {
        INFO(listen);
        CHECK_FALSE(has_errors(read(std::string("listen: ") + listen).problems));
    }
}

TEST_CASE("config: relative paths start at the config's folder", "[config]") {
    CHECK(resolve_path("/etc/x", "a/../b") == "/etc/x/b");
    CHECK(resolve_path("/etc/x", "/var/b") == "/var/b");
    CHECK(read("journal: ../j\n", "/srv/s").config.journal == "/srv/j");
    CHECK(read("journal: /j\n", "/srv/s").config.journal == "/j");
    CHECK(read("journal: {directory: ../j}\n", "/srv/s").config.journal == "/srv/j");
    CHECK(read("journal: {commits: log}\n", "/srv/s").config.journal == "/srv/s/data");
}

TEST_CASE("config: commits go into the journal's file unless a log is asked for", "[config]") {
    CHECK_FALSE(read("journal: ./data\n").config.journal_log);
    CHECK_FALSE(read("journal: {directory: ./data, commits: file}\n").config.journal_log);
    CHECK(read("journal: {directory: ./data, commits: log}\n").config.journal_log);
}

TEST_CASE("config: durations are those of the contract", "[config]") {
    CHECK(parse_duration("30s") == 30'000);
    CHECK(parse_duration("250ms") == 250);
    CHECK(parse_duration("2d") == 172'800'000);
    CHECK_FALSE(parse_duration("30").has_value());
    CHECK_FALSE(parse_duration("half an hour").has_value());
}

TEST_CASE("config: a connection's requests are traced unless it says false", "[config]") {
    const std::string head = "plugins: [p]\nconnections: {a: {plugin: p";
    CHECK(read(head + "}}").config.connections.at(0).traced);
    CHECK(read(head + ", trace: true}}").config.connections.at(0).traced);
    const auto off = read(head + ", trace: false}}");
    CHECK_FALSE(off.config.connections.at(0).traced);
}
