#include "net/timers.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::net {
namespace {

constexpr std::size_t kSweepFloor = 64;

TimerId name_of(std::uint32_t slot, std::uint32_t generation) {
    return (static_cast<std::uint64_t>(generation) << 32) | slot;
}

}  // namespace

bool Timers::later(const Entry& a, const Entry& b) {
    if (a.at_ms != b.at_ms) return a.at_ms > b.at_ms;
    return a.sequence > b.sequence;
}

bool Timers::stale(const Entry& entry) const {
    return slots_[entry.slot].generation != entry.generation;
}

TimerId Timers::add(std::int64_t at_ms, Task task) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    slots_[slot].task = std::move(task);
    const std::uint32_t generation = slots_[slot].generation;
    heap_.push_back({at_ms, next_sequence_++, slot, generation});
    std::push_heap(heap_.begin(), heap_.end(), later);
    return name_of(slot, generation);
}

Task Timers::release(std::uint32_t slot) {
    Task task = std::exchange(slots_[slot].task, nullptr);
    // Generation 0 is left out, so that no timer is ever named 0.
    if (++slots_[slot].generation == 0) slots_[slot].generation = 1;
    free_.push_back(slot);
    return task;
}

void Timers::cancel(TimerId timer) {
    const auto slot = static_cast<std::uint32_t>(timer);
    const auto generation = static_cast<std::uint32_t>(timer >> 32);
    if (generation == 0 || slot >= slots_.size() || slots_[slot].generation != generation) return;
    // The task dies at the end of this function, when the heap is sound again: its captures may own
    // something whose destructor comes back here.
    const Task dropped = release(slot);
    if (heap_.size() > kSweepFloor && heap_.size() > 2 * armed()) sweep();
}

void Timers::sweep() {
    std::erase_if(heap_, [this](const Entry& entry) { return stale(entry); });
    std::make_heap(heap_.begin(), heap_.end(), later);
}

void Timers::pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    heap_.pop_back();
}

std::optional<std::int64_t> Timers::next_ms() {
    while (!heap_.empty() && stale(heap_.front()))
        pop();
    if (heap_.empty()) return std::nullopt;
    return heap_.front().at_ms;
}

void Timers::run_due(std::int64_t now_ms) {
    // A task that arms a timer for "now" gets it in the next round: descriptors have their turn
    // first.
    const std::uint64_t armed_before = next_sequence_;
    while (const auto next = next_ms()) {
        const Entry top = heap_.front();
        if (*next > now_ms || top.sequence >= armed_before) return;
        pop();
        const Task task = release(top.slot);
        task();
    }
}

}  // namespace signalbox::net
