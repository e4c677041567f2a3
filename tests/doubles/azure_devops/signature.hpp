#pragma once

#include <string>
#include <string_view>

namespace azure_standin {

/// Whether `header_value` is the HMAC-SHA1 of `body` under `secret`: hexadecimal of either case,
/// bare or after `sha1=` of either case. Compares in constant time.
bool signature_matches(std::string_view secret, std::string_view body,
                       std::string_view header_value);

}  // namespace azure_standin
