#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/executor.hpp"
#include "dispatch/backlog.hpp"
#include "dispatch/breaker.hpp"
#include "dispatch/ordering.hpp"
#include "dispatch/target.hpp"

namespace signalbox::dispatch {

/// A connection's share of the machine: how many attempts may be under way, how fast they may start,
/// whether any may start at all, and which runs wait. Times are Clock::steady_ms(). [loop thread]
class Lane {
  public:
    Lane(Target target, std::int64_t now_ms);

    /// Puts new settings in the place of the old ones.
    void retarget(Target target, std::int64_t now_ms);

    std::shared_ptr<const Target> target;
    Breaker breaker;
    Ordering ordering;
    TimerId timer = 0;     ///< the engine's, for this lane's next due time
    bool in_turn = false;  ///< the engine's: it stands in the round

    /// The figures that were last shown, so that only changes are.
    struct Shown {
        std::int32_t in_flight = -1;
        std::size_t waiting = static_cast<std::size_t>(-1);
        std::int64_t first_due_ms = -1;
    };
    Shown shown;

    /// Takes a slot if one is free, the rate allows it, nothing pauses the lane, and nobody who waited
    /// is due before.
    bool take_unqueued(std::int64_t now_ms);
    struct Taken {
        journal::Sequence sequence = 0;
        std::int64_t deadline_ms = 0;  ///< 0: none
    };
    /// Takes a slot for the run whose turn it is; none: nobody is due, or no place.
    std::optional<Taken> take_waiting(std::int64_t now_ms);
    /// Gives a slot back. The close that frees it must be on its way to the journal before the open
    /// that takes it: then no crash finds more open attempts than slots.
    void release() { --in_flight_; }
    /// Gives a slot back that no attempt was made with.
    void give_back() {
        --in_flight_;
        breaker.withdrawn();
    }
    /// Takes back a slot whose close could not be committed.
    void retake() { ++in_flight_; }

    /// The deadline of a run that stands behind another in its line; 0: none.
    void watch(journal::Sequence sequence, std::int64_t deadline_ms);
    /// `deadline_ms` 0: none. One that was watched keeps its own.
    void wait(const journal::LiveRun& run, std::int64_t due_ms, std::int64_t deadline_ms,
              std::int64_t now_ms);

    /// Nothing starts before `until_ms`: the target asked for it.
    void pause(std::int64_t until_ms);

    /// A run whose deadline has passed before its turn, once each. Its place in the queue stays: it is
    /// skipped when its turn comes, unless the run waits again by then.
    std::optional<journal::Sequence> take_expired(std::int64_t now_ms);

    /// When take_waiting or take_expired may next succeed without a release: none while only a release
    /// can help.
    std::optional<std::int64_t> next_try_ms(std::int64_t now_ms) const;
    /// When take_expired may next succeed; none: never.
    std::optional<std::int64_t> next_expiry_ms() const;
    bool any_due(std::int64_t now_ms) { return backlog_.any_due(now_ms); }

    /// How long the run that is overdue most has been due; 0: none is, or the lane waits for its target
    /// to be well again, for which this process is not to blame.
    std::int64_t overdue_ms(std::int64_t now_ms) const {
        return now_ms < paused_until_ms_ || breaker.open() ? 0 : backlog_.overdue_ms(now_ms);
    }

    /// When the first in the queue is due; 0: there is none.
    std::int64_t first_due_ms() const { return backlog_.next_due_ms().value_or(0); }

    std::int32_t in_flight() const { return in_flight_; }
    /// Runs that wait for a place, or behind another of their line.
    std::size_t waiting() const { return backlog_.size() - expired_.size() + ordering.behind(); }

  private:
    bool place_free(std::int64_t now_ms);
    void take_place(std::int64_t now_ms);
    void refill(std::int64_t now_ms);
    std::optional<std::int64_t> next_start_ms(std::int64_t now_ms) const;

    Backlog backlog_;
    std::set<std::pair<std::int64_t, journal::Sequence>> deadlines_;
    struct Deadline {
        std::int64_t at_ms = 0;
        bool queued = false;  // it has a place in the queue
    };
    std::unordered_map<journal::Sequence, Deadline> deadline_of_;
    std::unordered_set<journal::Sequence> expired_;  // and still have a place in the queue
    std::int64_t paused_until_ms_ = 0;
    std::int32_t in_flight_ = 0;
    double tokens_;  // starts that the rate allows now; at most one second's worth
    std::int64_t refilled_ms_;
};

}  // namespace signalbox::dispatch
