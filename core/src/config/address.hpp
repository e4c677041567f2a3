#pragma once

#include <string>
#include <string_view>

#include "config/config.hpp"
#include "signalbox/result.hpp"

/// Hosts, endpoints, networks and base URLs as texts; nothing is looked up.
namespace signalbox::config {

/// `host:port` or `[v6]:port`. Errors `invalid_endpoint` say how to write it.
Result<Endpoint> parse_endpoint(std::string_view text);

/// `https://host:port`, `http://[v6]:port`.
std::string url_of(bool tls, const Endpoint& endpoint);

/// Can nobody but this machine reach it? 127.0.0.0/8, ::1, localhost.
bool is_loopback(std::string_view host);

/// A network such as `10.1.0.0/16` or `fd00::/8`. Error `invalid_network`: bad address, prefix
/// missing or out of range, bits set beyond the prefix (names the network that was meant).
Result<Done> check_network(std::string_view text);

/// `http(s)://host[:port]`, without a closing `/`. Error `invalid_url` where there is a path, a
/// query, a fragment, a user, another scheme, or no host.
Result<std::string> parse_base_url(std::string_view text);

}  // namespace signalbox::config
