#include <algorithm>
#include <unordered_map>

#include "base/characters.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

bool is_plugin_name(std::string_view text) {
    const auto is_letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return is_name(text) && is_letter_or_digit(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [&](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && hex_digits.has_all(text);
}

PluginReference read_by_name(const Node& node, Scope scope) {
    PluginReference plugin;
    plugin.position = node.position;
    const std::optional<std::string> name = read_string(node, "plugins", scope);
    if (!name) return plugin;
    plugin.name = *name;
    const bool is_path = name->find('/') != std::string::npos || name->ends_with(".so");
    if (is_path) {
        scope.reporter.error(
            node.position,
            found(node) + " is a file, not a plugin's name; write {file: " + *name + "}");
    } else if (!is_plugin_name(*name)) {
        scope.reporter.error(node.position, found(node) +
                                                " is not a plugin's name, which is made of small "
                                                "letters, digits and `-`, as azure-pipelines is");
    }
    return plugin;
}

PluginReference read_by_file(const Node& node, Scope scope) {
    PluginReference plugin;
    plugin.position = node.position;
    const Fields fields(node, "a plugin", {"file", "sha256"}, scope);
    if (const Node* file =
            fields.require("file", "write {file: PATH}, or only the plugin's name")) {
        if (const auto path = read_string(*file, "file", scope))
            plugin.file = resolve_path(scope.directory, *path);
    }
    if (const Node* digest = fields.find("sha256")) {
        if (digest->kind == Node::Kind::string && is_sha256(digest->text)) {
            plugin.sha256 = digest->text;
        } else {
            scope.reporter.error(digest->position,
                                 "`sha256` must be 64 hexadecimal digits in quotes, found " +
                                     found(*digest) + "; sha256sum FILE prints them");
        }
    }
    return plugin;
}

}  // namespace

std::string plugin_name(const PluginReference& plugin) {
    if (!plugin.name.empty()) return plugin.name;
    constexpr std::string_view prefix = "signalbox_";
    std::string stem = plugin.file.stem().string();
    if (stem.starts_with(prefix)) stem.erase(0, prefix.size());
    std::replace(stem.begin(), stem.end(), '_', '-');
    return stem;
}

std::vector<PluginReference> read_plugins(const Node& node, Scope scope) {
    std::vector<PluginReference> plugins;
    const auto* items = read_list(node, "plugins", "names, or of {file: PATH}", scope);
    if (items == nullptr) return plugins;
    std::unordered_map<std::string, std::uint32_t> lines;
    for (const Node& item : *items) {
        plugins.push_back(item.kind == Node::Kind::mapping ? read_by_file(item, scope)
                                                           : read_by_name(item, scope));
        const std::string name = plugin_name(plugins.back());
        if (name.empty()) continue;
        const auto [first, is_new] = lines.emplace(name, item.position.line);
        if (!is_new)
            scope.reporter.error(item.position, "the plugin `" + name +
                                                    "` is listed twice; the first is on "
                                                    "line " +
                                                    std::to_string(first->second) +
                                                    ", remove one of them");
    }
    return plugins;
}

}  // namespace signalbox::config
