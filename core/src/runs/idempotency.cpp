#include "runs/idempotency.hpp"

#include "base/hash.hpp"

namespace signalbox::runs {

std::string body_digest(const Catalog& catalog, const std::string& action,
                        std::string_view raw_body) {
    const auto offer = catalog.find(action);
    if (offer == catalog.end() || !offer->second.encryption) return sha256(raw_body);
    return offer->second.encryption->digest(offer->second.action->encrypted, raw_body);
}

}  // namespace signalbox::runs
