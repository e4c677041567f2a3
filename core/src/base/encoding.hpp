#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

std::string to_hex(std::string_view bytes);  ///< lower case
std::optional<std::string> from_hex(std::string_view text);  ///< either case
std::string to_base64(std::string_view bytes);               ///< RFC 4648 section 4, padded
std::optional<std::string> from_base64(std::string_view text);  ///< padded; anything else is refused
std::string to_base64url(std::string_view bytes);               ///< RFC 4648 section 5, no padding
std::optional<std::string> from_base64url(std::string_view text);

/// The length of the well-formed UTF-8 character at the front of a text that is not empty, 1 to 4; or 0.
std::size_t utf8_character_bytes(std::string_view text);
bool is_utf8(std::string_view text);

/// `2026-11-23T20:46:33.123Z` for a Unix time in milliseconds.
std::string to_iso8601(std::int64_t unix_ms);
/// A day, `2026-11-23` (its first moment in UTC), or a moment with seconds, `2026-11-23T20:46:33Z`, with or
/// without a fraction, and with `Z` or an offset such as `+01:00` at its end; from 1970 on.
std::optional<std::int64_t> from_iso8601(std::string_view text);

/// The candidate nearest to `word` by edit distance, if near enough that a person may have meant it;
/// else empty. For "did you mean".
std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace signalbox
