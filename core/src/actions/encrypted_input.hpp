#pragma once

#include <optional>
#include <string>

#include "base/encryption.hpp"
#include "document/node.hpp"

namespace signalbox::actions {

/// An input whose value is encrypted as soon as it is known to be one, by the scheme that its
/// document names (Port's `encryption`).
struct EncryptedInput {
    std::string name;
    document::Position position;
    std::optional<PublicKey>
        public_key;  ///< of `client-side`; none: `aes256-gcm`, with the config's key
};

}  // namespace signalbox::actions
