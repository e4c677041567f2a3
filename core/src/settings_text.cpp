#include "settings_text.hpp"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "document/reader.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox {
namespace {

using document::Node;
using document::Position;
using document::Problem;

/// An object to which only what was set is added.
class Members {
  public:
    void add(std::string_view key, json::Value value) { object_[key] = std::move(value); }
    void text(std::string_view key, const std::string& value) {
        if (!value.empty()) add(key, json::Value(value));
    }
    template <class Number>
    void number(std::string_view key, const std::optional<Number>& value) {
        if (value) add(key, *value);
    }
    void duration(std::string_view key, const std::optional<std::int64_t>& milliseconds) {
        if (milliseconds) add(key, json::Value(std::to_string(*milliseconds) + "ms"));
    }
    void texts(std::string_view key, const std::vector<std::string>& values) {
        if (values.empty()) return;
        json::Array list;
        for (const std::string& value : values)
            list.push_back(json::Value(value));
        add(key, std::move(list));
    }
    void object(std::string_view key, Members members) {
        if (!members.object_.empty()) add(key, std::move(members.object_));
    }
    json::Object take() { return std::move(object_); }

  private:
    json::Object object_;
};

json::Object secret(const SecretName& name) {
    Members members;
    members.text("env", name.env);
    members.text("file", name.file);
    return members.take();
}

Members connection_tls(const ConnectionTlsSettings& settings) {
    Members tls;
    tls.text("ca", settings.ca);
    tls.text("certificate", settings.certificate);
    tls.text("key", settings.key);
    return tls;
}

json::Array secrets(const std::vector<SecretName>& names) {
    json::Array list;
    for (const SecretName& name : names)
        list.push_back(secret(name));
    return list;
}

Members retry(const RetrySettings& settings) {
    Members members;
    members.number("attempts", settings.attempts);
    members.duration("first", settings.first_ms);
    members.number("factor", settings.factor);
    members.duration("cap", settings.cap_ms);
    members.number("jitter", settings.jitter);
    members.duration("retry_after_max", settings.retry_after_max_ms);
    return members;
}

json::Object signing(const SigningSettings& settings) {
    Members members;
    members.text("scheme", settings.scheme);
    members.text("header", settings.header);
    if (settings.key) members.add("key", secret(*settings.key));
    if (!settings.previous_keys.empty())
        members.add("previous_keys", secrets(settings.previous_keys));
    return members.take();
}

json::Object connection(const ConnectionSettings& settings, json::Value plugin_settings) {
    Members members;
    members.text("plugin", settings.plugin);
    members.add("settings", std::move(plugin_settings));
    if (settings.signing) members.add("signing", signing(*settings.signing));
    Members limits;
    limits.number("in_flight", settings.limits.in_flight);
    limits.number("per_second", settings.limits.per_second);
    limits.duration("timeout", settings.limits.timeout_ms);
    members.object("limits", std::move(limits));
    members.object("retry", retry(settings.retry));
    Members breaker;
    breaker.number("failures", settings.breaker.failures);
    breaker.duration("pause", settings.breaker.pause_ms);
    breaker.duration("cap", settings.breaker.cap_ms);
    members.object("breaker", std::move(breaker));
    members.text("on_unknown", settings.on_unknown);
    Members egress;
    egress.texts("allow", settings.egress_allow);
    members.object("egress", std::move(egress));
    members.number("trace", settings.trace);
    members.object("tls", connection_tls(settings.tls));
    if (settings.stamp) members.add("stamp", true);
    return members.take();
}

json::Object listener_tls(const ListenerTlsSettings& settings) {
    Members members;
    members.text("certificate", settings.certificate);
    members.text("key", settings.key);
    members.text("client_ca", settings.client_ca);
    members.text("client_certificates", settings.client_certificates);
    return members.take();
}

Members retention(const RetentionRule& rule) {
    Members members;
    members.duration("keep", rule.keep_ms);
    members.number("runs", rule.runs);
    return members;
}

json::Object policy(const PolicySettings& settings) {
    Members members;
    members.duration("deadline", settings.deadline_ms);
    members.object("retry", retry(settings.retry));
    if (settings.ordered) {
        Members order;
        order.text("by", settings.order_by);
        order.text("blocked", settings.order_blocked);
        members.add("order", order.take());
    }
    Members approval;
    approval.duration("deadline", settings.approval_deadline_ms);
    approval.text("notify", settings.approval_notify);
    members.object("approval", std::move(approval));
    return members.take();
}

json::Object permissions(const PermissionSettings& settings) {
    Members members;
    const auto add = [&members](const char* key, const auto& names) {
        if (!names) return;
        json::Array list;
        for (const std::string& name : *names)
            list.push_back(json::Value(name));
        members.add(key, std::move(list));
    };
    add("view", settings.view);
    add("invoke", settings.invoke);
    add("approve", settings.approve);
    add("report", settings.report);
    return members.take();
}

json::Value plugin(const PluginSettings& settings) {
    if (settings.file.empty()) return json::Value(settings.name);
    Members members;
    members.text("file", settings.file);
    members.text("sha256", settings.sha256);
    return members.take();
}

json::Object client(const ClientSettings& settings) {
    Members members;
    members.text("id", settings.id);
    members.add("secret", secret(settings.secret));
    members.texts("may", settings.may);
    if (settings.trusted) members.add("trusted", true);
    return members.take();
}

json::Object report(const SourceReportSettings& settings) {
    Members members;
    members.text("url", settings.url);
    members.text("client_id", settings.client_id);
    members.add("client_secret", secret(settings.client_secret));
    Members egress;
    egress.texts("allow", settings.egress_allow);
    members.object("egress", std::move(egress));
    members.object("tls", connection_tls(settings.tls));
    members.duration("first", settings.first_ms);
    members.duration("cap", settings.cap_ms);
    return members.take();
}

/// `members` has its properties and entity already, which are JSON texts.
json::Object source(const SourceSettings& settings, Members members) {
    members.text("verify", settings.verify);
    members.add("key", secret(settings.key));
    if (!settings.previous_keys.empty())
        members.add("previous_keys", secrets(settings.previous_keys));
    members.text("header", settings.header);
    members.text("user", settings.user);
    members.duration("tolerance", settings.tolerance_ms);
    members.duration("keep", settings.keep_ms);
    members.number("per_second", settings.per_second);
    json::Array when;
    for (const SourceCondition& condition : settings.when) {
        Members written;
        written.text("value", condition.value);
        written.texts("is", condition.is);
        when.push_back(written.take());
    }
    if (!when.empty()) members.add("when", std::move(when));
    members.text("action", settings.action);
    if (settings.report) members.add("report", report(*settings.report));
    return members.take();
}

template <class Item, class Write>
void list(Members& root, std::string_view key, const std::vector<Item>& items, Write write) {
    if (items.empty()) return;
    json::Array array;
    for (const Item& item : items)
        array.push_back(write(item));
    root.add(key, std::move(array));
}

/// The pointer of the node, or of the member's key, that stands at a place.
std::optional<std::string> pointer_at(const Node& node, Position place) {
    const auto here = [place](Position position) {
        return position.line == place.line && position.column == place.column;
    };
    if (here(node.position)) return std::string();
    for (const Node::Member& member : node.members) {
        const std::string token = "/" + json::escape_token(member.key);
        if (here(member.key_position)) return token;
        if (auto inner = pointer_at(member.value, place)) return token + *inner;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (auto inner = pointer_at(node.items[i], place)) return "/" + std::to_string(i) + *inner;
    }
    return {};
}

void add_finding(Error& error, std::string pointer, const std::string& message) {
    error.message += (pointer.empty() ? "" : pointer + ": ") + message + "\n";
    error.details.push_back({std::move(pointer), message});
}

/// A mapping that a host gives as a list, so that a name can stand in it twice.
class Named {
  public:
    /// `each` is what one of them is called.
    Named(std::string pointer, std::string each, Error& error)
        : pointer_(std::move(pointer)), each_(std::move(each)), error_(error) {}
    void add(const std::string& name, json::Object value) {
        if (!names_.insert(name).second) {
            refuse(name, "", "this " + each_ + " stands twice; give each its own name");
            return;
        }
        members_.add(name, std::move(value));
    }
    void refuse(const std::string& name, const std::string& inside, const std::string& message) {
        add_finding(error_, pointer_ + "/" + json::escape_token(name) + inside, message);
    }
    Members take() { return std::move(members_); }

