#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/executor.hpp"
#include "journal/journal.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/metrics.hpp"

namespace signalbox::runs {

/// The runs that wait for approval: how many there are, and the end of those that nobody approves in time.
/// Derived from the journal, and rebuilt from it at a start. [loop thread]
class Approvals {
  public:
    /// All must outlive this and the executor's tasks.
    Approvals(Executor& executor, const Clock& clock, journal::Journal& journal,
              MetricsSink& metrics);
    ~Approvals();  ///< the executor must still be there
    Approvals(const Approvals&) = delete;
    Approvals& operator=(const Approvals&) = delete;

    /// A run that waits from now on, or did when the journal was opened. `deadline_ms` is Unix time; 0: none.
    void add(journal::Sequence sequence, std::int64_t deadline_ms);
    /// To be told of each committed change: a run that does not wait any more is forgotten.
    void moved(const journal::Run& run);

    std::size_t waiting() const { return waiting_.size(); }

  private:
    void forget(journal::Sequence sequence);
    void set_timer();
    void expire();
    void expired(journal::Sequence sequence, const Result<journal::Run>& result);
    void show();

    Executor& executor_;
    const Clock& clock_;
    journal::Journal& journal_;
    MetricsSink& metrics_;
    // Counted on the steady clock: setting the machine's clock neither hurries nor delays anybody.
    std::unordered_map<journal::Sequence, std::int64_t> waiting_;  // 0: no deadline
    std::set<std::pair<std::int64_t, journal::Sequence>> deadlines_;
    TimerId timer_ = 0;
    std::int64_t timer_ms_ = 0;
};

}  // namespace signalbox::runs
