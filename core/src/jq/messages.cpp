#include "jq/messages.hpp"

#include <algorithm>
#include <array>

#include "jq/prelude.hpp"

namespace signalbox::jq {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"null",   "boolean", "number",
                                                    "string", "array",   "object"};

/// The kind that `text` begins with, or nothing.
std::string_view leading_kind(std::string_view text) {
    for (const std::string_view kind : kKinds) {
        if (text.starts_with(kind) && (text.size() == kind.size() || text[kind.size()] == ' '))
            return kind;
    }
    return {};
}

/// jq's sentences about a value, `kind (value)` and then one of these. The end is looked at,
/// because the value may hold anything.
constexpr std::array<std::string_view, 24> kEndings = {
    " has no keys",
    " has no length",
    " cannot be parsed as a number",
    " cannot be matched, as it is not a string",
    " cannot be sorted, as it is not an array",
    " cannot be grouped, as it is not an array",
    " cannot be sorted, as they are not both arrays",
    " cannot be reversed, as it is not an array",
    " cannot be exploded",
    " cannot be negated",
    " cannot be added",
    " cannot be subtracted",
    " cannot be multiplied",
    " cannot be divided",
    " cannot be divided because the divisor is zero",
    " cannot be used as a key",
    " cannot be csv-formatted, only an array can be",
    " cannot be tsv-formatted, only an array can be",
    " can not be escaped for shell",
    " cannot be escaped for shell",
    " is not valid base64 data",
    " trailing base64 byte found",
    " number required",
    " not a string or array",
};

std::string about_values(std::string_view said) {
    const std::string_view kind = leading_kind(said);
    if (kind.empty() || !said.substr(kind.size()).starts_with(" (")) return {};
    for (const std::string_view ending : kEndings) {
        if (!said.ends_with(")" + std::string(ending))) continue;
        // Of two values the second one's kind cannot be told from what is in the first.
        return "a value (" + std::string(kind) + ")" + std::string(ending);
    }
    return {};
}

}  // namespace

std::string compile_message(std::string_view said) {
    std::string text(said.substr(0, said.find('\n')));
    for (const std::string_view lead : {"jq: ", "error: "}) {
        if (text.starts_with(lead)) text.erase(0, lead.size());
    }
    for (const std::string_view cut :
         {" (Unix shell quoting issues?)", " (Windows cmd shell quoting issues?)"}) {
        if (const auto at = text.find(cut); at != std::string::npos) text.erase(at, cut.size());
    }
    if (const auto at = text.find(" at <top-level>"); at != std::string::npos) text.erase(at);
    return text;
}

std::string run_message(std::string_view said, std::string_view source) {
    const std::string_view text = said.substr(0, said.find('\n'));
    if (text.empty()) return "it raised an error";
    const std::string literal = "\"" + std::string(text) + "\"";
    if (source.find(literal) != source.npos || prelude().find(literal) != std::string::npos)
        return std::string(text);
    if (std::string about = about_values(text); !about.empty()) return about;
    for (const std::string_view begin : {"Cannot index ", "Cannot iterate over "}) {
        if (!text.starts_with(begin)) continue;
        const std::string_view kind = leading_kind(text.substr(begin.size()));
        if (kind.empty()) continue;
        std::string made = std::string(begin) + std::string(kind);
        const std::string_view rest = text.substr(begin.size() + kind.size());
        if (!rest.starts_with(" with ")) return made;
        const std::string_view with = leading_kind(rest.substr(6));
        // `with "name"` and `with string "name"`: the name may be an input.
        return made + " with " + std::string(with.empty() ? "string" : with);
    }
    for (const std::string_view known :
         {"Regex failure", "Invalid numeric literal", "Out of bounds", "Invalid path expression",
          "Cannot use", "Cannot delete", "Cannot update", "Cannot determine", "Cannot check"}) {
        if (text.starts_with(known)) return std::string(known);
    }
    return "it raised an error, whose text may hold inputs and is not shown";
}

}  // namespace signalbox::jq
