#include "base/identity.hpp"

#include "base/limits.hpp"

namespace signalbox {

std::optional<std::string> parse_identity(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == 0 || at == text.npos || at + 1 == text.size() ||
        text.find('@', at + 1) != text.npos || text.size() > limits::identity_bytes_max) {
        return {};
    }
    std::string email;
    for (const char c : text) {
        // What is not ASCII has several spellings, and would not always be recognised.
        if (c <= ' ' || c == 0x7f) return {};
        email += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return email;
}

}  // namespace signalbox
