#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "signalbox/visibility.hpp"

/// What Signalbox counts and measures. The set of names is fixed; the only labels are a connection's name,
/// as the config has it, and an attempt's outcome: both are bounded, so no caller can grow them.
namespace signalbox {

/// What only rises.
enum class Counter : std::uint8_t {
    runs_accepted,       ///< invocations recorded; connection
    runs_held,           ///< times that a run was held for a person; connection
    runs_finished,       ///< connection, outcome `SUCCESS`, `FAILURE`, `DECLINED` or `CANCELLED`
    attempts,            ///< attempts ended; connection, outcome as kept with the attempt
    journal_commits,     ///< transactions; outcome `ok` or `failed`
    journal_operations,  ///< changes that committed transactions held
    plugin_events,       ///< what plugins count; connection, outcome: the event's name
    invocations_rejected,  ///< invocations that were refused; outcome: the error's code
    invocations_replayed,  ///< invocations answered with the run that their idempotency key had made
    rejections_dropped,    ///< of both, those that were not recorded because the journal was behind
    clients_refused,       ///< who asked for a token or a page and did not prove to be a client
};

/// What stands at a value.
enum class Gauge : std::uint8_t {
    runs_waiting,         ///< runs that wait for a place or for their time; connection
    runs_in_flight,       ///< attempts under way; connection
    oldest_due_unix_ms,   ///< when the run that is due first was, or will be, due; 0: none; connection
    runs_held_now,        ///< held for a person at this moment
    runs_waiting_approval,  ///< recorded, and not to be sent before somebody approves
};

/// Milliseconds, but for journal_batch_operations.
enum class Histogram : std::uint8_t {
    attempt_ms,  ///< a whole attempt; connection, outcome
    attempt_dns_ms,
    attempt_connect_ms,
    attempt_tls_ms,
    attempt_send_ms,
    attempt_wait_ms,
    attempt_read_ms,  ///< and these: a part of it, where it was reached; connection
    journal_commit_ms,
    journal_batch_operations,
};

/// The Prometheus name: `signalbox_runs_accepted_total`, …; static storage.
SIGNALBOX_API const char* metric_name(Counter counter);
/// As for a counter.
SIGNALBOX_API const char* metric_name(Gauge gauge);
/// As for a counter.
SIGNALBOX_API const char* metric_name(Histogram histogram);

/// Empty where the metric has no such label. Valid during the call only.
struct MetricLabels {
    std::string_view connection;  ///< its name in the config
    std::string_view outcome;     ///< of an attempt; for some, a run's or a commit's
};

/// Where a host takes the figures. Called from the loop and from the journal's writer, so from any thread
/// and from two at once; many times a second. Must return at once, must not throw, and must not call back
/// into the Dispatcher.
class MetricsSink {
  public:
    virtual ~MetricsSink() = default;
    /// Counts that many more.
    virtual void add(Counter counter, const MetricLabels& labels, std::uint64_t count) = 0;
    /// It stands at this now.
    virtual void set(Gauge gauge, const MetricLabels& labels, double value) = 0;
    /// One value more.
    virtual void observe(Histogram histogram, const MetricLabels& labels, double value) = 0;
};

}  // namespace signalbox
