#include "plugins/http_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/characters.hpp"
#include "base/encoding.hpp"

namespace signalbox::plugins {
namespace {

constexpr Characters host_characters = letters_and_digits.with("-._");
constexpr Characters tail_characters = letters_and_digits.with("-._~!$&'()*+,;=:@/?");

/// What Transport adds itself, and what would change the meaning of the connection.
constexpr std::array<std::string_view, 10> transports_own = {"Host",
                                                             "Content-Length",
                                                             "Transfer-Encoding",
                                                             "Connection",
                                                             "Keep-Alive",
                                                             "Proxy-Connection",
                                                             "Upgrade",
                                                             "TE",
                                                             "Trailer",
                                                             "Expect"};

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string authority_fault(std::string_view authority) {
    if (authority.find('@') != std::string_view::npos) {
        return "it carries user information; credentials go into a header";
    }
    std::string_view host = authority;
    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos) return "its IPv6 address has no closing bracket";
        host = authority.substr(1, close - 1);
        if (!hex_digits.with(":.").has_all(host)) {
            return "its IPv6 address has other characters than digits, ':' and '.'";
        }
        const std::string_view rest = authority.substr(close + 1);
        has_port = !rest.empty();
        if (has_port && rest.front() != ':') return "something other than a port follows the host";
        if (has_port) port = rest.substr(1);
    } else {
        const auto colon = authority.find(':');
        has_port = colon != std::string_view::npos;
        host = authority.substr(0, colon);
        if (has_port) port = authority.substr(colon + 1);
        if (!host_characters.has_all(host))
            return "its host has other characters than letters, digits, '-', '.' and '_'";
    }
    if (host.empty()) return "it has no host";
    if (!has_port) return {};
    int number = 0;
    for (const char digit : port) {
        if (digit < '0' || digit > '9' || port.size() > 5) return "its port is not a number";
        number = number * 10 + (digit - '0');
    }
    return number >= 1 && number <= 65'535 ? std::string() : "its port is not from 1 to 65535";
}

std::string tail_fault(std::string_view tail) {
    for (std::size_t i = 0; i < tail.size(); ++i) {
        const char character = tail[i];
        if (character == '%') {
            if (i + 2 >= tail.size() || !hex_digits.has(tail[i + 1]) ||
                !hex_digits.has(tail[i + 2])) {
                return "a '%' is not followed by two hexadecimal digits";
            }
        } else if (!tail_characters.has(character)) {
            return "it has a character that must be percent-encoded";
        }
    }
    return {};
}

/// C0 and C1 controls: they can rewrite a terminal that shows them.
bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) {
        return (first < 0x20 && first != '\t' && first != '\n') || first == 0x7F;
    }
    return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && token_characters.has_all(text);
}

bool same_name(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::string header_fault(std::string_view name, std::string_view value) {
    if (!is_token(name)) return "a header's name is not a token";
    for (const std::string_view own : transports_own) {
        if (same_name(name, own)) return "header " + std::string(own) + " is the host's to write";
    }
    if (!field_value_characters.has_all(value))
        return "the value of header " + std::string(name) + " has a control character";
    return {};
}

std::string url_fault(std::string_view url) {
    std::string_view rest = url;
    if (rest.starts_with("https://")) {
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
    } else {
        return "it does not begin with http:// or https://";
    }
    if (rest.find('#') != std::string_view::npos) return "it has a fragment, which is never sent";
    const auto end = rest.find_first_of("/?");
    std::string fault = authority_fault(rest.substr(0, end));
    if (!fault.empty() || end == std::string_view::npos) return fault;
    return tail_fault(rest.substr(end));
}

std::string clean_text(std::string_view text, std::size_t bytes_max) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    constexpr std::string_view ellipsis = "\xE2\x80\xA6";
    std::string clean;
    std::size_t cut_at = 0;  // the longest beginning that leaves room for the ellipsis
    while (!text.empty()) {
        const std::size_t size = utf8_character_bytes(text);
        std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
        text.remove_prefix(character.size());
        if (size == 0 || is_control(character)) character = replacement;
        if (clean.size() + character.size() > bytes_max) {
            clean.resize(cut_at);
            return clean.append(ellipsis);
        }
        clean += character;
        if (clean.size() + ellipsis.size() <= bytes_max) cut_at = clean.size();
    }
    return clean;
}

}  // namespace signalbox::plugins
