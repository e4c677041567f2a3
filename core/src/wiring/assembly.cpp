#include "wiring/assembly.hpp"

#include <algorithm>
#include <cstdlib>

#include "actions/action.hpp"
#include "base/encoding.hpp"
#include "json/door.hpp"
#include "plugins/note.hpp"
#include "plugins/plugin.hpp"
#include "wiring/binding.hpp"

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
        add_plugin(assembly, {}, {plugin->origin(), plugin->descriptor(), plugin});
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
        if (!reference.sha256.empty()) {
            if (auto pinned = plugins::check_pin(file, reference.sha256); !pinned) {
                assembly.refuse(reference.position, in_one_line(pinned.error()));
                continue;
            }
        }
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
        add_plugin(assembly, reference.position, {file, std::move(*descriptor), nullptr});
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
    if (written.scheme_written)
        return false;  // a scheme without its key: said by the config's reader
    if (connection.scheme == signing::Scheme::none && !plugin.signing_required) return true;
    assembly.refuse(
        written.written ? written.position : connection.written.position,
        "connection '" + connection.written.name +
            "' has no signing key, so anybody could forge its requests; write signing: { key: "
            "{ env: NAME } }, or signing: { scheme: none } to send unsigned on purpose");
    return false;
}

void read_connections(Assembly& assembly) {
    for (const config::ConnectionSettings& written : assembly.config.connections) {
        const auto plugin = assembly.plugins.find(written.plugin);
        if (plugin == assembly.plugins.end()) continue;  // said already, where the plugin is listed
        const plugins::Descriptor& descriptor = plugin->second.descriptor;
        Connection connection;
        connection.written = written;
        connection.settings = document::to_json(written.settings);
        bool good = true;
        for (const Detail& finding : descriptor.settings.validate(connection.settings)) {
            Position position = document::position_of(written.settings, finding.pointer);
            if (position.line == 0) position = written.position;
            assembly.refuse(position, "connection '" + written.name + "', settings" +
                                          (finding.pointer.empty() ? "" : " " + finding.pointer) +
                                          ": " + finding.message);
            good = false;
        }
        good = settle_signing(assembly, connection, descriptor) && good;
        if (!good) continue;
        descriptor.settings.fill_defaults(connection.settings);
        connection.hold = written.on_unknown == config::OnUnknown::by_plugin
                              ? !descriptor.deduplicates
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

}  // namespace

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
    config::resolve_secrets(assembly.config, assembly.problems, source.secrets);
    read_plugins(assembly, source);
    read_connections(assembly);
    read_actions(assembly, source);
    read_policies(assembly);
    return assembly;
}

Assembly assemble(const std::filesystem::path& config_file) {
    Source source;
    source.file = config_file;
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

std::string to_text(const document::Problems& problems) {
    std::string text;
    for (const Problem& problem : problems)
        text += document::to_string(problem) + "\n";
    return text;
}

}  // namespace signalbox::wiring
