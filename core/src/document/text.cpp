#include "document/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace signalbox::document {
namespace {

struct Decoded {
    char32_t code_point = 0;
    std::size_t bytes = 0;  // 0: not UTF-8
};

Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
    char32_t code_point = lead & (0x7FU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        code_point = (code_point << 6U) | (byte(i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < smallest[bytes] || code_point > 0x10FFFF || surrogate) return {};
    return {code_point, bytes};
}

bool is_refused(char32_t c) {
    if (c < 0x20) return c != '\t' && c != '\n' && c != '\r';
    return (c >= 0x7F && c <= 0x9F) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

// libyaml breaks lines at these; editors do not, and JSON allows the last two in strings.
bool is_foreign_break(char32_t c) {
    return c == 0x85 || c == 0x2028 || c == 0x2029;
}

std::string name_of(char32_t c) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "U+%04X", static_cast<unsigned>(c));
    return text.data();
}

std::string fault_message(char32_t c, std::string_view rest) {
    if (c == '\r' && !rest.starts_with("\r\n"))
        return "a carriage return without a line feed; end lines with LF or CRLF";
    if (is_foreign_break(c))
        return "the line break character " + name_of(c) +
               " stands in the text; write it as an escape in double quotes, or remove it";
    if (is_refused(c))
        return "the character " + name_of(c) +
               " is not accepted in a document; write it as an escape in double quotes, or remove "
               "it";
    return {};
}

}  // namespace

std::optional<TextFault> find_text_fault(std::string_view text, bool json) {
    Position position{1, 1};
    while (!text.empty()) {
        const Decoded character = decode(text);
        if (character.bytes == 0)
            return TextFault{position, "the text is not UTF-8; save the file as UTF-8"};
        std::string message = json ? "" : fault_message(character.code_point, text);
        if (!message.empty()) return TextFault{position, std::move(message)};
        text.remove_prefix(character.bytes);
        if (character.code_point == '\n') {
            position = {position.line + 1, 1};
        } else {
            ++position.column;
        }
    }
    return std::nullopt;
}

char byte_at(std::string_view text, Position position) {
    for (; position.line > 1; --position.line) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return 0;
        text.remove_prefix(end + 1);
    }
    for (; position.column > 1 && !text.empty(); --position.column)
        text.remove_prefix(std::max<std::size_t>(decode(text).bytes, 1));
    return text.empty() ? '\0' : text.front();
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

bool looks_like_json(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

std::string shortened(std::string_view text) {
    constexpr std::size_t shown_bytes_max = 80;
    if (text.size() <= shown_bytes_max) return std::string(text);
    std::size_t end = shown_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return std::string(text.substr(0, end)) + "…";
}

}  // namespace signalbox::document
