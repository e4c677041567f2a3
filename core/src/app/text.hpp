#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "signalbox/result.hpp"

/// Small conversions between what people type or read and what programs hold. Pure; any thread.
namespace signalbox::app {

/// The accepted word that `typed` was probably meant to be, or an empty view if none is near.
std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& accepted);

/// `0`, or a whole number with its unit: 500ms, 10s, 5m, 2h, 1d. Error `invalid_duration`.
Result<std::int64_t> parse_duration_ms(std::string_view text);

/// A whole number without sign. Error `invalid_number`.
Result<std::int64_t> parse_count(std::string_view text);

/// `2026-01-31T09:00:00.250Z`
std::string iso_time(std::int64_t unix_ms);

/// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

/// The same JSON text, indented for people: no member is moved and no number is read.
std::string indent_json(std::string_view json);

/// For a terminal: control characters other than line feeds and tabs are shown as `\x1b`, so that
/// what others wrote cannot move the cursor or change colours.
std::string printable(std::string_view text);

/// `printable`, in one line: line feeds and tabs become blanks.
std::string one_line(std::string_view text);

/// Columns as wide as their widest cell, two blanks between them, nothing after the last.
void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows);

/// `error: message`, then a line for each detail.
void print_error(std::ostream& err, const Error& error);

}  // namespace signalbox::app
