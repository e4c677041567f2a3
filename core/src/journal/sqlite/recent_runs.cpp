#include "journal/sqlite/recent_runs.hpp"

#include <cstddef>
#include <utility>

namespace signalbox::journal::sqlite {
namespace {

/// More than are in flight as a rule. Numbers are dense, so the newest ones share no slot.
constexpr std::size_t slots = 1'024;

/// Bounds what all slots together may hold.
constexpr std::size_t run_bytes_max = 8 * 1'024;

std::size_t bytes_of(const Run& run) {
    const RunState& state = run.state;
    std::size_t bytes = state.link.size() + state.summary.size() + state.reason.size() +
                        state.plugin_state.size() + run.seed.idempotency_key.size();
    if (state.open) {
        bytes += state.open->request.url.size() + state.open->request.head.size();
        if (state.open->request.body) bytes += state.open->request.body->size();
    }
    return bytes;
}

bool is_worth_keeping(const Run& run) {
    return run.state.open && bytes_of(run) <= run_bytes_max;
}

}  // namespace

RecentRuns::RecentRuns() : slots_(slots) {}

void RecentRuns::keep(const Run& run) {
    if (!is_worth_keeping(run)) return drop(run.sequence);
    slot_of(run.sequence) = run;
}

void RecentRuns::keep(Run&& run) {
    if (!is_worth_keeping(run)) return drop(run.sequence);
    slot_of(run.sequence) = std::move(run);
}

std::optional<Run> RecentRuns::take(Sequence sequence) {
    Run& slot = slot_of(sequence);
    if (slot.sequence != sequence || sequence == 0) return std::nullopt;
    Run run = std::move(slot);
    slot.sequence = 0;
    return run;
}

void RecentRuns::clear() {
    for (Run& slot : slots_)
        slot = Run{};
}

Run& RecentRuns::slot_of(Sequence sequence) {
    return slots_[static_cast<std::size_t>(sequence) % slots];
}

void RecentRuns::drop(Sequence sequence) {
    Run& slot = slot_of(sequence);
    if (slot.sequence == sequence) slot = Run{};
}

}  // namespace signalbox::journal::sqlite
