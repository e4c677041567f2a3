#include "expression.hpp"

namespace azure_standin {
namespace {

constexpr std::string_view kOpen = "${{";
constexpr std::string_view kClose = "}}";
constexpr std::string_view kMacroNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The path of `parameters.ALIAS.…` with the first two names still in it.
std::optional<PayloadPath> parameter_path(std::string_view expression) {
    std::optional<PayloadPath> path = parse_payload_path(trimmed(expression));
    if (!path || path->size() < 3 || path->front().name != "parameters" || (*path)[1].position) {
        return std::nullopt;
    }
    return path;
}

std::string value_issue(std::string_view expression, const std::string& found) {
    return "${{ " + std::string(trimmed(expression)) + " }} " + found +
           "; the YAML is invalid with it, a single value is needed";
}

}  // namespace

std::optional<std::string> template_problem(std::string_view text) {
    std::size_t at = 0;
    while ((at = text.find(kOpen, at)) != std::string_view::npos) {
        const std::size_t end = text.find(kClose, at);
        if (end == std::string_view::npos) return "'${{' has no '}}'";
        const std::string_view expression = text.substr(at + kOpen.size(), end - at - kOpen.size());
        if (!parameter_path(expression)) {
            return "'" + std::string(trimmed(expression)) +
                   "' is not an expression the stand-in knows; "
                   "parameters.ALIAS.path.to[0].value is";
        }
        at = end;
    }
    return std::nullopt;
}

Expanded expand_template(std::string_view text, std::string_view alias, const Payload& payload) {
    Expanded result;
    std::size_t at = 0;
    while (true) {
        const std::size_t open = text.find(kOpen, at);
        result.text += text.substr(at, open - at);
        if (open == std::string_view::npos) return result;
        const std::size_t end = text.find(kClose, open);
        const std::string_view expression =
            text.substr(open + kOpen.size(), end - open - kOpen.size());
        at = end + kClose.size();

        PayloadPath path = *parameter_path(expression);
        Payload::Found found;
        if (path[1].name == alias) {
            path.erase(path.begin(), path.begin() + 2);
            found = payload.find(path);
        }
        if (found.kind == Payload::Kind::missing) {
            return {{}, value_issue(expression, "finds nothing in the payload")};
        }
        if (found.kind == Payload::Kind::composite) {
            return {{}, value_issue(expression, "yields an object or array")};
        }
        result.text += found.text;
    }
}

std::string expand_macros(std::string_view text, const MacroLookup& lookup) {
    std::string result;
    std::size_t at = 0;
    while (true) {
        const std::size_t open = text.find("$(", at);
        result += text.substr(at, open - at);
        if (open == std::string_view::npos) return result;
        const std::size_t end = text.find_first_not_of(kMacroNameCharacters, open + 2);
        std::optional<std::string> value;
        if (end != std::string_view::npos && text[end] == ')') {
            value = lookup(std::string(text.substr(open + 2, end - open - 2)));
        }
        if (value) {
            result += *value;
            at = end + 1;
        } else {
            result += "$(";
            at = open + 2;
        }
    }
}

}  // namespace azure_standin
