#include "wiring/binding.hpp"

#include <algorithm>

#include "actions/method_types.hpp"
#include "base/encoding.hpp"
#include "json/door.hpp"
#include "runs/prepare.hpp"

namespace signalbox::wiring {
namespace {

using document::Position;
using document::Problem;

/// Why an action cannot work here, and where that is written.
struct Obstacle {
    std::string reason;
    Position position;
};

std::string located(const std::string& file, Position position, const std::string& reason) {
    return file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column) +
           ": " + reason;
}

const PluginFile* serving(const Assembly& assembly, const std::string& type) {
    for (const auto& [id, plugin] : assembly.plugins) {
        if (plugin.descriptor.invocation_types.count(type) != 0) return &plugin;
    }
    return nullptr;
}

std::string join(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
}

const json::Value* text_at(const json::Value& object, std::string_view name) {
    const json::Object* members = object.if_object();
    const json::Value* member = members ? members->if_contains(name) : nullptr;
    return member && member->is_string() ? member : nullptr;
}

/// The connection's name, or why there is none.
std::string choose(const actions::Action& action, const Assembly& assembly,
                   const std::string& plugin_id, Obstacle& obstacle) {
    std::vector<const Connection*> candidates;
    std::vector<std::string> names;
    for (const Connection& connection : assembly.connections) {
        if (connection.written.plugin != plugin_id) continue;
        candidates.push_back(&connection);
        names.push_back(connection.written.name);
    }
    if (!action.connection.empty()) {
        if (std::count(names.begin(), names.end(), action.connection) != 0)
            return action.connection;
        const std::string_view near = nearest(action.connection, names);
        obstacle = {"no connection '" + action.connection + "' of plugin '" + plugin_id + "'" +
                        (near.empty() ? "" : ", did you mean '" + std::string(near) + "'?") +
                        "; connections of that plugin: " + join(names),
                    action.connection_position};
        return {};
    }
    if (candidates.size() == 1) return candidates.front()->written.name;
    if (const json::Value* org = text_at(action.method, "org")) {
        for (const Connection* candidate : candidates) {
            const json::Value* organization = text_at(candidate->settings, "organization");
            if (organization && organization->get_string() == org->get_string()) {
                return candidate->written.name;
            }
        }
    }
    const auto& written = assembly.config.connections;
    const auto refused = std::find_if(written.begin(), written.end(), [&](const auto& connection) {
        return connection.plugin == plugin_id;
    });
    obstacle = {candidates.empty() && refused != written.end()
                    ? "its connection '" + refused->name + "' has errors; correct those"
                : candidates.empty()
                    ? "the config has no connection of plugin '" + plugin_id + "'; add one"
                    : "plugin '" + plugin_id + "' has several connections (" + join(names) +
                          "); name one as invocationMethod.connection",
                action.invocation_type_position};
    return {};
}

/// The plugin's own rules for the members, as far as they can be judged before a run: what a
/// template will fill is judged then.
void check_members(const actions::Action& action, const schema::Schema& members,
                   Assembly& assembly) {
    for (const Detail& finding : members.validate(action.method)) {
        const json::Value* value = json::at_pointer(action.method, finding.pointer);
        const bool about_name = finding.message.find("` is unknown; ") != std::string::npos;
        if (!about_name && value && value->is_string() &&
            value->get_string().find("{{") != json::String::npos)
            continue;
        const Position position =
            place_of(*action.node, "/invocationMethod" + finding.pointer, finding);
        assembly.problems.push_back(
            {Problem::Severity::error, action.file, position,
             "invocationMethod" + finding.pointer + ": " + finding.message});
    }
}

/// Of a type that nobody serves here, at least the members' names are known.
void check_names(const actions::Action& action, const actions::MethodType& type,
                 Assembly& assembly) {
    const json::Object* members = action.document.as_object().at("invocationMethod").if_object();
    if (type.members.empty() || members == nullptr) return;
    for (const auto& member : *members) {
        const std::string name(member.key());
        if (name == "type" || name == "connection" ||
            std::count(type.members.begin(), type.members.end(), name) != 0)
            continue;
        const std::string_view near = nearest(name, type.members);
        assembly.problems.push_back(
            {Problem::Severity::error, action.file,
             document::position_of(*action.node, "/invocationMethod/" + json::escape_token(name),
                                   true),
             "`" + name + "` is no member of " + type.name +
                 (near.empty() ? "" : "; did you mean `" + std::string(near) + "`?") +
                 " Accepted: " + join(type.members)});
    }
}

/// What the config has to have for this action beside a connection.
void check_config(const actions::Action& action, const Assembly& assembly, Obstacle& obstacle) {
    std::vector<std::string> names;
    for (const config::NamedSecret& secret : assembly.config.secrets)
        names.push_back(secret.name);
    for (const actions::SecretUse& use : action.secrets) {
        if (std::count(names.begin(), names.end(), use.name) != 0) continue;
        const std::string_view near = nearest(use.name, names);
        obstacle = {"it needs the secret '" + use.name + "'" +
                        (near.empty() ? "" : ", did you mean '" + std::string(near) + "'?") +
                        "; add it to `secrets` in the config, which has: " + join(names),
                    use.position};
        return;
    }
    for (const actions::EncryptedInput& input : action.encrypted) {
        if (input.public_key || assembly.config.input_encryption_key) continue;
        obstacle = {"the input '" + input.name +
                        "' is encrypted with aes256-gcm, and the config has no "
                        "`input_encryption_key`; add one of at least 32 bytes",
                    input.position};
        return;
    }
}

}  // namespace

