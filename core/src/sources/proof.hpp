#pragma once

#include <cstdint>
#include <string>

#include "signing/verifier.hpp"
#include "sources/source.hpp"

namespace signalbox::sources {

/// Who sent it, and when and under which name, as far as that is proven.
struct Proven {
    bool ok = false;
    std::string reason;            ///< why not; for the log, never for the sender
    std::int64_t timestamp_s = 0;  ///< signed; 0: the scheme signs none
    std::string timestamp;         ///< as it was sent
    std::string id;                ///< signed; empty: the scheme signs none
};

/// Holds a message against its source's keys: over the raw bytes, in constant time, with every key. HTTP
/// Basic and bearer tokens prove who sent a message but nothing of what it says. `verifier` is
/// verifier_of() the same source.
Proven prove(const Source& source, const signing::Verifier& verifier, const Delivery& delivery,
             std::int64_t now_s);
inline signing::Verifier verifier_of(const Source& source) { return {source.scheme, source.keys}; }

}  // namespace signalbox::sources
