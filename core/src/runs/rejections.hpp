#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"
#include "journal/rejection.hpp"
#include "runs/prepare.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/metrics.hpp"

namespace signalbox::runs {

/// Keeps the newest limits::rejections_kept_max invocations that made no run, so that "nothing happened" has
/// an answer. Never in a run's way: at most one write of them waits in the journal at a time, what comes
/// meanwhile waits here, and what finds limits::rejections_waiting_max before it is counted and dropped.
/// [loop thread]
class Rejections {
  public:
    /// All must outlive this, and this must outlive the loop's last task.
    Rejections(journal::Journal& journal, MetricsSink& metrics, const Clock& clock)
        : journal_(journal), metrics_(metrics), clock_(clock) {}

    /// Records one and counts it under its code, which is one of the program's own words. The caller sees to
    /// it that the message holds no value that was sent. Texts are cut at limits::rejection_*_bytes_max, and
    /// pointers after limits::rejection_pointers_max. `number` is ignored; at_ms 0: now.
    void note(journal::Rejection rejection);

    /// An error that an invocation was answered with. Of its details the pointers are kept; where its
    /// message may quote what was sent, the code's own sentence stands in its place.
    void refused(const Error& error, const Caller& caller, std::string_view action);

    /// An invocation that was answered with the run which its key had made before.
    void replayed(const Caller& caller, std::string_view action, std::string_view run_id);

    /// Newest first; a number from 1 to limits::list_rows_max. Errors as of the journal's reads.
    void list(std::int64_t before, std::size_t limit,
              std::function<void(Result<journal::RejectionPage>)> done) {
        journal_.rejections(before, limit, std::move(done));
    }

  private:
    void write();

    journal::Journal& journal_;
    MetricsSink& metrics_;
    const Clock& clock_;
    std::vector<journal::Rejection> waiting_;
    bool writing_ = false;
};

/// A rejection as the API shows it: {"number", "at", "client", "origin", "action", "error", "message",
/// "pointers", "runId"}.
std::string rejection_json(const journal::Rejection& rejection);

}  // namespace signalbox::runs
