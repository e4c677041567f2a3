#include "json/door.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <iterator>

#include "json/handler.hpp"

namespace signalbox::json {
namespace {

constexpr std::size_t kKeyBytesQuotedMax = 80;

constexpr const char* kHalfPair =
    "half of a surrogate pair; write the character itself or both halves";

Error invalid(std::size_t offset, const std::string& what) {
    return Error{"invalid_json", "at byte " + std::to_string(offset) + ": " + what, {}};
}

void take_padding_out(Object& object) {
    if (object.size() < kPaddedMembersMin) return;
    const auto last = std::prev(object.end());
    if (last->key() == kPadding) object.erase(last);
}

/// Takes the padding out of all objects within `value` and counts the members that remain.
std::size_t settle(Value& value) {
    std::size_t count = 0;
    if (Object* object = value.if_object()) {
        take_padding_out(*object);
        count = object->size();
        for (auto& member : *object) {
            if (member.value().is_structured()) count += settle(member.value());
        }
    } else if (Array* array = value.if_array()) {
        for (Value& item : *array) {
            if (item.is_structured()) count += settle(item);
        }
    }
    return count;
}

boost::json::parse_options options(std::size_t depth_max) {
    boost::json::parse_options strict;
    strict.max_depth = depth_max;
    return strict;
}

/// The text stands in quotes in a message: cut between characters, not within one.
std::string shortened(const std::string& key) {
    if (key.size() <= kKeyBytesQuotedMax) return key;
    std::size_t end = kKeyBytesQuotedMax;
    while (end > 0 && (static_cast<unsigned char>(key[end]) & 0xc0) == 0x80)
        --end;
    return key.substr(0, end) + "…";
}

Error duplicate_key(std::string_view text, std::size_t depth_max) {
    boost::json::basic_parser<KeyWatcher> parser(options(depth_max));
    ErrorCode ec;
    const std::size_t offset = parser.write_some(false, text.data(), text.size(), ec);
    return invalid(offset, "the key \"" + shortened(parser.handler().key()) +
                               "\" stands twice in one object; keep one of them");
}

std::string describe(Refusal refusal) {
    switch (refusal) {
        case Refusal::nul_in_key:
            return "a key holds U+0000, which is not accepted in keys; rename the key";
        case Refusal::number_not_finite:
            return "the number is larger than a 64-bit floating point number can be; send it as a "
                   "string";
        case Refusal::integer_too_large:
            return "the integer fits in no 64-bit integer and would lose digits; send it as a "
                   "string";
        case Refusal::none:
        case Refusal::duplicate_key:
            break;
    }
    return "a key stands twice in one object; keep one of them";
}

std::string describe(const ErrorCode& ec, std::size_t depth_max) {
    using boost::json::error;
    if (ec == error::too_deep) {
        return "more than " + std::to_string(depth_max) +
               " levels of arrays and objects; flatten the document";
    }
    if (ec == error::incomplete) return "the text ends before its value does; send the whole of it";
    if (ec == error::extra_data) {
        return "something follows the value; one text holds one value, remove the rest";
    }
    if (ec == error::illegal_leading_surrogate || ec == error::illegal_trailing_surrogate ||
        ec == error::expected_utf16_escape) {
        return kHalfPair;
    }
    if (ec == error::expected_hex_digit) return "\\u wants four hexadecimal digits";
    if (ec == error::exponent_overflow) {
        return "the number's exponent is out of range; send it as a string";
    }
    return {};
}

/// Does `\\uD800` to `\\uDBFF` end before `offset`?
bool follows_leading_surrogate(std::string_view text, std::size_t offset) {
    if (offset < 6 || offset > text.size()) return false;
    const std::string_view escape = text.substr(offset - 6, 4);
    return escape.starts_with("\\u") && (escape[2] == 'd' || escape[2] == 'D') &&
           std::string_view("89abAB").find(escape[3]) != std::string_view::npos;
}

/// Boost says no more than "syntax": the byte at fault tells the common cases apart.
std::string describe_byte(std::string_view text, std::size_t offset) {
    if (follows_leading_surrogate(text, offset)) return kHalfPair;
    const auto byte = offset < text.size() ? static_cast<unsigned char>(text[offset]) : 0x20;
    if (byte < 0x20) {
        return "a control character where none may stand; within a string write an escape such as "
               "\\n";
    }
    if (byte >= 0x80) return "a byte that is not UTF-8, or not within a string; send UTF-8";
    return "this is not JSON; send what RFC 8259 describes, in UTF-8";
}

bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

Result<Value> parse(std::string_view text, std::size_t depth_max) {
    if (text.size() > limits::json_document_bytes_max) {
        return invalid(limits::json_document_bytes_max,
                       "the text has " + std::to_string(text.size()) + " bytes, accepted are " +
                           std::to_string(limits::json_document_bytes_max) + "; send less");
    }
    if (text.starts_with("\xef\xbb\xbf")) {
        return invalid(0, "a byte order mark; send UTF-8 without one");
    }
    // Most documents of this size class are built without the stack growing.
    unsigned char memory[4096];
    boost::json::basic_parser<Builder> parser(options(depth_max), memory, sizeof memory);
    ErrorCode ec;
    std::size_t offset = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec) {
        while (offset < text.size() && is_white(text[offset]))
            ++offset;
        if (offset < text.size()) ec = boost::json::error::extra_data;
    }
    Builder& builder = parser.handler();
    if (builder.refusal != Refusal::none) return invalid(offset, describe(builder.refusal));
    if (ec) {
        const std::string known = describe(ec, depth_max);
        return invalid(offset, known.empty() ? describe_byte(text, offset) : known);
    }
    Value value = builder.release();
    if (settle(value) != builder.members()) return duplicate_key(text, depth_max);
    return value;
}

}  // namespace signalbox::json
