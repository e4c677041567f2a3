#include <algorithm>
#include <array>
#include <string_view>

#include "base/identity.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

struct NamedList {
    const char* key;
    Right right;
};
/// In the order of PermissionSettings::lists.
constexpr std::array<NamedList, 4> named_lists = {{{"view", Right::view},
                                                   {"invoke", Right::invoke},
                                                   {"approve", Right::approve},
                                                   {"report", Right::report}}};
constexpr std::string_view user_prefix = "user:";

bool has_right(const ClientSettings& client, Right right) {
    return (client.rights & static_cast<std::uint8_t>(right)) != 0 ||
           (client.rights & static_cast<std::uint8_t>(Right::admin)) != 0;
}

/// As it is compared; empty and reported where it names nobody.
std::string read_name(const Node& item, const NamedList& list,
                      const std::vector<ClientSettings>& clients, Scope scope) {
    const std::string text = read_string(item, list.key, scope).value_or("");
    if (text.empty()) return {};
    if (text.rfind(user_prefix, 0) == 0) {
        const auto email = parse_identity(std::string_view(text).substr(user_prefix.size()));
        if (!email)
            scope.reporter.error(item.position,
                                 found(item) + " is not user: and an email, such as "
                                               "user:ada@example.com");
        return email ? std::string(user_prefix) + *email : std::string();
    }
    std::vector<std::string> ids;
    for (const ClientSettings& client : clients) {
        ids.push_back(client.id);
        if (client.id != text) continue;
        if (!has_right(client, list.right))
            scope.reporter.error(item.position, "the client `" + text + "` does not have the right " +
                                                    list.key + "; add it to the client's `may`, or "
                                                    "take the client off this list");
        return text;
    }
    scope.reporter.error(item.position, found(item) +
                                            " is neither a client's id nor user: and an email; "
                                            "clients: " +
                                            (ids.empty() ? "none" : join(ids)) +
                                            did_you_mean(text, ids));
    return {};
}

std::vector<std::string> read_names(const Node& node, const NamedList& list,
                                    const std::vector<ClientSettings>& clients, Scope scope) {
    std::vector<std::string> names;
    const auto* items = read_list(node, list.key, "clients' ids and user:EMAIL", scope);
    if (items == nullptr) return names;
    if (items->size() > limits::config_permission_names_max)
        scope.reporter.error(node.position, "a list of permissions has " +
                                                std::to_string(items->size()) +
                                                " names; at most " +
                                                std::to_string(limits::config_permission_names_max) +
                                                " are accepted");
    for (const Node& item : *items) {
        std::string name = read_name(item, list, clients, scope);
        if (name.empty()) continue;
        if (std::find(names.begin(), names.end(), name) != names.end())
            scope.reporter.error(item.position,
                                 found(item) + " is listed twice; remove one of them");
        names.push_back(std::move(name));
    }
    return names;
}

}  // namespace

std::vector<PermissionSettings> read_permissions(const Node& node,
                                                 const std::vector<ClientSettings>& clients,
                                                 Scope scope) {
    std::vector<PermissionSettings> permissions;
    if (node.kind != Node::Kind::mapping)
        scope.reporter.error(node.position,
                             "`permissions` must be a mapping from an action to its lists, found " +
                                 std::string(document::kind_name(node.kind)));
    for (const Node::Member& member : node.members) {
        PermissionSettings settings;
        settings.action = member.key;
        settings.position = member.key_position;
        const Fields fields(member.value, "an action's permissions",
                            {"view", "invoke", "approve", "report"}, scope);
        for (std::size_t i = 0; i < named_lists.size(); ++i) {
            if (const Node* list = fields.find(named_lists[i].key))
                settings.lists[i] = read_names(*list, named_lists[i], clients, scope);
        }
        permissions.push_back(std::move(settings));
    }
    return permissions;
}

}  // namespace signalbox::config
