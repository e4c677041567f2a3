#include "sources/replay.hpp"

#include <algorithm>
#include <string>

#include "base/hash.hpp"

namespace signalbox::sources {
namespace {

/// The kinds are kept apart, so that no body can be taken for another message's id.
std::string digest(std::string_view kind, std::string_view first, std::string_view second = {}) {
    std::string text(kind);
    text.append(1, '\0').append(first).append(1, '\0').append(second);
    return sha256(text);
}

}  // namespace

journal::ReplayKey replay_key(const Source& source, const Proven& proven, const Delivery& delivery,
                              std::string_view run_id, std::int64_t now_ms) {
    journal::ReplayKey key;
    key.source = source.name;
    key.keys_max = source.replay_keys_max;
    if (!proven.id.empty()) {
        key.digest = digest("id", proven.id);
    } else if (!run_id.empty()) {
        key.digest = digest("run", run_id);
    } else if (!proven.timestamp.empty()) {
        key.digest = digest("sent", proven.timestamp, delivery.body);
    } else {
        key.digest = digest("body", delivery.body);
    }
    key.expires_ms = now_ms + source.keep_ms;
    if (!proven.timestamp.empty()) {
        // Believed to the end of the second that is `tolerance` after it.
        const std::int64_t last_s = proven.timestamp_s + limits::config_tolerance_ms_max / 1'000;
        key.expires_ms = std::max(key.expires_ms, (last_s + 1) * 1'000);
    }
    return key;
}

}  // namespace signalbox::sources
