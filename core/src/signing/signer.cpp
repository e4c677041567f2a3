#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/encoding.hpp"
#include "signing/mac.hpp"
#include "signing/scheme.hpp"

namespace signalbox::signing {
namespace {

constexpr const char* kPortTimestampHeader = "X-Port-Timestamp";
constexpr const char* kWebhookIdHeader = "webhook-id";
constexpr const char* kWebhookTimestampHeader = "webhook-timestamp";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

Key::Key(Scheme scheme, std::string_view key_bytes)
    : scheme_(scheme), context_(make_mac(scheme, key_bytes).release()) {}

Key::Key(Key&& other) noexcept
    : scheme_(other.scheme_), context_(std::exchange(other.context_, nullptr)) {}

Key& Key::operator=(Key&& other) noexcept {
    std::swap(scheme_, other.scheme_);
    std::swap(context_, other.context_);
    return *this;
}

Key::~Key() {
    MacFree{}(static_cast<EVP_MAC_CTX*>(context_));
}

std::string Key::sign(std::string_view body, std::int64_t unix_seconds, std::string_view id) const {
    auto* const context = static_cast<EVP_MAC_CTX*>(context_);
    switch (scheme_) {
        case Scheme::none:
            break;
        case Scheme::hmac_sha1_hex:
            return to_hex(mac_of(context, {body}));
        case Scheme::hmac_sha1_prefixed:
            return "sha1=" + to_hex(mac_of(context, {body}));
        case Scheme::hmac_sha256_prefixed:
            return "sha256=" + to_hex(mac_of(context, {body}));
        case Scheme::port_v1:
            return "v1," + to_base64(mac_of(context, {std::to_string(unix_seconds), ".", body}));
        case Scheme::standard_webhooks:
            return "v1," +
                   to_base64(mac_of(context, {id, ".", std::to_string(unix_seconds), ".", body}));
    }
    return {};
}

Signer::Signer(Scheme scheme, std::string header, const std::vector<std::string>& keys)
    : scheme_(scheme), header_(header.empty() ? default_header(scheme) : std::move(header)) {
    if (scheme_ == Scheme::none) return;
    if (keys.empty()) throw std::invalid_argument("a signer without a key");
    const std::size_t count = scheme_ == Scheme::standard_webhooks ? keys.size() : 1;
    keys_.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        keys_.emplace_back(scheme_, keys[i]);
}

std::vector<Header> Signer::headers(std::string_view body, std::int64_t unix_seconds,
                                    std::string_view id) const {
    if (scheme_ == Scheme::none) return {};
    std::string signature;
    for (const Key& key : keys_) {
        if (!signature.empty()) signature += ' ';
        signature += key.sign(body, unix_seconds, id);
    }
    std::vector<Header> made;
    if (scheme_ == Scheme::standard_webhooks) {
        made.emplace_back(kWebhookIdHeader, id);
        made.emplace_back(kWebhookTimestampHeader, std::to_string(unix_seconds));
    }
    made.emplace_back(header_, std::move(signature));
    if (scheme_ == Scheme::port_v1) {
        made.emplace_back(kPortTimestampHeader, std::to_string(unix_seconds));
    }
    return made;
}

bool Signer::writes(std::string_view name) const {
    if (scheme_ == Scheme::none) return false;
    if (same_name(name, header_)) return true;
    if (scheme_ == Scheme::port_v1) return same_name(name, kPortTimestampHeader);
    return scheme_ == Scheme::standard_webhooks &&
           (same_name(name, kWebhookIdHeader) || same_name(name, kWebhookTimestampHeader));
}

}  // namespace signalbox::signing
