#include <array>
#include <unordered_map>

#include "config/secrets.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

struct NamedRight {
    const char* name;
    Right right;
};
constexpr std::array<NamedRight, 5> named_rights = {{{"invoke", Right::invoke},
                                                     {"view", Right::view},
                                                     {"report", Right::report},
                                                     {"approve", Right::approve},
                                                     {"admin", Right::admin}}};

std::uint8_t right_named(std::string_view name) {
    for (const NamedRight& known : named_rights)
        if (name == known.name) return static_cast<std::uint8_t>(known.right);
    return 0;
}

std::vector<std::string> right_names() {
    std::vector<std::string> names;
    for (const NamedRight& known : named_rights)
        names.emplace_back(known.name);
    return names;
}

std::uint8_t read_rights(const Node& node, Scope scope) {
    std::uint8_t rights = 0;
    const auto* items = read_list(node, "may", "rights: " + join(right_names()), scope);
    if (items == nullptr) return rights;
    if (items->empty())
        scope.reporter.error(node.position,
                             "`may` lists no right, so this client may do nothing; accepted: " +
                                 join(right_names()));
    for (const Node& item : *items) {
        const std::optional<std::string> name = read_string(item, "may", scope);
        if (!name) continue;
        const std::uint8_t right = right_named(*name);
        if (right == 0) {
            scope.reporter.error(item.position,
                                 found(item) + " is not a right; accepted: " + join(right_names()) +
                                     did_you_mean(*name, right_names()));
        } else if ((rights & right) != 0) {
            scope.reporter.error(item.position,
                                 found(item) + " is listed twice; remove one of them");
        }
        rights |= right;
    }
    return rights;
}

ClientSettings read_client(const Node& node, Scope scope) {
    ClientSettings client;
    client.position = node.position;
    const Fields fields(node, "a client", {"id", "secret", "may", "trusted"}, scope);
    if (const Node* id = fields.require("id", "give it one")) {
        client.position = id->position;
        client.id = read_string(*id, "id", scope).value_or("");
        if (!client.id.empty() && !is_name(client.id))
            scope.reporter.error(id->position,
                                 found(*id) + " is not a client's id, which has " + name_rule());
    }
    if (fields.is_mapping() && !fields.has("secret"))
        scope.reporter.error(node.position,
                             "a client has no `secret`; add secret: {env: NAME} or {file: PATH}");
    if (const Node* secret = node.find("secret"))
        client.secret = read_secret(*secret, "secret", scope).value_or(Secret());
    if (const Node* may = fields.require("may", "list its rights, as in may: [invoke, view]"))
        client.rights = read_rights(*may, scope);
    if (const Node* trusted = fields.find("trusted")) {
        client.trusted = trusted->kind == Node::Kind::boolean && trusted->boolean;
        if (trusted->kind != Node::Kind::boolean)
            scope.reporter.error(trusted->position,
                                 "`trusted` must be true or false, found " + found(*trusted));
    }
    return client;
}

}  // namespace

std::vector<ClientSettings> read_clients(const Node& node, Scope scope) {
    std::vector<ClientSettings> clients;
    const auto* items = read_list(node, "clients", "{id, secret, may}", scope);
    if (items == nullptr) return clients;
    if (items->empty())
        scope.reporter.error(node.position,
                             "`clients` is empty; add one, or remove the key: then every "
                             "caller on this machine has all rights");
    std::unordered_map<std::string, std::uint32_t> lines;
    for (const Node& item : *items) {
        clients.push_back(read_client(item, scope));
        const ClientSettings& client = clients.back();
        if (client.id.empty()) continue;
        const auto [first, is_new] = lines.emplace(client.id, client.position.line);
        if (!is_new)
            scope.reporter.error(client.position, "the client `" + client.id +
                                                      "` stands twice; the first is on line " +
                                                      std::to_string(first->second) +
                                                      ", give each an id of its own");
    }
    return clients;
}

}  // namespace signalbox::config
