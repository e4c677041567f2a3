#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "signalbox/visibility.hpp"

namespace signalbox {

/// What a committed change did to a run. One change is one event, under the most telling of its names: a
/// log line that ends the run is `finished`, and its `log_number` is set.
enum class RunEventKind : std::uint8_t {
    accepted,       ///< recorded: the 202
    opened,         ///< an attempt is about to be sent
    closed,         ///< an attempt ended and was recorded; where no other name below says more
    retry_planned,  ///< an attempt ended, the next one is due at `next_ms`
    held,           ///< a person decides
    approved,
    declined,
    reported,  ///< the target's side spoke: the effect is proven
    logged,    ///< a log line was added
    cancelled,
    redelivered,
    finished,
    changed,  ///< anything else that moved the run
    approval_given,  ///< one of several approvals; the run waits for the others
};

/// The enumerator's own name; static storage.
SIGNALBOX_API const char* run_event_name(RunEventKind kind);

/// One committed change of a run, told after its commit. Derived from the journal and kept in memory only.
/// Never holds a secret's value.
struct RunEvent {
    /// Rises by one with each event of a dispatcher; begins above everything that an earlier start of the
    /// same dispatcher gave, as long as the machine's clock does not go back. Fits a JSON number.
    std::uint64_t number = 0;
    std::int64_t at_ms = 0;  ///< Unix time
    RunEventKind kind = RunEventKind::changed;  ///< what happened
    std::string run_id;        ///< of the run that changed
    std::string action;        ///< its action's identifier
    std::string connection;    ///< its name in the config
    std::string_view phase;   ///< after the change: `queued`, `sending`, …; static storage
    std::string_view status;  ///< after it: `IN_PROGRESS`, `SUCCESS`, …; static storage
    std::int32_t attempt = 0;  ///< the one that was opened or closed; else how many there were
    std::string outcome;       ///< of an attempt that was closed: `accepted`, `retryable`, …
    std::string reason;        ///< for people: why the attempt ended so, or the run is where it is
    std::string status_label;  ///< as reported
    std::int64_t next_ms = 0;     ///< Unix time at which the run is due; 0: it is not waiting
    std::int64_t log_number = 0;  ///< of the log line that was added; 0: none
    std::string log_message;      ///< of that line
};

}  // namespace signalbox
