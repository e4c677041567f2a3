#pragma once

#include <string>
#include <string_view>

#include "json/value.hpp"

namespace signalbox::json {

/// Compact UTF-8 JSON: no white space, no byte order mark, members in their order, `/` and non-ASCII
/// characters as they are, control characters escaped. Numbers are written as ECMAScript's
/// Number::toString writes them (1.10 is `1.1`, 1e21 is `1e+21`, -0 is `0`); 64-bit integers keep all
/// their digits. Any thread.
std::string write(const Value& value);

/// As write, appended to `out`.
void append(std::string& out, const Value& value);
void append_string(std::string& out, std::string_view text);  ///< with its quotes
void append_number(std::string& out, double number);

}  // namespace signalbox::json