runs::Offer bind(std::shared_ptr<const actions::Action> action, Assembly& assembly) {
    runs::Offer offer;
    offer.action = action;
    Obstacle obstacle{action->unavailable, action->unavailable_position};
    const bool said = !obstacle.reason.empty();  // by the reader of the document, with a warning
    if (const PluginFile* plugin = serving(assembly, action->invocation_type)) {
        const schema::Schema& members =
            plugin->descriptor.invocation_types.at(action->invocation_type);
        offer.members = members;
        check_members(*action, members, assembly);
        if (!said) {
            offer.connection = choose(*action, assembly, plugin->descriptor.id, obstacle);
            if (obstacle.reason.empty()) check_config(*action, assembly, obstacle);
            if (!action->encrypted.empty()) offer.encryption = assembly.input_encryption;
        }
    } else if (!said) {
        std::vector<std::string> types;
        for (const auto& [id, loaded] : assembly.plugins) {
            for (const auto& [type, schema] : loaded.descriptor.invocation_types)
                types.push_back(type);
        }
        const std::string_view near = nearest(action->invocation_type, types);
        const actions::MethodType* port = actions::port_method_type(action->invocation_type);
        obstacle = {"no loaded plugin serves invocationMethod.type " + action->invocation_type +
                        (port != nullptr ? std::string(", which needs ") + port->needs
                         : near.empty()  ? std::string()
                                         : ", did you mean " + std::string(near) + "?") +
                        "; types served: " + join(types),
                    action->invocation_type_position};
        if (port != nullptr) check_names(*action, *port, assembly);
    }
    for (const Connection& connection : assembly.connections) {
        if (connection.written.name == offer.connection) offer.stamped = connection.written.stamp;
    }
    if (obstacle.reason.empty()) {
        runs::make_ready(offer);
        return offer;
    }
    offer.unavailable = located(action->file, obstacle.position, obstacle.reason);
    if (!said) {
        assembly.problems.push_back(
            {Problem::Severity::warning, action->file, obstacle.position,
             "action '" + action->identifier + "' is unavailable: " + obstacle.reason});
    }
    return offer;
}

}  // namespace signalbox::wiring
