#include "actions/secret_path.hpp"

#include <algorithm>

#include "actions/expression.hpp"

namespace signalbox::actions {
namespace {

constexpr std::string_view kRoot = ".secrets";

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::optional<std::string> secret_in(std::string_view expression) {
    if (!expression.starts_with(kRoot)) return std::nullopt;
    // A path is a path, whatever it begins at.
    const auto path = parse_path(".inputs" + std::string(expression.substr(kRoot.size())));
    if (!path || path->size() != 2 || path->back().by_index) return std::nullopt;
    return path->back().name;
}

bool computes_with_secrets(std::string_view expression) {
    for (std::size_t at = expression.find("secrets"); at != std::string_view::npos;
         at = expression.find("secrets", at + 1)) {
        const std::size_t end = at + kRoot.size() - 1;
        if (end < expression.size() && is_name_character(expression[end])) continue;
        std::size_t before = at;
        if (before > 0 && expression[before - 1] == '"') --before;
        while (before > 0 && (expression[before - 1] == '[' || expression[before - 1] == ' '))
            --before;
        if (before == 0 || expression[before - 1] != '.') continue;
        // `.inputs.secrets` is an input; `.secrets` at the beginning, or after a pipe, is ours.
        if (before == 1) return true;
        const char outside = expression[before - 2];
        if (!is_name_character(outside) && outside != '"' && outside != ']' && outside != ')')
            return true;
    }
    return false;
}

std::string no_computing_with_secrets() {
    return "nothing can be computed with a secret, which is filled in last; write {{ .secrets.NAME "
           "}} "
           "alone or within a text, and keep the secret in the form that is sent";
}

bool is_secret_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](char c) { return is_name_character(c) || c == '-'; });
}

}  // namespace signalbox::actions
