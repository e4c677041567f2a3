#include <algorithm>
#include <charconv>

#include "base/constant_time.hpp"
#include "base/encoding.hpp"
#include "signing/verifier.hpp"

namespace signalbox::signing {
namespace {

constexpr std::size_t kTimestampDigitsMax = 18;  // always fits in 64 bits

Verification refused(std::string reason) {
    return {false, std::move(reason)};
}

bool starts_with_any_case(std::string_view text, std::string_view lower_case_prefix) {
    if (text.size() < lower_case_prefix.size()) return false;
    return std::equal(lower_case_prefix.begin(), lower_case_prefix.end(), text.begin(),
                      [](char want, char got) {
                          return want == (got >= 'A' && got <= 'Z' ? got - 'A' + 'a' : got);
                      });
}

/// What a signature's text claims the MACs to be; or why it cannot be one.
struct Claim {
    std::vector<std::string> macs;
    std::string problem;
};

Claim read_hex(std::string_view signature, std::string_view prefix, bool prefix_required,
               std::size_t mac_bytes) {
    if (starts_with_any_case(signature, prefix)) {
        signature.remove_prefix(prefix.size());
    } else if (prefix_required) {
        return {{}, "the signature does not begin with " + std::string(prefix)};
    }
    auto mac = from_hex(signature);
    if (!mac || mac->size() != mac_bytes) {
        return {{},
                "the signature is not " + std::to_string(2 * mac_bytes) + " hexadecimal digits"};
    }
    return {{std::move(*mac)}, {}};
}

Claim read_v1(std::string_view signature) {
    if (!signature.starts_with("v1,")) {
        return {{}, "the signature does not begin with v1, which is the only version accepted"};
    }
    auto mac = from_base64(signature.substr(3));
    if (!mac || mac->size() != 32) {
        return {{}, "what follows v1, in the signature is not 32 bytes in base64"};
    }
    return {{std::move(*mac)}, {}};
}

/// Other versions, and broken values beside a whole one, belong to other receivers.
Claim read_v1_list(std::string_view signatures) {
    Claim all;
    while (!signatures.empty()) {
        const std::size_t end = std::min(signatures.find(' '), signatures.size());
        Claim one = read_v1(signatures.substr(0, end));
        for (std::string& mac : one.macs)
            all.macs.push_back(std::move(mac));
        signatures.remove_prefix(std::min(end + 1, signatures.size()));
    }
    if (all.macs.empty()) all.problem = "the signature holds no v1, value of 32 bytes in base64";
    return all;
}

Claim read_claim(Scheme scheme, std::string_view signature) {
    if (signature.empty()) return {{}, "the signature is missing"};
    switch (scheme) {
        case Scheme::none:
            break;
        case Scheme::hmac_sha1_hex:
            return read_hex(signature, "sha1=", false, 20);
        case Scheme::hmac_sha1_prefixed:
            return read_hex(signature, "sha1=", true, 20);
        case Scheme::hmac_sha256_prefixed:
            return read_hex(signature, "sha256=", true, 32);
        case Scheme::port_v1:
            return read_v1(signature);
        case Scheme::standard_webhooks:
            return read_v1_list(signature);
    }
    return {{}, "the scheme none has no signature that could be verified"};
}

bool signs_timestamp(Scheme scheme) {
    return scheme == Scheme::port_v1 || scheme == Scheme::standard_webhooks;
}

/// Empty: the timestamp may be believed, once the signature holds.
std::string timestamp_problem(std::optional<std::string_view> timestamp, std::int64_t now_s,
                              std::int64_t tolerance_s) {
    if (!timestamp || timestamp->empty()) return "the timestamp is missing";
    std::int64_t then_s = 0;
    const char* const end = timestamp->data() + timestamp->size();
    const auto read = std::from_chars(timestamp->data(), end, then_s);
    if (timestamp->front() == '-' || read.ec != std::errc{} || read.ptr != end ||
        timestamp->size() > kTimestampDigitsMax) {
        return "the timestamp is not a whole number of Unix seconds";
    }
    if (tolerance_s == 0) return {};
    const bool past = then_s <= now_s;
    // Unsigned: the difference of two 64-bit times may need all 64 bits.
    const auto now = static_cast<std::uint64_t>(now_s);
    const auto then = static_cast<std::uint64_t>(then_s);
    const std::uint64_t apart_s = past ? now - then : then - now;
    if (apart_s <= static_cast<std::uint64_t>(std::max<std::int64_t>(tolerance_s, 0))) return {};
    return "the timestamp is " + std::to_string(apart_s) + " s in the " +
           (past ? "past" : "future") + "; accepted are at most " + std::to_string(tolerance_s) +
           " s, so this is a replay or a clock is wrong";
}

std::string expected_mac(Scheme scheme, const Mac& mac, std::string_view body,
                         std::string_view timestamp, std::string_view id) {
    if (scheme == Scheme::port_v1) return mac_of(mac.get(), {timestamp, ".", body});
    if (scheme == Scheme::standard_webhooks) return mac_of(mac.get(), {id, ".", timestamp, ".", body});
    return mac_of(mac.get(), {body});
}

bool matches(const std::string& expected, const std::vector<std::string>& claimed) {
    bool found = false;
    for (const std::string& mac : claimed) {
        const bool same = equal_in_constant_time(mac, expected);
        found = found || same;
    }
    return found;
}

}  // namespace

Verification verify(Scheme scheme, const std::vector<std::string>& keys, std::string_view body,
                    std::string_view signature, std::optional<std::string_view> timestamp,
                    std::string_view id, std::int64_t now_s, std::int64_t tolerance_s) {
    return Verifier(scheme, keys).verify(body, signature, timestamp, id, now_s, tolerance_s);
}

Verifier::Verifier(Scheme scheme, const std::vector<std::string>& keys) : scheme_(scheme) {
    for (const std::string& key : keys)
        macs_.push_back(make_mac(scheme, key));
}

Verification Verifier::verify(std::string_view body, std::string_view signature,
                              std::optional<std::string_view> timestamp, std::string_view id,
                              std::int64_t now_s, std::int64_t tolerance_s) const {
    const Claim claim = read_claim(scheme_, signature);
    if (!claim.problem.empty()) return refused(claim.problem);
    if (signs_timestamp(scheme_)) {
        std::string problem = timestamp_problem(timestamp, now_s, tolerance_s);
        if (!problem.empty()) return refused(std::move(problem));
    }
    if (scheme_ == Scheme::standard_webhooks && id.empty()) return refused("the id is missing");
    const std::string_view signed_timestamp = timestamp.value_or(std::string_view{});
    for (const Mac& mac : macs_) {
        if (matches(expected_mac(scheme_, mac, body, signed_timestamp, id), claim.macs)) {
            return {true, {}};
        }
    }
    return refused(
        "the signature is not that of these bytes under any accepted key: the body was changed on "
        "the "
        "way, or the sender has another key");
}

}  // namespace signalbox::signing
