#include "actions/placeholder.hpp"

#include <algorithm>

#include "actions/expression.hpp"
#include "json/door.hpp"

namespace signalbox::actions {
namespace {

constexpr std::size_t kPlaceholderBytesMax = 80;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_inside(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("_-.: ").find(c) != std::string_view::npos;
}

void look(const json::Value& value, const std::string& pointer, std::vector<Detail>& findings) {
    if (const json::Object* object = value.if_object()) {
        for (const auto& member : *object)
            look(member.value(), pointer + "/" + json::escape_token(member.key()), findings);
    } else if (const json::Array* array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            look((*array)[i], pointer + "/" + std::to_string(i), findings);
    } else if (const json::String* text = value.if_string()) {
        // An expression may compare with `<`; only what stands outside of them is meant as it is.
        for (const TextPart& part : split_text(*text).parts) {
            const std::string_view found =
                part.expression ? std::string_view() : placeholder_in(part.text);
            if (found.empty()) continue;
            findings.push_back({pointer, "still has the placeholder " + std::string(found) +
                                             "; write your own name in its place"});
            return;
        }
    }
}

}  // namespace

std::string_view placeholder_in(std::string_view text) {
    for (std::size_t begin = text.find('<'); begin != std::string_view::npos;
         begin = text.find('<', begin + 1)) {
        std::size_t end = begin + 1;
        while (end < text.size() && is_inside(text[end]))
            ++end;
        const std::string_view inside = text.substr(begin + 1, end - begin - 1);
        if (end == text.size() || text[end] != '>' || inside.empty()) continue;
        if (inside.size() > kPlaceholderBytesMax || !is_letter(inside.front())) continue;
        return text.substr(begin, end - begin + 1);
    }
    return {};
}

std::vector<Detail> find_placeholders(const json::Value& method) {
    std::vector<Detail> findings;
    look(method, "", findings);
    return findings;
}

}  // namespace signalbox::actions
