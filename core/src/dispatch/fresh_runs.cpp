#include "dispatch/fresh_runs.hpp"

#include <utility>

namespace signalbox::dispatch {
namespace {

std::size_t bytes_of(const FreshRuns::Fresh& run) {
    const journal::RunSeed& seed = *run.seed;
    return sizeof(journal::Run) + seed.properties.size() + seed.entity.size() +
           seed.method.size() + seed.payload.size();
}

}  // namespace

void FreshRuns::keep(journal::Sequence sequence, Fresh run) {
    const std::size_t bytes = bytes_of(run);
    if (bytes_ + bytes > bytes_max_) return;
    if (runs_.emplace(sequence, std::move(run)).second) bytes_ += bytes;
}

std::optional<FreshRuns::Fresh> FreshRuns::take(journal::Sequence sequence) {
    const auto found = runs_.find(sequence);
    if (found == runs_.end()) return std::nullopt;
    Fresh run = std::move(found->second);
    runs_.erase(found);
    bytes_ -= bytes_of(run);
    return run;
}

}  // namespace signalbox::dispatch
