#include <algorithm>

#include "base/limits.hpp"
#include "config/address.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

std::string plugin_advice(const std::string& name, const std::vector<std::string>& known) {
    if (known.empty()) return "`plugins` lists none; add " + name + " to it";
    return "listed under `plugins`: " + join(known) + did_you_mean(name, known);
}

void read_plugin(const Node& node, const std::vector<PluginReference>& plugins,
                 ConnectionSettings& connection, Scope scope) {
    connection.plugin_position = node.position;
    const std::optional<std::string> name = read_string(node, "plugin", scope);
    if (!name) return;
    connection.plugin = *name;
    std::vector<std::string> known;
    for (const PluginReference& plugin : plugins) {
        std::string candidate = plugin_name(plugin);
        if (candidate == *name) return;
        const bool is_new = std::find(known.begin(), known.end(), candidate) == known.end();
        if (is_new && !candidate.empty()) known.push_back(std::move(candidate));
    }
    scope.reporter.error(node.position,
                         "no plugin " + found(node) + " is listed; " + plugin_advice(*name, known));
}

void read_on_unknown(const Node& node, ConnectionSettings& connection, Scope scope) {
    if (node.kind == Node::Kind::string && node.text == "hold") {
        connection.on_unknown = OnUnknown::hold;
    } else if (node.kind == Node::Kind::string && node.text == "resend") {
        connection.on_unknown = OnUnknown::resend;
    } else {
        const std::string word = node.kind == Node::Kind::string ? node.text : std::string();
        scope.reporter.error(node.position,
                             "`on_unknown` must be hold (a person decides) or resend (the "
                             "target deduplicates), found " +
                                 found(node) + did_you_mean(word, {"hold", "resend"}));
    }
}

BreakerSettings read_breaker(const Node& node, Scope scope) {
    BreakerSettings breaker;
    const Fields fields(node, "`breaker`", {"failures", "pause", "cap"}, scope);
    if (const Node* failures = fields.find("failures")) {
        if (const auto count =
                read_integer(*failures, "failures", 0, limits::config_breaker_failures_max, scope))
            breaker.failures = static_cast<std::int32_t>(*count);
    }
    const auto read_pause = [&](std::string_view key, std::int64_t otherwise) {
        const Node* pause = fields.find(key);
        if (pause == nullptr) return otherwise;
        return read_duration(*pause, key, 1, limits::config_retry_delay_ms_max, scope)
            .value_or(otherwise);
    };
    breaker.pause_ms = read_pause("pause", breaker.pause_ms);
    breaker.cap_ms = std::max(breaker.pause_ms, read_pause("cap", breaker.cap_ms));
    return breaker;
}

Node read_settings(const Node& node, Scope scope) {
    if (node.kind == Node::Kind::mapping) return node;
    scope.reporter.error(node.position, "`settings` must be a mapping, found " +
                                            std::string(document::kind_name(node.kind)));
    return node;
}

ConnectionSettings read_connection(const Node::Member& member,
                                   const std::vector<PluginReference>& plugins, Scope scope) {
    ConnectionSettings connection;
    connection.name = member.key;
    connection.position = member.key_position;
    connection.settings.kind = Node::Kind::mapping;
    connection.settings.position = member.key_position;
    if (!is_name(member.key))
        scope.reporter.error(member.key_position,
                             "this is not a connection's name, which has " + name_rule());
    const Fields fields(
        member.value, "a connection",
        {"plugin", "settings", "signing", "limits", "retry", "breaker", "on_unknown", "egress",
         "tls", "trace", "stamp"},
        scope);
    if (const Node* plugin = fields.require("plugin", "name one of `plugins`"))
        read_plugin(*plugin, plugins, connection, scope);
    if (const Node* settings = fields.find("settings"))
        connection.settings = read_settings(*settings, scope);
    if (const Node* signing = fields.find("signing"))
        connection.signing = read_signing(*signing, scope);
    if (const Node* limits = fields.find("limits")) connection.limits = read_limits(*limits, scope);
    if (const Node* retry = fields.find("retry")) connection.retry = read_retry(*retry, scope);
    if (const Node* breaker = fields.find("breaker"))
        connection.breaker = read_breaker(*breaker, scope);
    if (const Node* on_unknown = fields.find("on_unknown"))
        read_on_unknown(*on_unknown, connection, scope);
    if (const Node* egress = fields.find("egress"))
        connection.egress_allow = read_egress(*egress, scope);
    if (const Node* trace = fields.find("trace"))
        connection.traced = read_boolean(*trace, "trace", scope).value_or(true);
    if (const Node* tls = fields.find("tls")) connection.tls = read_connection_tls(*tls, scope);
    if (const Node* stamp = fields.find("stamp"))
        connection.stamp = read_boolean(*stamp, "stamp", scope).value_or(false);
    return connection;
}

}  // namespace

