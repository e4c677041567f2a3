#pragma once

#include <cstdint>
#include <string_view>

#include "signalbox/result.hpp"

namespace signalbox::net {

/// An absolute http or https URL, taken apart; points into the text it was parsed from, which lives
/// longer.
struct Url {
    bool tls = false;
    std::string_view authority;  ///< host and port as written: what the Host field says
    std::string_view host;       ///< without the brackets of an IPv6 address
    std::uint16_t port = 0;
    std::string_view path_and_query;  ///< may be empty or begin with `?`
};

/// Error `bad_url`, whose message names the fault and not the URL, which may hold a secret.
Result<Url> parse_url(std::string_view text);

}  // namespace signalbox::net
