#pragma once

#include "journal/journal.hpp"
#include "signalbox/result.hpp"

/// What the schedule keeps of a run.
namespace signalbox::dispatch {

/// Waits for its (next) attempt.
inline bool waits(journal::Phase phase) {
    return phase == journal::Phase::queued || phase == journal::Phase::retrying;
}

journal::LiveRun live_of(const journal::RunSeed& seed, const journal::RunState& state,
                         journal::Sequence sequence);
inline journal::LiveRun live_of(const journal::Run& run) {
    return live_of(run.seed, run.state, run.sequence);
}

Error backlog_full(std::size_t waiting_max);

}  // namespace signalbox::dispatch
