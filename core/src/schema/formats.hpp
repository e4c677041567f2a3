#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// The texts that `format` stands for.
namespace signalbox::schema {

/// An absolute URI of RFC 3986's characters; with http and https there is a host.
bool is_uri(std::string_view text);

/// A whole number and one of ms, s, m, h, d, as milliseconds; none: not a duration, or over 63
/// bits.
std::optional<std::int64_t> duration_ms(std::string_view text);

}  // namespace signalbox::schema
