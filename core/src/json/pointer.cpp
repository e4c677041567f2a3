#include <charconv>
#include <optional>
#include <utility>

#include "json/door.hpp"

namespace signalbox::json {
namespace {

/// A reference token as the key it names; none where a `~` is neither `~0` nor `~1`.
std::optional<std::string> unescape(std::string_view token) {
    std::string key;
    key.reserve(token.size());
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] != '~') {
            key += token[i];
            continue;
        }
        if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
        key += token[i] == '0' ? '~' : '/';
    }
    return key;
}

const Value* item_at(const Array& array, const std::string& token) {
    if (token.empty() || (token.size() > 1 && token.front() == '0')) return nullptr;
    std::size_t index = 0;
    const char* end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, index);
    if (read.ec != std::errc{} || read.ptr != end) return nullptr;
    return array.if_contains(index);
}

}  // namespace

const Value* at_pointer(const Value& value, std::string_view pointer) {
    const Value* here = &value;
    while (!pointer.empty() && here != nullptr) {
        if (pointer.front() != '/') return nullptr;
        pointer.remove_prefix(1);
        const std::size_t end = std::min(pointer.find('/'), pointer.size());
        const auto key = unescape(pointer.substr(0, end));
        if (!key) return nullptr;
        if (const Object* object = here->if_object()) {
            here = object->if_contains(*key);
        } else if (const Array* array = here->if_array()) {
            here = item_at(*array, *key);
        } else {
            return nullptr;
        }
        pointer.remove_prefix(end);
    }
    return here;
}

Value* at_pointer(Value& value, std::string_view pointer) {
    return const_cast<Value*>(at_pointer(std::as_const(value), pointer));
}

std::string escape_token(std::string_view token) {
    std::string escaped;
    escaped.reserve(token.size());
    for (const char c : token) {
        if (c == '~') {
            escaped += "~0";
        } else if (c == '/') {
            escaped += "~1";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

}  // namespace signalbox::json
