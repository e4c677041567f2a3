#include "json_text.hpp"

#include <openssl/evp.h>

#include <Poco/UTF8Encoding.h>

#include <cstdio>

namespace azure_standin {
namespace {

bool is_utf8(std::string_view bytes) {
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto* const end = at + bytes.size();
    while (at < end) {
        const int length = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
        if (length == 0 || *at > 0xf4 || length > end - at) return false;
        if (length > 1 && !Poco::UTF8Encoding::isLegal(at, length)) return false;
        at += length;
    }
    return true;
}

std::string unicode_escape(unsigned char byte) {
    char text[7];
    std::snprintf(text, sizeof text, "\\u%04x", byte);
    return text;
}

}  // namespace

std::string json_string(std::string_view bytes) {
    const bool keep_high_bytes = is_utf8(bytes);
    std::string text = "\"";
    for (const char character : bytes) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\') {
            text += '\\';
            text += character;
        } else if (byte < 0x20 || byte == 0x7f || (byte > 0x7f && !keep_high_bytes)) {
            text += unicode_escape(byte);
        } else {
            text += character;
        }
    }
    text += '"';
    return text;
}

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                         reinterpret_cast<const unsigned char*>(bytes.data()),
                                         static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

}  // namespace azure_standin
