#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.hpp"

/// JSON values compared and shown.
namespace signalbox::schema {

/// A text that two values share exactly if JSON Schema calls them equal: 1 and 1.0 are one number,
/// the order of members does not count. None: the value nests deeper than limits::schema_depth_max.
std::optional<std::string> canonical(const json::Value& value);

/// Is the number `a` less than `b`? Exact over int64, uint64 and double.
bool is_less(const json::Value& a, const json::Value& b);

/// A number without a fraction, however it is written.
bool is_integral(const json::Value& value);

std::size_t count_chars(std::string_view text);  ///< code points of UTF-8

/// For messages: `the string "prod"`, `the number 3`, `an array of 2 items`; at most
/// limits::schema_quoted_chars_max characters of the value. A secret is named by its kind only.
std::string describe(const json::Value& value, bool secret);

/// A key or a scalar as JSON, shortened like that.
std::string quote(const json::Value& value);

}  // namespace signalbox::schema
