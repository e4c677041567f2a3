#include "schema/formats.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <string>

namespace signalbox::schema {
namespace {

bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool are_uri_characters(std::string_view text) {
    constexpr std::string_view marks = "-._~:/?#[]@!$&'()*+,;=";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
            i += 2;
        } else if (!is_alpha(text[i]) && !is_digit(text[i]) &&
                   marks.find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lowered;
}

struct Unit {
    std::string_view name;
    std::int64_t ms;
};
constexpr std::array<Unit, 5> units = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

}  // namespace

bool is_uri(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || !is_alpha(text.front())) return false;
    const std::string_view scheme = text.substr(0, colon);
    for (const char c : scheme)
        if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
    const std::string_view rest = text.substr(colon + 1);
    if (rest.empty() || !are_uri_characters(rest)) return false;
    if (lower(scheme) != "http" && lower(scheme) != "https") return true;
    return rest.size() > 2 && rest.starts_with("//") &&
           std::string_view("/?#:@").find(rest[2]) == std::string_view::npos;
}

std::optional<std::int64_t> duration_ms(std::string_view text) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || !is_digit(text.front())) return std::nullopt;
    const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : units) {
        if (unit.name != unit_name) continue;
        if (count > std::numeric_limits<std::int64_t>::max() / unit.ms) return std::nullopt;
        return count * unit.ms;
    }
    return std::nullopt;
}

}  // namespace signalbox::schema
