#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "signalbox/result.hpp"
#include "signalbox/visibility.hpp"

/// Signing and verification by scheme name, for tools and receivers: `hmac-sha1-hex`, `hmac-sha1-prefixed`,
/// `hmac-sha256-prefixed`, `port-v1`, `standard-webhooks`.
namespace signalbox {

/// The header's value over the exact bytes of `body`. `key` as in the config (a `whsec_` key is base64).
/// `unix_seconds` and `id` enter where the scheme has them. Errors: `unknown_scheme` (lists the accepted
/// ones), `invalid_key`.
SIGNALBOX_API Result<std::string> sign(std::string_view scheme, std::string_view key, std::string_view body,
                         std::int64_t unix_seconds, std::string_view id);

/// Done if the signature is this key's over these bytes and, where the scheme has a timestamp, that is
/// within `tolerance_s` of `now_s` (0 switches that off). Error `signature_invalid` says why not;
/// `unknown_scheme`, `invalid_key`.
SIGNALBOX_API Result<Done> verify(std::string_view scheme, std::string_view key, std::string_view body,
                    std::string_view signature, std::string_view timestamp, std::string_view id,
                    std::int64_t now_s, std::int64_t tolerance_s);

}  // namespace signalbox
