#ifndef SIGNALBOX_PLUGIN_URI_HPP
#define SIGNALBOX_PLUGIN_URI_HPP

#include <string>
#include <string_view>

namespace signalbox::plugin {

/// `text` as one path segment or query value: every byte but RFC 3986's unreserved characters
/// (letters, digits, hyphen, dot, underscore, tilde) becomes %XX. So a slash and a percent sign are
/// encoded too: never give it a whole URL or something that is already encoded.
inline std::string percent_encode(std::string_view text) {
    constexpr std::string_view unreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char character : text) {
        if (unreserved.find(character) != std::string_view::npos) {
            encoded += character;
            continue;
        }
        const auto byte = static_cast<unsigned char>(character);
        encoded += '%';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

}  // namespace signalbox::plugin

#endif
