#pragma once

#include <string>
#include <string_view>

/// What a plugin may put into a request, and into texts that people see. Pure functions, any
/// thread.
namespace signalbox::plugins {

/// RFC 9110 section 5.6.2: what a method or a header's name is made of. Not empty.
bool is_token(std::string_view text);

/// Without regard to the case of ASCII letters.
bool same_name(std::string_view left, std::string_view right);

/// Why a request must not carry this header, for people; empty: it may. The name must be a token
/// and none of those that the transport writes; the value visible ASCII, spaces, tabs and bytes
/// over 0x7F.
std::string header_fault(std::string_view name, std::string_view value);

/// Why this is no URL to send to, for people; empty: it is one. Accepted: `http://` or `https://`,
/// a host, perhaps a port, a path and a query in RFC 3986's characters; neither user information
/// nor a fragment.
std::string url_fault(std::string_view url);

/// Text for people: invalid UTF-8 and control characters (other than tab and newline) become
/// U+FFFD, and what is longer than `bytes_max` is cut between characters and ends in `…`.
std::string clean_text(std::string_view text, std::size_t bytes_max);

}  // namespace signalbox::plugins
