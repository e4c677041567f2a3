#pragma once

#include <string_view>

#include "base/limits.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

namespace signalbox::json {

/// Reads one JSON document (RFC 8259, UTF-8, any value at the top).
/// Refused, beside what is not JSON: duplicate keys in an object, U+0000 in a key, more than
/// `depth_max` levels, numbers that are not finite (1e400), integers that fit neither int64 nor uint64
/// (but for those that a double holds and the writer shows with the same digits, as 100000000000000000000),
/// a byte order mark, invalid UTF-8, lone surrogates, anything after the value.
/// An Error's code is `invalid_json`; its message names the byte offset and the cure; it never quotes
/// more of the text than a key's name. Any thread.
Result<Value> parse(std::string_view text, std::size_t depth_max = limits::json_depth_max);

/// The value an RFC 6901 pointer names ("" is the whole), or null.
const Value* at_pointer(const Value& value, std::string_view pointer);
Value* at_pointer(Value& value, std::string_view pointer);

/// One reference token escaped for a pointer: `~` becomes `~0`, `/` becomes `~1`.
std::string escape_token(std::string_view token);

}  // namespace signalbox::json
