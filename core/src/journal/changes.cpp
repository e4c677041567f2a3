#include "journal/changes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace signalbox::journal {
namespace {

/// Client and action are names, so no two keys of different scopes are spelt alike.
std::string scope_of(const RunSeed& seed) {
    return seed.client + '\n' + seed.action + '\n' + seed.idempotency_key;
}

template <class Value>
void append(std::vector<Value>& to, std::vector<Value>& from) {
    if (to.empty()) {
        to = std::move(from);
    } else {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    }
    from.clear();
}

}  // namespace

void Changes::insert(Sequence sequence, SharedSeed seed, RunState state) {
    auto run = std::make_unique<ChangedRun>();
    run->sequence = sequence;
    run->is_new = true;
    run->seed = std::move(seed);
    run->state = std::move(state);
    run->state_changed = true;
    add(std::move(run));
}

void Changes::change(Sequence sequence, const SharedSeed& seed, const RunState& state_before,
                     Change change, std::int64_t line_number, bool ends_first) {
    const auto found = places_.find(sequence);
    ChangedRun* run = found == places_.end() ? nullptr : runs_[found->second].get();
    if (run == nullptr) {
        auto fresh = std::make_unique<ChangedRun>();
        fresh->sequence = sequence;
        fresh->seed = seed;
        if (!change.state) fresh->state = state_before;
        run = &add(std::move(fresh));
    }
    if (change.state) {
        run->state = *std::move(change.state);
        run->state_changed = true;
    }
    if (change.attempt) {
        if (ends_first) {
            run->first = *std::move(change.attempt);
        } else {
            run->attempts.push_back(*std::move(change.attempt));
        }
    }
    if (change.log) {
        change.log->number = line_number;
        run->lines.push_back(*std::move(change.log));
    }
}

void Changes::keep(const std::vector<Rejection>& rejections) {
    rejections_.insert(rejections_.end(), rejections.begin(), rejections.end());
}

void Changes::tell_upstream(ToldUpstream told) {
    told_.push_back(std::move(told));
}

void Changes::absorb(Changes& later) {
    for (std::unique_ptr<ChangedRun>& later_run : later.runs_) {
        ChangedRun& run = *later_run;
        const auto found = places_.find(run.sequence);
        if (found == places_.end()) {
            add(std::move(later_run));
            continue;
        }
        ChangedRun& known = *runs_[found->second];
        if (run.state_changed) {
            known.state = std::move(run.state);
            known.state_changed = true;
        }
        if (run.first) known.first = std::move(run.first);
        append(known.attempts, run.attempts);
        append(known.lines, run.lines);
    }
    append(rejections_, later.rejections_);
    append(told_, later.told_);
    later.clear();
}

void Changes::clear() {
    runs_.clear();
    places_.clear();
    new_ids_.clear();
    new_keys_.clear();
    rejections_.clear();
    told_.clear();
}

const ChangedRun* Changes::find(Sequence sequence) const {
    const auto found = places_.find(sequence);
    return found == places_.end() ? nullptr : runs_[found->second].get();
}

const ChangedRun* Changes::find_new(std::string_view id) const {
    const auto found = new_ids_.find(id);
    return found == new_ids_.end() ? nullptr : runs_[found->second].get();
}

const ChangedRun* Changes::find_new_by_key(const RunSeed& seed) const {
    if (new_keys_.empty()) return nullptr;
    const auto found = new_keys_.find(scope_of(seed));
    return found == new_keys_.end() ? nullptr : runs_[found->second].get();
}

std::vector<const ChangedRun*> Changes::runs() const {
    std::vector<const ChangedRun*> runs;
    runs.reserve(runs_.size());
    for (const std::unique_ptr<ChangedRun>& run : runs_)
        runs.push_back(run.get());
    std::stable_sort(runs.begin(), runs.end(), [](const ChangedRun* left, const ChangedRun* right) {
        return left->sequence < right->sequence;
    });
    return runs;
}

ChangedRun& Changes::add(std::unique_ptr<ChangedRun> run) {
    const std::size_t place = runs_.size();
    places_.emplace(run->sequence, place);
    if (run->is_new) {
        new_ids_.emplace(run->seed->id, place);
        if (!run->seed->idempotency_key.empty()) new_keys_.emplace(scope_of(*run->seed), place);
    }
    return *runs_.emplace_back(std::move(run));
}

}  // namespace signalbox::journal
