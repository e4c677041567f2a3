#include "net/address.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>

#include <array>
#include <cstring>

namespace signalbox::net {
namespace {

sockaddr_in& as_v4(sockaddr_storage& storage) {
    return reinterpret_cast<sockaddr_in&>(storage);
}
sockaddr_in6& as_v6(sockaddr_storage& storage) {
    return reinterpret_cast<sockaddr_in6&>(storage);
}
const sockaddr_in& as_v4(const sockaddr_storage& storage) {
    return reinterpret_cast<const sockaddr_in&>(storage);
}
const sockaddr_in6& as_v6(const sockaddr_storage& storage) {
    return reinterpret_cast<const sockaddr_in6&>(storage);
}

}  // namespace

Address::Address(const sockaddr* raw) {
    std::memcpy(&storage_, raw,
                raw->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
}

std::optional<Address> Address::parse(std::string_view literal, std::uint16_t port) {
    const std::string text(literal);
    Address address;
    if (inet_pton(AF_INET, text.c_str(), &as_v4(address.storage_).sin_addr) == 1) {
        address.storage_.ss_family = AF_INET;
    } else if (inet_pton(AF_INET6, text.c_str(), &as_v6(address.storage_).sin6_addr) == 1) {
        address.storage_.ss_family = AF_INET6;
    } else {
        return std::nullopt;
    }
    address.set_port(port);
    return address;
}

socklen_t Address::raw_bytes() const {
    return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

void Address::set_port(std::uint16_t port) {
    if (family() == AF_INET6) {
        as_v6(storage_).sin6_port = htons(port);
    } else {
        as_v4(storage_).sin_port = htons(port);
    }
}

std::uint16_t Address::port() const {
    return ntohs(family() == AF_INET6 ? as_v6(storage_).sin6_port : as_v4(storage_).sin_port);
}

bool Address::is_of_this_machine() const {
    ifaddrs* interfaces = nullptr;
    if (getifaddrs(&interfaces) != 0) return false;
    bool found = false;
    for (const ifaddrs* each = interfaces; each != nullptr && !found; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != family()) continue;
        found = Address(each->ifa_addr).host() == host();
    }
    freeifaddrs(interfaces);
    return found;
}

std::string Address::host() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family() == AF_INET6) {
        inet_ntop(AF_INET6, &as_v6(storage_).sin6_addr, text.data(), text.size());
    } else {
        inet_ntop(AF_INET, &as_v4(storage_).sin_addr, text.data(), text.size());
    }
    return text.data();
}

std::string Address::text() const {
    const std::string port_text = std::to_string(port());
    return family() == AF_INET6 ? "[" + host() + "]:" + port_text : host() + ":" + port_text;
}

}  // namespace signalbox::net
