#include "net/text.hpp"

#include <charconv>

#include "base/characters.hpp"

namespace signalbox::net {
namespace {

constexpr Characters decimal_digits{"0123456789"};
constexpr Characters host_characters = letters_and_digits.with("-._");
constexpr Characters address_characters = hex_digits.with(":.");

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

}  // namespace

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_token_char(char c) {
    return token_characters.has(c);
}

bool is_token(std::string_view text) {
    return !text.empty() && token_characters.has_all(text);
}

bool is_field_value(std::string_view text) {
    return field_value_characters.has_all(text);
}

std::string to_lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = lower(c);
    return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

bool list_holds(std::string_view list, std::string_view token) {
    for (;;) {
        const std::size_t comma = list.find(',');
        if (equal_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
}

std::optional<std::uint64_t> parse_decimal(std::string_view digits) {
    if (digits.empty() || !decimal_digits.has_all(digits)) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{}) return std::nullopt;
    return value;
}

bool is_host(std::string_view text) {
    std::string_view name = text;
    std::string_view port;
    bool has_port = false;
    if (!text.empty() && text.front() == '[') {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) return false;
        name = text.substr(1, bracket - 1);
        port = text.substr(bracket + 1);
        has_port = !port.empty();
        if (has_port && port.front() != ':') return false;
        if (name.empty() || !address_characters.has_all(name)) return false;
    } else {
        const std::size_t colon = text.find(':');
        has_port = colon != std::string_view::npos;
        name = text.substr(0, colon);
        if (has_port) port = text.substr(colon);
        if (name.empty() || !host_characters.has_all(name)) return false;
    }
    if (!has_port) return true;
    port.remove_prefix(1);
    const auto number = parse_decimal(port);
    return number && *number <= 65'535 && port.size() <= 5;
}

}  // namespace signalbox::net
