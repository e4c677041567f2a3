#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::net {

/// A numeric address and port, IPv4 or IPv6: a value.
class Address {
  public:
    Address() = default;
    explicit Address(const sockaddr* raw);  ///< AF_INET or AF_INET6

    /// A literal without brackets; empty if it is not one.
    static std::optional<Address> parse(std::string_view literal, std::uint16_t port);

    const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t raw_bytes() const;
    int family() const { return storage_.ss_family; }
    void set_port(std::uint16_t port);
    std::uint16_t port() const;

    /// Does one of this machine's interfaces have it? Without regard to the port.
    bool is_of_this_machine() const;

    std::string host() const;  ///< `127.0.0.1`, `::1`
    std::string text() const;  ///< `127.0.0.1:80`, `[::1]:80`

  private:
    sockaddr_storage storage_{};
};

}  // namespace signalbox::net
