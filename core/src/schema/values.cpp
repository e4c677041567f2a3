#include "schema/values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/limits.hpp"
#include "json/writer.hpp"

namespace signalbox::schema {
namespace {

// Wide enough for every int64, uint64 and double: 64 bits of mantissa or more wherever we build.
long double number_of(const json::Value& value) {
    if (value.is_int64()) return static_cast<long double>(value.get_int64());
    if (value.is_uint64()) return static_cast<long double>(value.get_uint64());
    return static_cast<long double>(value.get_double());
}

void append_canonical_number(std::string& out, const json::Value& value) {
    const long double number = number_of(value);
    constexpr long double int64_end = 9223372036854775808.0L;
    if (!value.is_double() || number != std::floor(number) || number < -int64_end ||
        number >= 2 * int64_end) {
        json::append(out, value);
    } else {
        out += number < 0 ? std::to_string(static_cast<std::int64_t>(number))
                          : std::to_string(static_cast<std::uint64_t>(number));
    }
}

bool append_canonical(std::string& out, const json::Value& value, std::size_t depth);

bool append_members(std::string& out, const json::Object& object, std::size_t depth) {
    std::vector<const boost::json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& member : object)
        members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->key() < b->key(); });
    out += '{';
    for (const auto* member : members) {
        json::append_string(out, {member->key().data(), member->key().size()});
        out += ':';
        if (!append_canonical(out, member->value(), depth)) return false;
        out += ',';
    }
    out += '}';
    return true;
}

bool append_canonical(std::string& out, const json::Value& value, std::size_t depth) {
    if (depth > limits::schema_depth_max) return false;
    if (value.is_number()) {
        append_canonical_number(out, value);
    } else if (value.is_object()) {
        return append_members(out, value.get_object(), depth + 1);
    } else if (value.is_array()) {
        out += '[';
        for (const json::Value& item : value.get_array()) {
            if (!append_canonical(out, item, depth + 1)) return false;
            out += ',';
        }
        out += ']';
    } else {
        json::append(out, value);
    }
    return true;
}

// The first `chars` code points.
std::string_view front_of(std::string_view text, std::size_t chars) {
    std::size_t end = 0;
    while (end < text.size()) {
        const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (begins && chars-- == 0) break;
        ++end;
    }
    return text.substr(0, end);
}

std::string count_of(std::size_t count, const char* one) {
    return std::to_string(count) + ' ' + one + (count == 1 ? "" : "s");
}

}  // namespace

std::optional<std::string> canonical(const json::Value& value) {
    std::string text;
    if (!append_canonical(text, value, 0)) return std::nullopt;
    return text;
}

bool is_less(const json::Value& a, const json::Value& b) {
    return number_of(a) < number_of(b);
}

bool is_integral(const json::Value& value) {
    return value.is_int64() || value.is_uint64() ||
           (value.is_double() && std::isfinite(value.get_double()) &&
            value.get_double() == std::floor(value.get_double()));
}

std::size_t count_chars(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

std::string quote(const json::Value& value) {
    if (!value.is_string()) return json::write(value);
    const std::string_view text(value.get_string().data(), value.get_string().size());
    const std::string_view front = front_of(text, limits::schema_quoted_chars_max);
    std::string escaped;
    json::append_string(escaped, front);
    // Escapes can make the text longer again; the second cut holds for what is shown.
    const std::string_view inside = std::string_view(escaped).substr(1, escaped.size() - 2);
    const std::string_view shown = front_of(inside, limits::schema_quoted_chars_max);
    const bool cut = front.size() < text.size() || shown.size() < inside.size();
    return '"' + std::string(shown) + (cut ? "…\"" : "\"");
}

std::string describe(const json::Value& value, bool secret) {
    switch (value.kind()) {
        case boost::json::kind::null:
            return "null";
        case boost::json::kind::array:
            return "an array of " + count_of(value.get_array().size(), "item");
        case boost::json::kind::object:
            return "an object of " + count_of(value.get_object().size(), "member");
        case boost::json::kind::bool_:
            return secret ? "a boolean" : "the boolean " + quote(value);
        case boost::json::kind::string:
            return secret ? "a string" : "the string " + quote(value);
        default:
            return secret ? "a number" : "the number " + quote(value);
    }
}

}  // namespace signalbox::schema
