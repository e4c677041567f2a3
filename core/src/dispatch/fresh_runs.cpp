#include "dispatch/fresh_runs.hpp"

#include <string>
#include <utility>

namespace signalbox::dispatch {
namespace {

std::size_t bytes_of(const journal::Run& run) {
    const journal::RunSeed& seed = run.seed;
    return sizeof(journal::Run) + seed.method.size() + seed.payload.size();
}

}  // namespace

void FreshRuns::keep(journal::Run run) {
    const std::size_t bytes = bytes_of(run);
    if (bytes_ + bytes > bytes_max_) return;
    std::string().swap(run.seed.properties);
    std::string().swap(run.seed.entity);
    const journal::Sequence sequence = run.sequence;
    if (runs_.emplace(sequence, std::move(run)).second) bytes_ += bytes;
}

std::optional<journal::Run> FreshRuns::take(journal::Sequence sequence) {
    const auto found = runs_.find(sequence);
    if (found == runs_.end()) return std::nullopt;
    journal::Run run = std::move(found->second);
    runs_.erase(found);
    bytes_ -= bytes_of(run);
    return run;
}

}  // namespace signalbox::dispatch
