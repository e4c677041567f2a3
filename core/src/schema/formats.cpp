#include "schema/formats.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <limits>
#include <string>

#include "base/encoding.hpp"

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

struct Named {
    Format format;
    const char* name;
    const char* phrase;
};
constexpr std::array<Named, 6> named = {{
    {Format::uri, "uri", "an absolute URL such as https://example.com/path"},
    {Format::duration, "duration", "a duration such as 250ms, 30s, 5m, 1h or 2d"},
    {Format::date_time, "date-time", "a date and time such as 2026-11-23T20:46:33Z"},
    {Format::email, "email", "an e-mail address such as jo@example.com"},
    {Format::ipv4, "ipv4", "an IPv4 address such as 192.0.2.1"},
    {Format::ipv6, "ipv6", "an IPv6 address such as 2001:db8::1"},
}};

/// Whether mail can be delivered there nobody can tell from the text; this finds what is no address
/// at all.
bool is_email(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return false;
    const std::string_view domain = text.substr(at + 1);
    return text.find_first_of(" \t\r\n<>,;") == std::string_view::npos &&
           domain.front() != '.' && domain.back() != '.' &&
           domain.find("..") == std::string_view::npos;
}

bool is_address(int family, std::string_view text) {
    // inet_pton wants a text that ends with a NUL, so one within it would hide what follows.
    std::array<unsigned char, sizeof(in6_addr)> address;
    return text.find('\0') == std::string_view::npos &&
           inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

}  // namespace

std::optional<Format> format_from_name(std::string_view name) {
    for (const Named& format : named)
        if (name == format.name) return format.format;
    return std::nullopt;
}

const char* format_phrase(Format format) {
    for (const Named& entry : named)
        if (format == entry.format) return entry.phrase;
    return "any text";
}

bool fits(Format format, std::string_view text) {
    switch (format) {
        case Format::none:
            return true;
        case Format::uri:
            return is_uri(text);
        case Format::duration:
            return duration_ms(text).has_value();
        case Format::date_time:
            return text.find('T') == 10 && from_iso8601(text).has_value();
        case Format::email:
            return is_email(text);
        case Format::ipv4:
            return is_address(AF_INET, text);
        case Format::ipv6:
            return is_address(AF_INET6, text);
    }
    return false;
}

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
