#pragma once

#include <cstdint>
#include <string_view>

#include "journal/journal.hpp"
#include "sources/proof.hpp"

namespace signalbox::sources {

/// What makes a proven message one that was taken before, and for how long that has to be known.
///
/// It is told by what is signed and distinct: the webhook-id of Standard Webhooks; the run's id of Port's
/// invocation (`run_id`, empty where there is none), because Port may sign the same invocation again; else the
/// timestamp and the body; without a timestamp the body alone. GitHub's X-GitHub-Delivery is not signed, so
/// whoever replays a message could change it: its body tells.
///
/// Where a timestamp is signed the message is remembered until no tolerance that the config accepts would
/// believe it any more, whatever the tolerance is now: so neither a larger one after a reload nor a clock that
/// is set back by less than that lets it in again. Else, and where that is longer, for Source::keep_ms.
journal::ReplayKey replay_key(const Source& source, const Proven& proven, const Delivery& delivery,
                              std::string_view run_id, std::int64_t now_ms);

}  // namespace signalbox::sources