  private:
    std::string pointer_;
    std::string each_;
    Error& error_;
    std::set<std::string> names_;
    Members members_;
};

}  // namespace

Result<std::string> config_text(const Settings& settings) {
    Error error{"config_invalid", ""};
    Members root;
    root.text("listen", settings.listen);
    root.text("public_url", settings.public_url);
    if (settings.journal_log) {
        Members journal;
        journal.text("directory", settings.journal);
        journal.text("commits", "log");
        root.object("journal", std::move(journal));
    } else {
        root.text("journal", settings.journal);
    }
    list(root, "plugins", settings.plugins, plugin);
    Named connections("/connections", "connection", error);
    for (const ConnectionSettings& each : settings.connections) {
        auto plugin_settings = json::parse(each.settings);
        if (!plugin_settings) {
            connections.refuse(each.name, "/settings", plugin_settings.error().message);
            continue;
        }
        connections.add(each.name, connection(each, std::move(*plugin_settings)));
    }
    root.object("connections", connections.take());
    Named sources("/sources", "source", error);
    for (const SourceSettings& each : settings.sources) {
        Members mapped;
        const auto add = [&](const char* name, const std::string& text) {
            if (text.empty()) return;
            auto value = json::parse(text);
            if (!value)
                return sources.refuse(each.name, std::string("/") + name, value.error().message);
            mapped.add(name, std::move(*value));
        };
        add("properties", each.properties);
        add("entity", each.entity);
        sources.add(each.name, source(each, std::move(mapped)));
    }
    root.object("sources", sources.take());
    Named policies("/policies", "policy", error);
    for (const PolicySettings& each : settings.policies)
        policies.add(each.action, policy(each));
    root.object("policies", policies.take());
    Named allowed("/permissions", "action's permissions", error);
    for (const PermissionSettings& each : settings.permissions)
        allowed.add(each.action, permissions(each));
    root.object("permissions", allowed.take());
    Members kept = retention(settings.retention);
    Named rules("/retention/actions", "action's rule", error);
    for (const ActionRetention& each : settings.action_retentions)
        rules.add(each.action, retention(each.rule).take());
    kept.object("actions", rules.take());
    root.object("retention", std::move(kept));
    if (settings.tls) root.add("tls", listener_tls(*settings.tls));
    Named secrets("/secrets", "secret", error);
    for (const NamedSecret& each : settings.secrets)
        secrets.add(each.name, secret(each.secret));
    root.object("secrets", secrets.take());
    if (settings.input_encryption_key)
        root.add("input_encryption_key", secret(*settings.input_encryption_key));
    list(root, "clients", settings.clients, client);
    root.texts("actions", settings.action_files);
    Members http;
    http.number("connections", settings.http_connections);
    http.number("per_address", settings.http_per_address);
    root.object("http", std::move(http));
    if (!error.details.empty()) return error;
    return json::write(root.take());
}

Error located_in_settings(const std::string& text, const std::string& name,
                          const document::Problems& problems) {
    document::Problems ignored;  // of reading the text again, for its places
    const std::optional<Node> tree = document::read(text, name, ignored);
    Error error{"config_invalid", ""};
    for (const Problem& problem : problems) {
        if (problem.severity != Problem::Severity::error) continue;
        if (problem.file != name) {
            add_finding(error, "", document::to_string(problem));
            continue;
        }
        const auto pointer = tree ? pointer_at(*tree, problem.position) : std::nullopt;
        add_finding(error, pointer.value_or(""), problem.message);
    }
    return error;
}

}  // namespace signalbox
