#pragma once

#include <string>
#include <string_view>

#include "runs/catalog.hpp"

namespace signalbox::runs {

/// What an idempotency key's record keeps of the body it came with: its SHA-256, and for an action
/// with secret inputs one that does not help to guess them (actions/input_encryption.hpp). 32
/// bytes.
std::string body_digest(const Catalog& catalog, const std::string& action,
                        std::string_view raw_body);

}  // namespace signalbox::runs
