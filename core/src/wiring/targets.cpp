#include "wiring/targets.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "json/writer.hpp"
#include "plugins/plugin.hpp"
#include "plugins/probe.hpp"

namespace signalbox::wiring {
namespace {

using document::Position;

void set_retry(dispatch::Policy& policy, const config::RetrySettings& retry) {
    policy.attempts_max = retry.attempts;
    policy.first_ms = retry.first_ms;
    policy.factor = retry.factor;
    policy.cap_ms = retry.cap_ms;
    policy.jitter = retry.jitter;
    policy.retry_after_max_ms = retry.retry_after_max_ms;
}

dispatch::Policy policy_of(const Connection& connection) {
    const config::ConnectionSettings& written = connection.written;
    dispatch::Policy policy;
    policy.in_flight_max = written.limits.in_flight;
    policy.per_second_max = written.limits.per_second;
    policy.timeout_ms = written.limits.timeout_ms;
    set_retry(policy, written.retry);
    policy.breaker.failures = written.breaker.failures;
    policy.breaker.first_ms = written.breaker.pause_ms;
    policy.breaker.cap_ms = written.breaker.cap_ms;
    policy.hold = connection.hold;
    policy.egress_allow = written.egress_allow;
    policy.tls = {written.tls.ca.file, written.tls.certificate.file, written.tls.key.file};
    return policy;
}

dispatch::Policy policy_of_action(dispatch::Policy policy, const config::PolicySettings& written) {
    if (written.retry) set_retry(policy, *written.retry);
    policy.deadline_ms = written.deadline_ms;
    policy.order_skips = written.order_skips;
    return policy;
}

std::optional<signing::Signer> signer_of(Assembly& assembly, const Connection& connection) {
    std::vector<std::string> keys;
    const auto add = [&](const config::Secret& secret) {
        auto bytes = signing::key_bytes(secret.value);
        if (!bytes) {
            assembly.refuse(secret.position, bytes.error().message);
            return false;
        }
        keys.push_back(std::move(*bytes));
        return true;
    };
    const config::SigningSettings& written = connection.written.signing;
    if (connection.scheme != signing::Scheme::none) {
        if (written.key && !add(*written.key)) return {};
        for (const config::Secret& previous : written.previous_keys) {
            if (!add(previous)) return {};
        }
    }
    return signing::Signer(connection.scheme, connection.header, keys);
}

/// As they are written, which is how somebody might send one along.
std::vector<std::string> signing_secrets(const config::SigningSettings& written) {
    std::vector<std::string> all;
    if (written.key) all.push_back(written.key->value);
    for (const config::Secret& previous : written.previous_keys)
        all.push_back(previous.value);
    return all;
}

std::vector<plugins::ProbedConnection> connections_of(const Assembly& assembly,
                                                      const std::string& plugin) {
    std::vector<plugins::ProbedConnection> connections;
    for (const Connection& each : assembly.connections) {
        if (each.written.plugin == plugin)
            connections.push_back({each.settings, {each.written.name, each.secrets, nullptr}});
    }
    return connections;
}

bool are_same(const plugins::ProbedConnection& a, const plugins::ProbedConnection& b) {
    return a.info.name == b.info.name && a.info.secrets == b.info.secrets &&
           json::write(a.settings) == json::write(b.settings);
}

/// Does the plugin serve already, from the same file and with the same connections? Then a reload leaves both
/// alone: nothing new can come of it, and to try it in a child would be to fork between threads at work.
bool serves(const Assembly* serving, const Assembly& fresh, const std::string& id) {
    const PluginFile& file = fresh.plugins.at(id);
    if (serving == nullptr || !file.version) return false;
    const auto known = serving->plugins.find(id);
    if (known == serving->plugins.end()) return false;
    const PluginFile& there = known->second;
    const auto before = connections_of(*serving, id);
    const auto now = connections_of(fresh, id);
    return there.version == file.version && there.file == file.file && there.sha256 == file.sha256 &&
           std::equal(before.begin(), before.end(), now.begin(), now.end(), are_same);
}

std::shared_ptr<plugins::Plugin> load(Assembly& assembly, const Connection& connection, LogSink& log,
                                      const Clock& clock) {
    const std::string& id = connection.written.plugin;
    const PluginFile& file = assembly.plugins.at(id);
    if (file.built_in) return file.built_in;
    const auto refuse = [&](const Error& error) {
        assembly.refuse(connection.written.plugin_position, error.message);
        return nullptr;
    };
    Result<std::filesystem::path> path = file.file;
    if (!file.sha256.empty()) {
        path = plugins::copy_pinned(file.file, file.sha256, assembly.config.journal / "plugins");
        if (!path) return refuse(path.error());
    }
    if (auto probed = plugins::probe(*path, connections_of(assembly, id), clock); !probed)
        return refuse(probed.error());
    auto plugin = plugins::load(*path, log, clock);
    if (!plugin) return refuse(plugin.error());
    return std::move(*plugin);
}

std::shared_ptr<plugins::Connection> connect_one(Assembly& assembly, const Connection& connection,
                                                 plugins::Plugin& plugin, plugins::EventSink* events) {
    auto connected = plugin.connect(connection.settings,
                                    {connection.written.name, connection.secrets, events});
    if (connected) return std::move(*connected);
    const Error& error = connected.error();
    if (error.details.empty()) assembly.refuse(connection.written.position, error.message);
    for (const Detail& detail : error.details) {
        Position position = document::position_of(connection.written.settings, detail.pointer);
        if (position.line == 0) position = connection.written.position;
        assembly.refuse(position, "connection '" + connection.written.name + "': " + detail.message);
    }
    return nullptr;
}

}  // namespace

std::vector<dispatch::Target> connect(Assembly& assembly, LogSink& log, const Clock& clock,
                                      const std::string& public_url, plugins::EventSink* events,
                                      const Assembly* serving) {
    std::vector<dispatch::Target> targets;
    auto secrets = std::make_shared<dispatch::Secrets>();
    for (const config::NamedSecret& named : assembly.config.secrets)
        secrets->emplace(named.name, named.secret.value);
    std::map<std::string, std::shared_ptr<plugins::Plugin>> loaded;
    for (const Connection& connection : assembly.connections) {
        const std::string& id = connection.written.plugin;
        std::shared_ptr<plugins::Connection> connected;  // none: the one that serves goes on
        if (!serves(serving, assembly, id)) {
            auto plugin = loaded.find(id);
            if (plugin == loaded.end())
                plugin = loaded.emplace(id, load(assembly, connection, log, clock)).first;
            if (!plugin->second) continue;
            connected = connect_one(assembly, connection, *plugin->second, events);
            if (!connected) continue;
        }
        auto signer = signer_of(assembly, connection);
        if (!signer) continue;
        targets.push_back({connection.written.name,
                           id,
                           std::move(connected),
                           std::move(*signer),
                           policy_of(connection),
                           public_url,
                           {},
                           connection.written.traced,
                           secrets});
        for (const auto& [pointer, value] : connection.secrets)
            targets.back().censor.add_header(value);
        for (const std::string& key : signing_secrets(connection.written.signing))
            targets.back().censor.add(key);
        for (const config::PolicySettings& written : assembly.config.policies)
            targets.back().by_action.emplace(written.action,
                                             policy_of_action(targets.back().policy, written));
    }
    return targets;
}

}  // namespace signalbox::wiring
