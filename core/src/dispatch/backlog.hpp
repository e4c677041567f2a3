#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "journal/journal.hpp"

namespace signalbox::dispatch {

/// The runs of one connection that wait for a place. Those that are due go out action by action in turn,
/// and within an action oldest due first, so that ten thousand runs of one action hold up the next run of
/// another by one turn. A run is two numbers here; the rest of it is in the journal. Times are
/// Clock::steady_ms(). [loop thread]
class Backlog {
  public:
    void add(journal::Sequence sequence, const std::string& action, std::int64_t due_ms,
             std::int64_t now_ms);
    /// Takes out the run whose turn it is; none: no run is due.
    std::optional<journal::Sequence> take(std::int64_t now_ms);

    bool any_due(std::int64_t now_ms);
    /// When a run is (or was) due next; none: nothing waits.
    std::optional<std::int64_t> next_due_ms() const;
    /// How long the run that is overdue most has been due; 0: none is.
    std::int64_t overdue_ms(std::int64_t now_ms) const;
    std::size_t size() const { return later_.size() + due_; }

  private:
    struct Later {
        std::int64_t due_ms;
        journal::Sequence sequence;
        std::uint32_t action;
        bool operator>(const Later& other) const {
            return due_ms != other.due_ms ? due_ms > other.due_ms : sequence > other.sequence;
        }
    };
    struct Due {
        std::int64_t due_ms;
        journal::Sequence sequence;
    };

    std::uint32_t number_of(const std::string& action);
    void put(std::uint32_t action, Due due);
    /// Moves what has become due to its action's queue.
    void ripen(std::int64_t now_ms);
    std::optional<std::int64_t> oldest_due_ms() const;

    std::priority_queue<Later, std::vector<Later>, std::greater<>> later_;
    std::unordered_map<std::string, std::uint32_t> numbers_;  // actions seen, which are few
    std::vector<std::deque<Due>> shares_;                     // by an action's number
    std::deque<std::uint32_t> turns_;                         // actions with due runs
    std::size_t due_ = 0;
};

}  // namespace signalbox::dispatch
