#include <algorithm>
#include <map>
#include <string>

#include "config/address.hpp"
#include "json/value.hpp"
#include "json/writer.hpp"
#include "signalbox/check.hpp"
#include "wiring/assembly.hpp"
#include "wiring/explain.hpp"

namespace signalbox {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

std::string text_of(const json::Value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::write(value);
}

std::string kept_in(const config::Secret& secret) {
    if (!secret.env.empty()) return "environment variable " + secret.env;
    return "file " + secret.file;
}

/// Where a payload's template has nothing but `expression`, as names with dots between; empty:
/// nowhere.
std::string path_to(const json::Value& payload, std::string_view expression) {
    const json::Object* object = payload.if_object();
    for (const auto& member : object ? *object : json::Object()) {
        const std::string name(member.key());
        if (name.find("{{") != std::string::npos) continue;
        if (member.value().is_string()) {
            std::string text;
            for (const char c : member.value().get_string()) {
                if (c != ' ') text += c;
            }
            if (text == "{{" + std::string(expression) + "}}") return name;
        }
        const std::string below = path_to(member.value(), expression);
        if (!below.empty()) return name + "." + below;
    }
    return {};
}

void add_paths(Values& values, const actions::Action& action) {
    if (!action.body_template) {  // Port's full message
        values["run_id_path"] = "context.runId";
        values["action_path"] = "action";
        return;
    }
    const json::Object* document = action.document.if_object();
    const json::Value* method = document ? document->if_contains("invocationMethod") : nullptr;
    const json::Object* members = method ? method->if_object() : nullptr;
    for (const char* name : {"payload", "body"}) {
        const json::Value* payload = members ? members->if_contains(name) : nullptr;
        if (!payload) continue;
        if (auto path = path_to(*payload, ".run.id"); !path.empty()) values["run_id_path"] = path;
        if (auto path = path_to(*payload, ".action.identifier"); !path.empty())
            values["action_path"] = path;
    }
}

void add_reporter(Values& values, const config::Config& config) {
    const auto may = [](const config::ClientSettings& client, config::Right right) {
        return (client.rights & static_cast<std::uint8_t>(right)) != 0;
    };
    // The client that may do least else is the one that was made for it.
    const config::ClientSettings* chosen = nullptr;
    for (const config::ClientSettings& client : config.clients) {
        if (!may(client, config::Right::report) && !may(client, config::Right::admin)) continue;
        if (!chosen || client.rights < chosen->rights) chosen = &client;
    }
    if (!chosen) return;
    values["reporter"] = chosen->id;
    values["reporter.secret"] = kept_in(chosen->secret);
}

void add_members(Values& values, const std::string& prefix, const json::Value& object) {
    const json::Object* members = object.if_object();
    for (const auto& member : members ? *members : json::Object()) {
        std::string text = text_of(member.value());
        if (text.find("{{") != std::string::npos) continue;  // only an invocation knows it
        values[prefix + std::string(member.key())] = std::move(text);
    }
}

Values values_for(const wiring::Assembly& assembly, const runs::Offer& offer,
                  const wiring::Connection& connection) {
    Values values;
    values["action"] = offer.action->identifier;
    values["connection"] = connection.written.name;
    const config::Config& config = assembly.config;
    values["public_url"] = config.public_url.empty() ? config::url_of(config.tls.written, config.listen)
                                                     : config.public_url;
    values["signing.scheme"] = signing::scheme_name(connection.scheme);
    values["signing.header"] =
        connection.header.empty() ? signing::default_header(connection.scheme) : connection.header;
    if (connection.written.signing.key)
        values["signing.key"] = kept_in(*connection.written.signing.key);
    add_members(values, "settings.", connection.settings);
    add_members(values, "method.", offer.action->method);
    add_paths(values, *offer.action);
    add_reporter(values, config);
    return values;
}

std::string filled_line(std::string_view line, const Values& values) {
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t open = line.find("{{", at);
        const std::size_t close = open == line.npos ? line.npos : line.find("}}", open + 2);
        if (close == line.npos) return out.append(line.substr(at));
        out.append(line.substr(at, open - at));
        if (open > 0 && line[open - 1] == '$') {  // the target's own
            out += "{{";
            at = open + 2;
            continue;
        }
        const std::string_view name = line.substr(open + 2, close - open - 2);
        const auto found = values.find(name);
        if (found == values.end()) {
            out.append("<").append(name).append(">");
        } else {
            out += found->second;
        }
        at = close + 2;
    }
    return out;
}

std::string filled(std::string_view guide, const Values& values) {
    std::string out;
    while (!guide.empty()) {
        const std::size_t end = std::min(guide.find('\n'), guide.size());
        std::string_view line = guide.substr(0, end);
        guide.remove_prefix(std::min(end + 1, guide.size()));
        if (line.starts_with("{{?")) {
            const std::size_t close = line.find("}}");
            if (close != line.npos) {
                if (values.find(line.substr(3, close - 3)) == values.end()) continue;
                line.remove_prefix(close + 2);
            }
        }
        out += filled_line(line, values) + "\n";
    }
    return out;
}

}  // namespace

Result<std::string> setup(const std::filesystem::path& config, const std::string& action) {
    const wiring::Assembly assembly = wiring::assemble(config, wiring::Secrets::leave);
    if (document::has_errors(assembly.problems))
        return Error{"config_invalid", wiring::to_text(assembly.problems, assembly.config)};
    const auto offer = assembly.catalog.find(action);
    if (offer == assembly.catalog.end()) {
        std::string known;
        for (const auto& [identifier, each] : assembly.catalog)
            known += (known.empty() ? "" : ", ") + identifier;
        return Error{"action_not_found",
                     "no action '" + action + "'; there are: " + (known.empty() ? "none" : known)};
    }
    if (!offer->second.unavailable.empty())
        return Error{"action_unavailable", offer->second.unavailable};
    for (const wiring::Connection& connection : assembly.connections) {
        if (connection.written.name != offer->second.connection) continue;
        const plugins::Descriptor& plugin =
            assembly.plugins.at(connection.written.plugin).descriptor;
        if (plugin.setup.empty()) {
            return Error{"no_setup",
                         "plugin '" + plugin.id + "' brings no setup text; look into its README"};
        }
        return "# " + action + ", by connection " + connection.written.name + "\n\n" +
               filled(plugin.setup, values_for(assembly, offer->second, connection));
    }
    return Error{"unknown_connection", "no connection '" + offer->second.connection + "'"};
}

}  // namespace signalbox
