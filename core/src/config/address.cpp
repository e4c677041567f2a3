#include "config/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace signalbox::config {
namespace {

constexpr std::size_t kHostBytesMax = 253;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
    std::string lowered(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lowered;
}

/// An address as bytes, most significant first: 4 or 16 of them; 0: not an address.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;
    int family = 0;
};

Address parse_address(std::string_view text) {
    Address address;
    const std::string terminated(text);
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
        address.size = 4;
        address.family = AF_INET;
    } else if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
        address.size = 16;
        address.family = AF_INET6;
    }
    return address;
}

std::string to_text(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(address.family, address.bytes.data(), text.data(), text.size());
    return text.data();
}

std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > max)
        return std::nullopt;
    return number;
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) {
               return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                      c == '_';
           });
}

// A name whose last label is a number is an IPv4 address to every resolver, so it must be a good
// one.
bool is_name_or_v4(std::string_view host) {
    if (host.empty() || host.size() > kHostBytesMax) return false;
    std::string_view label;
    for (std::string_view rest = host; !rest.empty() || host.back() == '.';) {
        label = rest.substr(0, rest.find('.'));
        if (!is_label(label)) return false;
        if (label.size() == rest.size()) break;
        rest.remove_prefix(label.size() + 1);
    }
    return !std::all_of(label.begin(), label.end(), is_digit) || parse_address(host).size == 4;
}

Error endpoint_error(std::string message) {
    return {"invalid_endpoint", std::move(message)};
}

Result<Endpoint> with_port(std::string_view host, std::string_view port) {
    const std::optional<unsigned> number = parse_decimal(port, 65'535);
    if (!number) return endpoint_error("the port must be a number from 0 (any free one) to 65535");
    return Endpoint{std::string(host), static_cast<std::uint16_t>(*number)};
}

Result<Endpoint> parse_bracketed(std::string_view text) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || parse_address(text.substr(1, close - 1)).size != 16)
        return endpoint_error("between `[` and `]` stands an IPv6 address, as in \"[::1]:8080\"");
    if (text.substr(close + 1, 1) != ":")
        return endpoint_error(
            "the port is missing; write it after the bracket, as in \"[::1]:8080\"");
    return with_port(text.substr(1, close - 1), text.substr(close + 2));
}

Error network_error(std::string message) {
    return {"invalid_network", std::move(message)};
}

Error url_error(std::string message) {
    return {"invalid_url", std::move(message)};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with('[')) return parse_bracketed(text);
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return endpoint_error("the port is missing; write host:port, as in 127.0.0.1:8080");
    const std::string_view host = text.substr(0, colon);
    if (host.empty() || host == "*")
        return endpoint_error(
            "the host is missing; write 127.0.0.1:" + std::string(text.substr(colon + 1)) +
            " for this machine only, or 0.0.0.0:" + std::string(text.substr(colon + 1)) +
            " for all of its addresses");
    if (host.find(':') != std::string_view::npos)
        return endpoint_error("an IPv6 address stands in brackets, as in \"[::1]:8080\"");
    if (!is_name_or_v4(host))
        return endpoint_error(
            "the host is neither a name nor an address; write it as in 127.0.0.1:8080");
    return with_port(host, text.substr(colon + 1));
}

std::string url_of(bool tls, const Endpoint& endpoint) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    return (tls ? "https://" : "http://") + (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
           std::to_string(endpoint.port);
}

bool is_loopback(std::string_view host) {
    const Address address = parse_address(host);
    if (address.size == 4) return address.bytes[0] == 127;
    if (address.size == 16) {
        return address.bytes[15] == 1 && std::all_of(address.bytes.begin(), address.bytes.end() - 1,
                                                     [](std::uint8_t byte) { return byte == 0; });
    }
    return lower(host) == "localhost";
}

Result<Done> check_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    Address address = parse_address(text.substr(0, slash));
    if (address.size == 0)
        return network_error("this is not a network; write one as in 10.1.0.0/16 or fd00::/8");
    const auto bits_max = static_cast<unsigned>(8 * address.size);
    if (slash == std::string_view::npos)
        return network_error("the prefix is missing; for this one address write " +
                             to_text(address) + "/" + std::to_string(bits_max));
    const std::optional<unsigned> bits = parse_decimal(text.substr(slash + 1), bits_max);
    if (!bits)
        return network_error("the prefix must be a number from 0 to " + std::to_string(bits_max));
    const Address given = address;
    for (std::size_t bit = *bits; bit < bits_max; ++bit)
        address.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    if (address.bytes != given.bytes)
        return network_error("bits are set beyond the prefix; write " + to_text(address) + "/" +
                             std::to_string(*bits) + " for the network, or " + to_text(given) +
                             "/" + std::to_string(bits_max) + " for the address");
    return Done{};
}

Result<std::string> parse_base_url(std::string_view text) {
    const std::string_view whole = text;
    const std::string start = lower(text.substr(0, 8));
    if (!start.starts_with("http://") && start != "https://")
        return url_error("it must begin with http:// or https://");
    text.remove_prefix(start == "https://" ? 8 : 7);
    const std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    const std::string_view rest = text.substr(authority.size());
    if (authority.find('@') != std::string_view::npos)
        return url_error("it must not name a user; remove what stands before the `@`");
    if (!rest.empty() && rest != "/")
        return url_error(
            "it must end after the host and port; remove the path, query and fragment");
    // The same rules as for an endpoint, with a port of ours where none is written.
    const bool has_port =
        authority.find(':', authority.starts_with('[') ? authority.find(']') : 0) !=
        std::string_view::npos;
    const Result<Endpoint> endpoint =
        parse_endpoint(std::string(authority) + (has_port ? "" : ":1"));
    if (authority.empty() || authority.front() == ':' || !endpoint || endpoint->port == 0)
        return url_error(
            "after the `//` stands a host and, if need be, `:` and a port from 1 to 65535");
    return std::string(whole.substr(0, whole.size() - rest.size()));
}

}  // namespace signalbox::config
