#pragma once

#include <cstdint>
#include <string>

#include "dispatch/policy.hpp"
#include "dispatch/transport.hpp"
#include "journal/journal.hpp"
#include "plugins/plugin.hpp"

/// What an attempt's beginning and its end mean for its run: pure functions, no clock, no I/O.
namespace signalbox::dispatch {

using plugins::Outcome;

/// The word kept with the attempt: `accepted`, `retryable`, `throttled`, `unauthenticated`, `permanent`,
/// `effect_unknown`.
const char* outcome_name(Outcome outcome);
/// Kept for an attempt that a report closed before its reply was judged.
inline constexpr const char* outcome_reported = "reported";

/// `sending`, and where it is to be recorded with the attempt open: from here on bytes may leave.
journal::RunState opened(journal::RunState state, const journal::OpenAttempt& attempt, bool record);

/// A broken exchange has no reply to judge: with no effect it may be tried again, else it is unknown.
plugins::Verdict verdict_of_failure(const WireReply& reply);

/// The end of one attempt.
struct Ending {
    plugins::Verdict verdict;
    std::string response;         ///< for the run (dispatch/response.hpp); empty: nothing
    std::int32_t number = 0;
    std::int64_t ended_ms = 0;
    std::int64_t backoff_ms = 0;  ///< the delay, should it be tried again; chosen beforehand
    bool hold_unknown = true;     ///< an unknown effect waits for a person; a safe step never does
    /// The run's deadline as ended_ms counts, which is not what it was if the wall clock was set
    /// meanwhile; 0: none.
    std::int64_t deadline_ms = 0;
};

/// The run's state after an attempt ended. Applied only to a run that still waits for this attempt: a
/// report may have moved it on, and a verdict never moves it back; then `state` comes back unchanged.
struct Next {
    journal::RunState state;
    bool applied = false;
    std::int64_t next_ms = 0;  ///< Unix ms of the next attempt; 0: none
};
Next after(const journal::RunState& state, const Ending& ending, const Policy& policy);

/// The state of a run that waited until its deadline.
journal::RunState past_deadline(const journal::RunState& state, std::int64_t wall_ms);

/// The state of a run whose payload the journal cannot give back any more.
journal::RunState unreadable(const journal::RunState& state, const std::string& why,
                             std::int64_t wall_ms);

/// The state of a run whose attempt was open, or could have been, when Signalbox stopped. One that was
/// interrupted in its last attempt is held: it may be what stops Signalbox.
journal::RunState after_restart(const journal::RunState& state, bool hold, std::int32_t attempts_max,
                                std::int64_t wall_ms);

}  // namespace signalbox::dispatch