std::vector<std::string> read_egress(const Node& node, Scope scope) {
    std::vector<std::string> networks;
    const Fields fields(node, "`egress`", {"allow"}, scope);
    const Node* allow = fields.require("allow", "write allow: [10.1.0.0/16]");
    const auto* items = allow == nullptr ? nullptr : read_list(*allow, "allow", "networks", scope);
    if (items == nullptr) return networks;
    for (const Node& item : *items) {
        const std::optional<std::string> text = read_string(item, "allow", scope);
        if (!text) continue;
        if (const Result<Done> checked = check_network(*text); !checked) {
            scope.reporter.error(item.position, found(item) + ": " + checked.error().message);
        } else {
            networks.push_back(*text);
        }
    }
    return networks;
}

LimitSettings read_limits(const Node& node, Scope scope) {
    LimitSettings settings;
    const Fields fields(node, "`limits`", {"in_flight", "per_second", "timeout"}, scope);
    if (const Node* in_flight = fields.find("in_flight")) {
        if (const auto count =
                read_integer(*in_flight, "in_flight", 1, limits::config_in_flight_max, scope))
            settings.in_flight = static_cast<std::int32_t>(*count);
    }
    if (const Node* rate = fields.find("per_second"))
        settings.per_second =
            read_number(*rate, "per_second", 0, limits::config_per_second_max, scope)
                .value_or(settings.per_second);
    if (const Node* timeout = fields.find("timeout"))
        settings.timeout_ms =
            read_duration(*timeout, "timeout", 1, limits::config_timeout_ms_max, scope)
                .value_or(settings.timeout_ms);
    return settings;
}

RetrySettings read_retry(const Node& node, Scope scope) {
    RetrySettings retry;
    const Fields fields(node, "`retry`",
                        {"attempts", "first", "factor", "cap", "jitter", "retry_after_max"}, scope);
    if (const Node* attempts = fields.find("attempts")) {
        if (const auto count =
                read_integer(*attempts, "attempts", 1, limits::config_attempts_max, scope))
            retry.attempts = static_cast<std::int32_t>(*count);
    }
    const Node* first = fields.find("first");
    const Node* cap = fields.find("cap");
    const auto read_delay = [&](const Node* delay, std::string_view key, std::int64_t otherwise) {
        if (delay == nullptr) return otherwise;
        return read_duration(*delay, key, 1, limits::config_retry_delay_ms_max, scope)
            .value_or(otherwise);
    };
    retry.first_ms = read_delay(first, "first", retry.first_ms);
    retry.cap_ms = read_delay(cap, "cap", retry.cap_ms);
    retry.retry_after_max_ms =
        read_delay(fields.find("retry_after_max"), "retry_after_max", retry.retry_after_max_ms);
    if (const Node* factor = fields.find("factor"))
        retry.factor = read_number(*factor, "factor", 1, limits::config_retry_factor_max, scope)
                           .value_or(retry.factor);
    if (const Node* jitter = fields.find("jitter"))
        retry.jitter = read_number(*jitter, "jitter", 0, 1, scope).value_or(retry.jitter);
    if (retry.cap_ms < retry.first_ms)
        scope.reporter.error((cap != nullptr ? cap : first)->position,
                             "`cap`, the longest delay, is shorter than `first`, the shortest (" +
                                 std::to_string(retry.cap_ms) + "ms against " +
                                 std::to_string(retry.first_ms) +
                                 "ms); raise `cap` or lower `first`");
    return retry;
}

std::vector<ConnectionSettings> read_connections(const Node& node,
                                                 const std::vector<PluginReference>& plugins,
                                                 Scope scope) {
    std::vector<ConnectionSettings> connections;
    if (node.kind != Node::Kind::mapping)
        scope.reporter.error(node.position,
                             "`connections` must be a mapping from a name to a connection, "
                             "found " +
                                 std::string(document::kind_name(node.kind)));
    for (const Node::Member& member : node.members)
        connections.push_back(read_connection(member, plugins, scope));
    return connections;
}

}  // namespace signalbox::config
