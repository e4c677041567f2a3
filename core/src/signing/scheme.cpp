#include "signing/scheme.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"

namespace signalbox::signing {
namespace {

struct Entry {
    Scheme scheme;
    const char* name;
    const char* header;
};

constexpr std::array<Entry, 6> kSchemes = {{
    {Scheme::none, "none", ""},
    {Scheme::hmac_sha1_hex, "hmac-sha1-hex", "X-Port-Signature"},
    {Scheme::hmac_sha1_prefixed, "hmac-sha1-prefixed", "X-Port-Signature"},
    {Scheme::hmac_sha256_prefixed, "hmac-sha256-prefixed", "X-Hub-Signature-256"},
    {Scheme::port_v1, "port-v1", "X-Port-Signature"},
    {Scheme::standard_webhooks, "standard-webhooks", "webhook-signature"},
}};

const Entry& entry(Scheme scheme) {
    return kSchemes[static_cast<std::size_t>(scheme)];
}

constexpr std::string_view kBase64KeyPrefix = "whsec_";

}  // namespace

std::optional<Scheme> scheme_from_name(std::string_view name) {
    const auto found = std::find_if(kSchemes.begin(), kSchemes.end(),
                                    [name](const Entry& known) { return known.name == name; });
    if (found == kSchemes.end()) return std::nullopt;
    return found->scheme;
}

const char* scheme_name(Scheme scheme) {
    return entry(scheme).name;
}

const std::vector<std::string>& scheme_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> made;
        for (const Entry& known : kSchemes)
            made.emplace_back(known.name);
        return made;
    }();
    return names;
}

const char* default_header(Scheme scheme) {
    return entry(scheme).header;
}

Result<std::string> key_bytes(std::string_view text) {
    if (text.empty()) return Error{"invalid_key", "the key is empty; set a key", {}};
    if (!text.starts_with(kBase64KeyPrefix)) return std::string(text);
    auto bytes = from_base64(text.substr(kBase64KeyPrefix.size()));
    if (!bytes) {
        return Error{
            "invalid_key",
            "a key that begins with whsec_ goes on in padded base64 (RFC 4648), and this one "
            "does not; copy the whole of it",
            {}};
    }
    if (bytes->empty()) {
        return Error{"invalid_key", "nothing follows whsec_; copy the whole key", {}};
    }
    return std::move(*bytes);
}

}  // namespace signalbox::signing
