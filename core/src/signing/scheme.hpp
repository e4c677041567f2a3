#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signalbox/result.hpp"

/// Signing and verification of exact bytes: the schemes that a config may name, all over OpenSSL EVP_MAC.
/// Wire facts: Azure's HMAC-SHA1 over the body in hex (Microsoft's published vector), Port v1's
/// `timestamp.body`, Standard Webhooks' `id.timestamp.body`.
namespace signalbox::signing {

enum class Scheme : std::uint8_t {
    none,
    hmac_sha1_hex,         ///< hex
    hmac_sha1_prefixed,    ///< `sha1=` + hex
    hmac_sha256_prefixed,  ///< `sha256=` + hex
    port_v1,               ///< `v1,` + base64 over `timestamp.body`
    standard_webhooks,     ///< `v1,` + base64 over `id.timestamp.body`
};

/// By the name in the config, such as `hmac-sha1-hex`; none: unknown.
std::optional<Scheme> scheme_from_name(std::string_view name);
const char* scheme_name(Scheme scheme);
/// Every accepted name, for error messages.
const std::vector<std::string>& scheme_names();
/// The header the signature goes into where the config names none; empty for `none`.
const char* default_header(Scheme scheme);

/// The bytes of a configured key: `whsec_` + base64 is decoded, any other text is its bytes.
/// Error `invalid_key` for an empty key or broken base64; the message does not quote it.
Result<std::string> key_bytes(std::string_view text);

/// A key made ready for a scheme. Holds OpenSSL state; movable, not copyable; each thread needs its own
/// (sign and verify change the context and are not safe to call at once on one object).
class Key {
  public:
    Key(Scheme scheme, std::string_view key_bytes);
    Key(Key&&) noexcept;
    Key& operator=(Key&&) noexcept;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key();

    Scheme scheme() const { return scheme_; }
    /// The signature's value over the exact bytes. `unix_seconds` and `id` enter where the scheme has them.
    std::string sign(std::string_view body, std::int64_t unix_seconds, std::string_view id) const;

  private:
    Scheme scheme_;
    void* context_ = nullptr;  // EVP_MAC_CTX with the key set
};

using Header = std::pair<std::string, std::string>;

/// Signs for one connection: the current key, and the previous ones where the scheme carries several.
class Signer {
  public:
    /// `keys` front is the current one. `header` empty: the scheme's default.
    Signer(Scheme scheme, std::string header, const std::vector<std::string>& keys);

    /// The headers to add: none for Scheme::none; signature and timestamp for port-v1; webhook-id,
    /// webhook-timestamp and webhook-signature (one signature a key, space-separated) for
    /// standard-webhooks. [one thread at a time]
    std::vector<Header> headers(std::string_view body, std::int64_t unix_seconds,
                                std::string_view id) const;
    /// Is `name` a header that this signer writes? Without regard to case.
    bool writes(std::string_view name) const;

  private:
    Scheme scheme_;
    std::string header_;
    std::vector<Key> keys_;
};

struct Verification {
    bool ok = false;
    std::string reason;  ///< why not: for people, says nothing that helps to forge
};

/// Compares in constant time against every key. Hex is accepted in either case; the `sha1=` and `sha256=`
/// prefixes in either case; for the bare scheme a `sha1=` prefix too, as Azure accepts it; several
/// space-separated `v1,` values for standard-webhooks, unknown versions skipped.
/// `timestamp` (Unix seconds as received) is required by the schemes that sign one; it is refused if it is
/// more than `tolerance_s` from `now_s` in either direction; tolerance 0 switches that off.
Verification verify(Scheme scheme, const std::vector<std::string>& keys, std::string_view body,
                    std::string_view signature, std::optional<std::string_view> timestamp,
                    std::string_view id, std::int64_t now_s, std::int64_t tolerance_s);

}  // namespace signalbox::signing
