#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "base/executor.hpp"
#include "dispatch/target.hpp"

namespace signalbox::dispatch {

/// A connection's share of the machine: how many attempts may be under way, how fast they may
/// start, and which runs wait for a place. A waiting run is two numbers here; the rest of it is in
/// the journal, so a backlog costs memory by the dozen bytes. [loop thread]
class Lane {
  public:
    Lane(Target target, std::int64_t now_ms);

    Target target;
    TimerId timer = 0;  ///< the engine's, for this lane's next due time

    /// The figures that were last shown, so that only changes are.
    struct Shown {
        std::int32_t in_flight = -1;
        std::size_t waiting = static_cast<std::size_t>(-1);
        std::int64_t first_due_ms = -1;
    };
    Shown shown;

    /// Takes a slot if one is free, the rate allows it, and nobody who waited is due before.
    bool take_unqueued(std::int64_t now_ms);
    /// Takes a slot for the run that waits longest and is due; none: nobody, or no place.
    std::optional<journal::Sequence> take_waiting(std::int64_t now_ms);
    /// Gives a slot back. The close that frees it must be on its way to the journal before the open
    /// that takes it: then no crash finds more open attempts than slots.
    void release() { --in_flight_; }
    /// Takes back a slot whose close could not be committed.
    void retake() { ++in_flight_; }

    void wait(journal::Sequence sequence, std::int64_t due_ms);

    /// When take_waiting may next succeed without a release: none while only a release can help.
    std::optional<std::int64_t> next_try_ms(std::int64_t now_ms) const;

    /// How long the first in the queue has been due; 0: it is not, or there is none.
    std::int64_t overdue_ms(std::int64_t now_ms) const {
        return waiting_.empty() ? 0 : std::max<std::int64_t>(0, now_ms - waiting_.top().due_ms);
    }

    /// When the first in the queue is due; 0: there is none.
    std::int64_t first_due_ms() const { return waiting_.empty() ? 0 : waiting_.top().due_ms; }

    std::int32_t in_flight() const { return in_flight_; }
    std::size_t waiting() const { return waiting_.size(); }

  private:
    struct Waiting {
        std::int64_t due_ms;
        journal::Sequence sequence;
        bool operator>(const Waiting& other) const {
            return due_ms != other.due_ms ? due_ms > other.due_ms : sequence > other.sequence;
        }
    };

    bool place_free(std::int64_t now_ms);
    void refill(std::int64_t now_ms);

    std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting_;
    std::int32_t in_flight_ = 0;
    double tokens_;  // starts that the rate allows now; at most one second's worth
    std::int64_t refilled_ms_;
};

}  // namespace signalbox::dispatch
