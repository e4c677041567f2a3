#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/executor.hpp"

namespace signalbox::net {

/// A heap of deadlines. Nearly all are cancelled before they are due, so cancelling frees the task
/// at once and leaves a stale entry, and stale entries are swept before they outnumber the live
/// ones. One thread.
class Timers {
  public:
    TimerId add(std::int64_t at_ms, Task task);
    /// An id that has run, was cancelled, or never was is ignored.
    void cancel(TimerId timer);

    /// The earliest deadline; empty when nothing is armed.
    std::optional<std::int64_t> next_ms();
    /// Runs what is due and was armed before this call, by deadline and then in the order of
    /// arming.
    void run_due(std::int64_t now_ms);

    std::size_t armed() const { return slots_.size() - free_.size(); }
    /// Entries held, stale ones included: what the sweep bounds.
    std::size_t entries() const { return heap_.size(); }

  private:
    struct Entry {
        std::int64_t at_ms;
        std::uint64_t sequence;
        std::uint32_t slot;
        std::uint32_t generation;
    };
    struct Slot {
        Task task;
        std::uint32_t generation = 1;
    };

    static bool later(const Entry& a, const Entry& b);
    bool stale(const Entry& entry) const;
    Task release(std::uint32_t slot);
    void pop();
    void sweep();

    std::vector<Entry> heap_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace signalbox::net
