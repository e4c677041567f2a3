#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// The texts that `format` stands for.
namespace signalbox::schema {

enum class Format : std::uint8_t { none, uri, duration, date_time, email, ipv4, ipv6 };

std::optional<Format> format_from_name(std::string_view name);

/// Is `text` what the format asks for? True for Format::none.
bool fits(Format format, std::string_view text);

/// `a duration such as 250ms, 30s, 5m, 1h or 2d`, for messages.
const char* format_phrase(Format format);

/// An absolute URI of RFC 3986's characters; with http and https there is a host.
bool is_uri(std::string_view text);

/// A whole number and one of ms, s, m, h, d, as milliseconds; none: not a duration, or over 63
/// bits.
std::optional<std::int64_t> duration_ms(std::string_view text);

}  // namespace signalbox::schema
