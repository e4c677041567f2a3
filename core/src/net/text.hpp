#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Characters as HTTP sees them: bytes, never the locale's.
namespace signalbox::net {

bool is_digit(char c);
/// The characters of a method or a field name.
bool is_token_char(char c);
bool is_token(std::string_view text);  ///< not empty
/// A field's value: no control character but the tab; 8-bit bytes are fine.
bool is_field_value(std::string_view text);

std::string to_lower(std::string_view text);  ///< ASCII only
bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Does the comma-separated list hold that token, in any case?
bool list_holds(std::string_view list, std::string_view token);

/// Digits only, no sign, no space; empty if it is anything else or does not fit.
std::optional<std::uint64_t> parse_decimal(std::string_view digits);

/// Is it what a Host field may say: a name, an IPv4 address or a bracketed IPv6 address, with an
/// optional port?
bool is_host(std::string_view text);

}  // namespace signalbox::net
