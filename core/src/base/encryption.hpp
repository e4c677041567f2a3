#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "signalbox/result.hpp"

/// Encryption as Port's secret inputs have it: AES-256-GCM, and RSA-OAEP around its key. OpenSSL
/// without memory is a std::runtime_error.
namespace signalbox {

inline constexpr std::size_t aes256_key_bytes = 32;

/// The ciphertext, and after it the tag's 16 bytes. `key` has 32 bytes; `iv` any number of them;
/// nothing else is authenticated.
std::string encrypt_aes256_gcm(std::string_view key, std::string_view iv,
                               std::string_view plaintext);

/// An RSA key that others gave out. Immutable, shared freely between threads.
class PublicKey {
  public:
    /// `-----BEGIN PUBLIC KEY-----` or `-----BEGIN RSA PUBLIC KEY-----`, 2,048 bits or more. Error
    /// `invalid_key`, also for a private key, which never belongs here.
    static Result<PublicKey> from_pem(std::string_view text);

    /// RSA-OAEP with SHA-256, as long as the key.
    std::string wrap(std::string_view bytes) const;

  private:
    std::shared_ptr<void> key_;  // EVP_PKEY
};

}  // namespace signalbox
