#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actions/encrypted_input.hpp"
#include "actions/report.hpp"
#include "document/node.hpp"
#include "json/value.hpp"
#include "signalbox/random.hpp"

namespace signalbox::actions {

/// Reads `encryption` of an input of type `type`. None: it cannot be used, and the report says so.
std::optional<EncryptedInput> read_encryption(const document::Node& encryption,
                                              const std::string& name, const std::string& type,
                                              Report& report);

/// Turns secret inputs into ciphertext. Wire facts: Port's page on secret inputs, and its agent.
/// `aes256-gcm`: base64 of IV (16 bytes), ciphertext, tag (16); `client-side`: base64 of IV (12),
/// the key of 32 bytes wrapped for the public key, ciphertext, tag. A text is encrypted as its
/// bytes, an object as its JSON. Any thread, as far as the Random is.
class InputEncryption {
  public:
    /// `secret`: its first 32 bytes are the key of `aes256-gcm`; empty, or shorter: there is none.
    /// `random` must outlive this.
    InputEncryption(std::string_view secret, Random& random);

    /// Is a secret long enough to make a key of?
    static bool is_long_enough(std::string_view secret) {
        return secret.size() >= aes256_key_bytes;
    }
    bool has_key() const { return !key_.empty(); }

    /// Replaces the values that are there; `properties` satisfy the action's inputs.
    void encrypt(const std::vector<EncryptedInput>& inputs, json::Value& properties) const;

    /// What stands for a raw invocation in an idempotency record. A digest of the body itself would
    /// let whoever has the journal try out short secrets: with a key it is an HMAC, without one the
    /// secret inputs are left out of it. 32 bytes.
    std::string digest(const std::vector<EncryptedInput>& inputs, std::string_view raw_body) const;

  private:
    std::string key_;
    Random& random_;
};

}  // namespace signalbox::actions
