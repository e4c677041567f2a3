#pragma once

#include <string>
#include <vector>

#include "net/address.hpp"

namespace signalbox::net {

/// Why no connection may be made to that address; empty if it may. Addresses that are not of the
/// public internet (loopback, private, link-local, a cloud's metadata service, multicast, reserved;
/// also where an IPv6 address carries such an IPv4 address) are refused unless a range of `allow`
/// holds them. A range is `10.1.0.0/16`, `fd00::/8`, or a bare address; one that is malformed
/// allows nothing. Asked with the very address that is connected to, so a name cannot resolve to
/// one thing for the check and to another for the connection.
std::string refused_reason(const Address& address, const std::vector<std::string>& allow);

}  // namespace signalbox::net
