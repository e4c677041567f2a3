#include "wiring/assembly.hpp"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "actions/action.hpp"
#include "actions/jq_expressions.hpp"
#include "base/encoding.hpp"
#include "config/tls.hpp"
#include "json/door.hpp"
#include "plugins/note.hpp"
#include "plugins/plugin.hpp"
#include "plugins/trust.hpp"
#include "wiring/binding.hpp"
#include "wiring/permissions.hpp"
#include "wiring/sources.hpp"

namespace signalbox::wiring {
namespace {

using document::Position;
using document::Problem;

/// The error as one line: a plugin file's own findings have no place in a file of the user's.
std::string in_one_line(const Error& error) {
    std::string line = error.message;
    for (const Detail& detail : error.details) {
        line.append("; ")
            .append(detail.pointer.empty() ? "" : detail.pointer + ": ")
            .append(detail.message);
    }
    return line;
}

void add_plugin(Assembly& assembly, Position position, PluginFile plugin) {
    const std::string id = plugin.descriptor.id;
    for (const auto& [other_id, other] : assembly.plugins) {
        for (const auto& [type, members] : plugin.descriptor.invocation_types) {
            if (other_id == id || other.descriptor.invocation_types.count(type) == 0) continue;
            assembly.refuse(position, "plugins '" + other_id + "' and '" + id +
                                          "' both serve the invocation type " + type +
                                          "; list only one of them");
        }
    }
    const auto [there, added] = assembly.plugins.emplace(id, std::move(plugin));
    if (added) return;
    assembly.refuse(position, "plugin '" + id + "' is listed twice" +
                                  (there->second.built_in ? ": the host has it built in" : ""));
}

void read_plugins(Assembly& assembly, const Source& source) {
    for (const auto& plugin : source.built_in)
        add_plugin(assembly, {}, {plugin->origin(), plugin->descriptor(), plugin, {}});
    const auto path = plugin_path();
    for (const config::PluginReference& reference : assembly.config.plugins) {
        if (reference.built_in) continue;
        std::filesystem::path file = reference.file;
        if (file.empty()) {
            auto found = plugins::find(reference.name, path);
            if (!found) {
                assembly.refuse(reference.position, in_one_line(found.error()));
                continue;
            }
            file = std::move(*found);
        }
        if (reference.sha256.empty()) {
            if (auto trusted = plugins::check_trust(file); !trusted) {
                assembly.refuse(reference.position, in_one_line(trusted.error()));
                continue;
            }
        } else {
            if (auto pinned = plugins::check_pin(file, reference.sha256); !pinned) {
                assembly.refuse(reference.position, in_one_line(pinned.error()));
                continue;
            }
        }
        const auto version = plugins::version_of(file);  // first, so that it is never newer than the note
        auto note = plugins::read_note(file);
        if (!note) {
            assembly.refuse(reference.position, in_one_line(note.error()));
            continue;
        }
        auto descriptor = plugins::parse_descriptor(*note);
        if (!descriptor) {
            assembly.refuse(reference.position,
                            file.string() + ": " + in_one_line(descriptor.error()));
            continue;
        }
        const std::string id = descriptor->id;
        if (!reference.name.empty() && id != reference.name) {
            assembly.refuse(reference.position, file.string() + " says it is plugin '" + id +
                                                    "', not '" + reference.name + "'");
            continue;
        }
        add_plugin(assembly, reference.position,
                   {file, std::move(*descriptor), nullptr, reference.sha256, version});
    }
}

/// What is signed and how: as written, else as the plugin's descriptor says.
bool settle_signing(Assembly& assembly, Connection& connection, const plugins::Descriptor& plugin) {
    const config::SigningSettings& written = connection.written.signing;
    const signing::Scheme preferred = plugin.signing_scheme.value_or(signing::Scheme::none);
    connection.scheme = written.scheme_written ? written.scheme : preferred;
    connection.header = written.header;
    if (connection.header.empty() && connection.scheme == preferred) {
        connection.header = plugin.signing_header;
    }
    const bool unsigned_on_purpose =
        written.scheme_written && written.scheme == signing::Scheme::none;
    if (unsigned_on_purpose || written.key) return true;
    if (written.written) return false;  // without a usable key: said by the config's reader
    if (connection.scheme == signing::Scheme::none && !plugin.signing_required) return true;
    assembly.refuse(
        connection.written.position,
        "connection '" + connection.written.name +
            "' has no signing key, so anybody could forge its requests; write signing: { key: "
            "{ env: NAME } }, or signing: { scheme: none } to send unsigned on purpose");
    return false;
}

/// Puts the secrets that the settings refer to in their places, to be checked there; false where
/// one is missing, which is said then.
bool resolve_settings(Assembly& assembly, Connection& connection,
                      const plugins::Descriptor& plugin, const Source& source) {
    bool good = true;
    for (const std::string& pointer : plugin.settings.secrets(connection.settings)) {
        const document::Node* node = document::node_at(connection.written.settings, pointer);
        if (node == nullptr) continue;
        if (source.secrets_wanted == Secrets::leave) {
            good = config::check_setting_secret(*node, "settings" + pointer, assembly.config,
                                                assembly.problems) &&
                   good;
            *json::at_pointer(connection.settings, pointer) = json::String(pointer);
            connection.secrets.emplace(pointer, std::string());
            continue;
        }
        auto value = config::read_setting_secret(*node, "settings" + pointer, assembly.config,
                                                 assembly.problems, source.secrets);
        good = good && value;
        if (!value) continue;
        *json::at_pointer(connection.settings, pointer) = json::String(*value);
        connection.secrets.emplace(pointer, std::move(*value));
    }
    return good;
}

/// A plugin may serve targets that deduplicate and others that do not: a setting tells them apart.
bool deduplicates(const plugins::Descriptor& plugin, const json::Value& settings) {
    if (plugin.deduplicates_by.empty()) return plugin.deduplicates;
    const json::Value* said =
        json::at_pointer(settings, "/" + json::escape_token(plugin.deduplicates_by));
    return said != nullptr && said->is_bool() && said->as_bool();
}

void read_connections(Assembly& assembly, const Source& source) {
    for (const config::ConnectionSettings& written : assembly.config.connections) {
        const auto plugin = assembly.plugins.find(written.plugin);
        if (plugin == assembly.plugins.end()) continue;  // said already, where the plugin is listed
        const plugins::Descriptor& descriptor = plugin->second.descriptor;
        Connection connection;
        connection.written = written;
        connection.settings = document::to_json(written.settings);
        if (!resolve_settings(assembly, connection, descriptor, source)) continue;
        bool good = true;
        for (const Detail& finding : descriptor.settings.validate(connection.settings)) {
            const auto secret = connection.secrets.find(finding.pointer);
            // Its value was not asked for, so nothing can be said of it.
            if (secret != connection.secrets.end() && secret->second.empty()) continue;
            Position position = place_of(written.settings, finding.pointer, finding);
            if (position.line == 0) position = written.position;
            assembly.refuse(position, "connection '" + written.name + "', settings" +
                                          (finding.pointer.empty() ? "" : " " + finding.pointer) +
                                          ": " + finding.message);
            good = false;
        }
        good = settle_signing(assembly, connection, descriptor) && good;
        if (!good) continue;
        descriptor.settings.fill_defaults(connection.settings);
        for (const auto& [pointer, value] : connection.secrets)
            *json::at_pointer(connection.settings, pointer) = json::String(pointer);
        connection.hold = written.on_unknown == config::OnUnknown::by_plugin
                              ? !deduplicates(descriptor, connection.settings)
                              : written.on_unknown == config::OnUnknown::hold;
        assembly.connections.push_back(std::move(connection));
    }
}

void read_actions(Assembly& assembly, const Source& source) {
    std::vector<std::optional<actions::Action>> read;
    for (const std::filesystem::path& file : assembly.config.action_files)
        read.push_back(actions::read_file(file, assembly.problems));
    for (const ActionDocument& document : source.actions)
        read.push_back(actions::read_text(document.text, document.name, assembly.problems));
    std::vector<actions::Action*> named;
    for (std::optional<actions::Action>& action : read) {
        if (action) named.push_back(&*action);
    }
    actions::compile_expressions(named, assembly.problems);
    std::map<std::string, std::string> files;
    for (std::optional<actions::Action>& action : read) {
        if (!action) continue;
        const auto [first, added] = files.emplace(action->identifier, action->file);
        if (!added) {
            assembly.problems.push_back({Problem::Severity::error,
                                         action->file,
                                         {1, 1},
                                         "action '" + action->identifier + "' is also in " +
                                             first->second + "; identifiers must differ"});
            continue;
        }
        runs::Offer offer =
            bind(std::make_shared<const actions::Action>(std::move(*action)), assembly);
        std::string identifier = offer.action->identifier;
        assembly.catalog.emplace(std::move(identifier), std::move(offer));
    }
}

/// Gives the actions what the config's `policies` say of them.
void read_policies(Assembly& assembly) {
    for (const config::PolicySettings& policy : assembly.config.policies) {
        const auto offer = assembly.catalog.find(policy.action);
        if (offer == assembly.catalog.end()) {
            std::vector<std::string> known;
            for (const auto& [identifier, other] : assembly.catalog)
                known.push_back(identifier);
            const std::string_view near = nearest(policy.action, known);
            assembly.refuse(policy.position,
                            "there is no action '" + policy.action + "'" +
                                (near.empty() ? std::string()
                                              : "; did you mean '" + std::string(near) + "'?"));
            continue;
        }
        offer->second.ordered = policy.ordered;
        offer->second.order_by = policy.order_by;
        const std::string input =
            "/trigger/userInputs/properties/" + json::escape_token(policy.order_by);
        if (!policy.order_by.empty() &&
            document::position_of(*offer->second.action->node, input).line == 0) {
            assembly.refuse(policy.order_by_position,
                            "action '" + policy.action + "' has no input '" + policy.order_by +
                                "'; `by` names the input whose value makes the line");
        }
    }
}

/// Files were gone through several times; people read the findings of each from its top.
void sort_by_place(document::Problems& problems) {
    std::map<std::string, std::size_t> order;  // of the files, as they were first read
    for (const Problem& problem : problems)
        order.emplace(problem.file, order.size());
    const auto place = [&order](const Problem& problem) {  // unknown places go last
        return std::tuple(order.at(problem.file), problem.position.line - 1,
                          problem.position.column);
    };
    std::stable_sort(problems.begin(), problems.end(),
                     [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
}

}  // namespace

document::Position place_of(const document::Node& node, const std::string& pointer,
                            const Detail& finding) {
    const bool about_name = finding.message.find("` is unknown; accepted") != std::string::npos;
    return document::position_of(node, pointer, about_name);
}

void Assembly::refuse(document::Position position, std::string message) {
    problems.push_back(
        {document::Problem::Severity::error, config.file, position, std::move(message)});
}

Assembly assemble(const Source& source) {
    Assembly assembly;
    std::vector<std::string> built_in;
    for (const auto& plugin : source.built_in)
        built_in.push_back(plugin->descriptor().id);
    assembly.config = source.text ? config::read_text(*source.text, source.file.string(),
                                                      source.directory, assembly.problems, built_in)
                                  : config::read_file(source.file, assembly.problems, built_in);
    if (source.secrets_wanted == Secrets::resolve)
        config::resolve_secrets(assembly.config, assembly.problems, source.secrets);
    config::check_tls_files(assembly.config, assembly.problems);
    const auto& key = assembly.config.input_encryption_key;
    assembly.input_encryption = std::make_shared<const actions::InputEncryption>(
        key ? key->value : std::string(), source.random ? *source.random : system_random());
    read_plugins(assembly, source);
    read_connections(assembly, source);
    read_actions(assembly, source);
    read_policies(assembly);
    settle_permissions(assembly);
    assembly.sources = read_sources(assembly);
    sort_by_place(assembly.problems);
    return assembly;
}

Assembly assemble(const std::filesystem::path& config_file, Secrets secrets) {
    Source source;
    source.file = config_file;
    source.secrets_wanted = secrets;
    return assemble(source);
}

std::vector<std::filesystem::path> plugin_path() {
    // Beside the program, wherever it was put: a build's bin/ and an installation's bin/ look
    // alike.
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    std::filesystem::path beside =
        program.parent_path().parent_path() / "lib" / "signalbox" / "plugins";
    if (failed || !std::filesystem::is_directory(beside, failed)) beside = SIGNALBOX_PLUGIN_FOLDER;
    return plugins::search_path(beside);
}

}  // namespace signalbox::wiring
