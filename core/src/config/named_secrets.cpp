#include <algorithm>

#include "config/secrets.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

bool is_secret_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::config_name_bytes_max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
           });
}

}  // namespace

std::vector<NamedSecret> read_secrets(const Node& node, Scope scope) {
    std::vector<NamedSecret> secrets;
    if (node.kind != Node::Kind::mapping) {
        // Whatever stands there may be secrets.
        scope.literal_secrets.push_back(node.position);
        scope.reporter.error(node.position,
                             std::string("`secrets` must be a mapping of names to {env: NAME} or "
                                         "{file: PATH}, found ") +
                                 document::kind_name(node.kind));
        return secrets;
    }
    if (node.members.size() > limits::config_secrets_max) {
        scope.reporter.error(node.position, "`secrets` has " + std::to_string(node.members.size()) +
                                                " names; at most " +
                                                std::to_string(limits::config_secrets_max) +
                                                " are accepted");
        return secrets;
    }
    for (const Node::Member& member : node.members) {
        if (!is_secret_name(member.key)) {
            scope.reporter.error(member.key_position,
                                 "a secret's name has 1 to " +
                                     std::to_string(limits::config_name_bytes_max) +
                                     " letters, digits, `_` and `-`");
        }
        auto secret = read_secret(member.value, member.key, scope);
        if (secret && is_secret_name(member.key))
            secrets.push_back({member.key, std::move(*secret)});
    }
    return secrets;
}

}  // namespace signalbox::config
