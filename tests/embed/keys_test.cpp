// What can be written in signalbox.yaml can be said in code.
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "settings_text.hpp"

using namespace signalbox;

namespace {

/// Every member set, to anything that is right.
Settings everything() {
    Settings settings;
    settings.listen = "127.0.0.1:1";
    settings.public_url = "https://signalbox.example";
    settings.journal = "data";
    settings.journal_log = true;
    settings.plugins = {{"acme", "", ""}, {"", "signalbox_b.so", std::string(64, 'a')}};
    const RetrySettings retry{8, 1'000, 2.0, 60'000, 0.2, 60'000};
    ConnectionSettings connection;
    connection.name = "one";
    connection.plugin = "acme";
    connection.signing.emplace();
    connection.signing->scheme = "hmac-sha1-hex";
    connection.signing->header = "X-Signature";
    connection.signing->key = SecretName{"KEY", ""};
    connection.signing->previous_keys = {SecretName{"", "old.key"}};
    connection.limits = {1, 2.0, 3'000};
    connection.retry = retry;
    connection.breaker = {1, 1'000, 2'000};
    connection.on_unknown = "hold";
    connection.egress_allow = {"127.0.0.0/8"};
    connection.trace = false;
    connection.stamp = true;
    connection.tls = {"ca.pem", "us.pem", "us.key"};
    settings.connections = {connection};
    settings.clients = {{"portal", {"PORTAL", ""}, {"invoke", "view", "approve", "report"}, true}};
    SourceSettings port;
    port.name = "port";
    port.verify = "port-v1";
    port.key = {"KEY", ""};
    port.previous_keys = {{"", "old.key"}};
    port.header = "X-Signature";
    port.tolerance_ms = 60'000;
    port.keep_ms = 3'600'000;
    port.per_second = 5;
    port.when = {{"{{ .body.kind }}", {"run"}}};
    port.action = "deploy";
    port.properties = R"({"service": "{{ .body.service }}"})";
    port.entity = "\"{{ .body.entity }}\"";
    port.report = SourceReportSettings{
        "https://api.port.io", "id", {"KEY", ""}, {"10.0.0.0/8"}, {"ca.pem", "us.pem", "us.key"}, 500, 5'000};
    SourceSettings basic;
    basic.name = "basic";
    basic.verify = "basic";
    basic.user = "hook";
    basic.key = {"KEY", ""};
    settings.sources = {port, basic};
    settings.policies = {{"deploy", 60'000, retry, true, "service", "skip", 60'000, "tell"}};
    settings.permissions = {{"deploy", {{"portal"}}, {{"portal"}}, {{"portal"}}, {{"portal"}}}};
    settings.retention = {86'400'000, 1'000};
    settings.action_retentions = {{"deploy", {86'400'000, 1'000}}};
    settings.secrets = {{"API_TOKEN", {"API_TOKEN", ""}}};
    settings.input_encryption_key = SecretName{"INPUTS", ""};
    settings.action_files = {"actions/*"};
    settings.http_connections = 10;
    settings.http_per_address = 2;
    settings.tls = ListenerTlsSettings{"server.pem", "server.key", "clients.pem", "optional"};
    return settings;
}

constexpr const char* kStrange = "zzz";

/// The pointers of all mappings.
void mappings(const json::Value& value, const std::string& pointer, std::vector<std::string>& found) {
    if (value.is_object()) {
        found.push_back(pointer);
        for (const auto& member : value.get_object())
            mappings(member.value(), pointer + "/" + json::escape_token(member.key()), found);
    }
    if (value.is_array()) {
        for (std::size_t i = 0; i < value.get_array().size(); ++i)
            mappings(value.get_array()[i], pointer + "/" + std::to_string(i), found);
    }
}

std::set<std::string> words(const std::string& list) {
    std::set<std::string> words;
    std::istringstream in(list);
    for (std::string word; in >> word;)
        words.insert(word.substr(0, word.find_first_of(",;")));
    return words;
}

struct Keys {
    std::set<std::string> accepted;
    std::set<std::string> written;
};

/// By what the reader calls each kind of mapping: it is asked by a key that it cannot know.
std::map<std::string, Keys> asked(const json::Value& config) {
    std::map<std::string, Keys> kinds;
    std::vector<std::string> pointers;
    mappings(config, "", pointers);
    for (const std::string& pointer : pointers) {
        json::Value strange = config;
        json::Object& mapping = strange.at_pointer(pointer).as_object();
        std::set<std::string> written;
        for (const auto& member : mapping)
            written.insert(std::string(member.key()));
        mapping[kStrange] = 1;
        document::Problems problems;
        config::read_text(json::write(strange), "settings", "/etc/signalbox", problems);
        for (const document::Problem& problem : problems) {
            const std::string begins = std::string("`") + kStrange + "` is unknown in ";
            const std::string list = "; accepted: ";
            const std::size_t at = problem.message.find(list);
            if (problem.message.rfind(begins, 0) != 0 || at == std::string::npos) continue;
            Keys& keys = kinds[problem.message.substr(begins.size(), at - begins.size())];
            const std::set<std::string> accepted = words(problem.message.substr(at + list.size()));
            keys.accepted.insert(accepted.begin(), accepted.end());
            keys.written.insert(written.begin(), written.end());
        }
    }
    return kinds;
}

}  // namespace

TEST_CASE("embed: every key of the config has its counterpart in Settings", "[embed]") {
    const auto text = config_text(everything());
    REQUIRE(text);
    document::Problems problems;
    config::read_text(*text, "settings", "/etc/signalbox", problems);
    for (const document::Problem& problem : problems) {
        CAPTURE(document::to_string(problem));
        CHECK(problem.severity != document::Problem::Severity::error);
    }
    const auto kinds = asked(*json::parse(*text));
    CHECK(kinds.size() >= 14);
    for (const auto& [kind, keys] : kinds) {
        CAPTURE(kind);
        CHECK(keys.written == keys.accepted);
    }
}
