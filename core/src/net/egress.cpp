#include "net/egress.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "net/text.hpp"

namespace signalbox::net {
namespace {

/// An address as 16 bytes; IPv4 in its mapped form, so that one comparison serves both families.
using Bytes = std::array<unsigned char, 16>;

constexpr Bytes kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr unsigned kMappedBits = 96;

Bytes bytes_of(const Address& address) {
    Bytes bytes = kMapped;
    if (address.family() == AF_INET6) {
        const auto* raw = reinterpret_cast<const sockaddr_in6*>(address.raw());
        std::memcpy(bytes.data(), &raw->sin6_addr, bytes.size());
    } else {
        const auto* raw = reinterpret_cast<const sockaddr_in*>(address.raw());
        std::memcpy(bytes.data() + 12, &raw->sin_addr, 4);
    }
    return bytes;
}

struct Range {
    Bytes base{};
    unsigned bits = 0;

    bool holds(const Bytes& bytes) const {
        // `::/0` means all of IPv6, and not IPv4 because that is mapped into it here.
        if (bits < kMappedBits &&
            std::equal(kMapped.begin(), kMapped.begin() + 12, bytes.begin())) {
            return false;
        }
        const unsigned whole = bits / 8;
        if (!std::equal(base.begin(), base.begin() + whole, bytes.begin())) return false;
        const unsigned rest = bits % 8;
        return rest == 0 || ((base[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
    }
};

std::optional<Range> parse_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = Address::parse(text.substr(0, slash), 0);
    if (!address) return std::nullopt;
    const bool v4 = address->family() == AF_INET;
    Range range{bytes_of(*address), 128};
    if (slash != std::string_view::npos) {
        const auto bits = parse_decimal(text.substr(slash + 1));
        if (!bits || *bits > (v4 ? 32U : 128U)) return std::nullopt;
        range.bits = static_cast<unsigned>(*bits) + (v4 ? kMappedBits : 0);
    }
    return range;
}

struct Special {
    Range range;
    const char* text;
    const char* what;
};

/// IANA's special-purpose registries, and the two clouds' services that live on public addresses.
const std::vector<Special>& special_ranges() {
    static const std::vector<Special> ranges = [] {
        constexpr std::array<std::pair<const char*, const char*>, 28> kSpecial = {{
            {"127.0.0.0/8", "loopback"},
            {"10.0.0.0/8", "private"},
            {"172.16.0.0/12", "private"},
            {"192.168.0.0/16", "private"},
            {"169.254.0.0/16", "link-local (a cloud's metadata service)"},
            {"168.63.129.16/32", "a cloud's metadata service"},
            {"100.64.0.0/10", "shared between carriers"},
            {"0.0.0.0/8", "unspecified"},
            {"192.0.0.0/24", "reserved"},
            {"192.0.2.0/24", "reserved"},
            {"192.88.99.0/24", "reserved"},
            {"198.18.0.0/15", "reserved"},
            {"198.51.100.0/24", "reserved"},
            {"203.0.113.0/24", "reserved"},
            {"224.0.0.0/4", "multicast"},
            {"240.0.0.0/4", "reserved"},
            {"::1/128", "loopback"},
            {"::/128", "unspecified"},
            {"fc00::/7", "private"},
            {"fe80::/10", "link-local"},
            {"fec0::/10", "private"},
            {"ff00::/8", "multicast"},
            {"64:ff9b:1::/48", "private"},
            {"100::/64", "reserved"},
            {"2001::/32", "a tunnel"},
            {"2001:db8::/32", "reserved"},
            {"5f00::/16", "reserved"},
            {"3fff::/20", "reserved"},
        }};
        std::vector<Special> parsed;
        for (const auto& [text, what] : kSpecial)
            parsed.push_back({*parse_range(text), text, what});
        return parsed;
    }();
    return ranges;
}

/// The IPv4 address that an IPv6 address carries, in its mapped form: by translation
/// (64:ff9b::/96, or ::ffff:0:0:0/96), by 6to4 (2002::/16), or in the old compatible form (::/96).
std::optional<Bytes> carried(const Bytes& bytes) {
    const auto mapped_from = [&bytes](std::size_t offset) {
        Bytes inner = kMapped;
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), 4, inner.begin() + 12);
        return inner;
    };
    static const Range translated = *parse_range("64:ff9b::/96");
    static const Range stateless = *parse_range("::ffff:0:0:0/96");
    static const Range six_to_four = *parse_range("2002::/16");
    static const Range compatible = *parse_range("::/96");
    if (translated.holds(bytes) || stateless.holds(bytes) || compatible.holds(bytes)) {
        return mapped_from(12);
    }
    if (six_to_four.holds(bytes)) return mapped_from(2);
    return std::nullopt;
}

const Special* special(const Bytes& bytes) {
    for (const Special& candidate : special_ranges()) {
        if (candidate.range.holds(bytes)) return &candidate;
    }
    return nullptr;
}

bool is_v4(const Bytes& bytes) {
    return std::equal(kMapped.begin(), kMapped.begin() + 12, bytes.begin());
}

std::string text_of(const Bytes& bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool v4 = is_v4(bytes);
    inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data() + (v4 ? 12 : 0), text.data(), text.size());
    return text.data();
}

/// The narrowest entry that allows it; for loopback all of it, because which of its addresses a name
/// stands for differs from machine to machine.
std::string entry_for(const Bytes& judged, const Special& rule) {
    if (std::string_view(rule.what) == "loopback") return rule.text;
    return text_of(judged) + (is_v4(judged) ? "/32" : "/128");
}

}  // namespace

std::string refused_reason(const Address& address, const std::vector<std::string>& allow) {
    const Bytes bytes = bytes_of(address);
    Bytes judged = bytes;
    const Special* rule = special(bytes);
    if (rule == nullptr) {
        judged = carried(bytes).value_or(bytes);
        rule = special(judged);
    }
    if (rule == nullptr) return {};
    for (const std::string& text : allow) {
        const auto range = parse_range(text);
        if (range && (range->holds(bytes) || range->holds(judged))) return {};
    }
    const std::string who = judged == bytes
                                ? "the address " + address.host()
                                : "the address " + address.host() + " carries " + text_of(judged) +
                                      ", which";
    return who + " is " + rule->what + " (" + rule->text +
           ") and refused unless the connection allows it; if it is meant, write egress: { allow: [" +
           entry_for(judged, *rule) + "] }";
}

}  // namespace signalbox::net
