#include "journal/ahead/unfiled.hpp"

#include <string>
#include <variant>

#include "base/limits.hpp"
#include "journal/sqlite/refusals.hpp"

namespace signalbox::journal::ahead {

Unfiled::Unfiled(Position start, std::size_t portion_bytes, LogSink& log, std::function<void()> ask)
    : portion_bytes_(portion_bytes),
      ask_(std::move(ask)),
      added_to_(start),
      filed_(start.frames),
      trouble_(log, sqlite::Trouble::of_filing) {}

void Unfiled::add(Changes& changes, Position position, std::size_t bytes) {
    std::unique_lock lock(mutex_);
    added_.absorb(changes);
    added_to_ = position;
    added_bytes_ += bytes;
    if (failure_) is_wanted_ = true;  // whether it works again
    ask_if_needed(lock);
}

std::optional<UnfiledRun> Unfiled::find(const sqlite::RunName& name) const {
    const std::lock_guard lock(mutex_);
    if (const auto* sequence = std::get_if<Sequence>(&name)) {
        const ChangedRun* run = newest(*sequence);
        return run != nullptr ? std::optional(described(*run)) : std::nullopt;
    }
    const std::string& id = std::get<std::string>(name);
    const ChangedRun* run = added_.find_new(id);
    if (run == nullptr && taken_) run = taken_->changes->find_new(id);
    return run != nullptr ? std::optional(described(*newest(run->sequence))) : std::nullopt;
}

std::optional<UnfiledRun> Unfiled::find_by_key(const RunSeed& seed) const {
    const std::lock_guard lock(mutex_);
    const ChangedRun* run = added_.find_new_by_key(seed);
    if (run == nullptr && taken_) run = taken_->changes->find_new_by_key(seed);
    return run != nullptr ? std::optional(described(*newest(run->sequence))) : std::nullopt;
}

std::optional<Run> Unfiled::take_recent(Sequence sequence) {
    const std::lock_guard lock(mutex_);
    return recent_.take(sequence);
}

void Unfiled::when_filed(Then then) {
    std::unique_lock lock(mutex_);
    if (filed_ == added_to_.frames) {
        lock.unlock();
        return then(nullptr);
    }
    if (waiting_.size() >= limits::journal_reads_max) {
        lock.unlock();
        const Error busy = sqlite::busy_error("reads", limits::journal_reads_max);
        return then(&busy);
    }
    waiting_.push_back({added_to_.frames, std::move(then)});
    is_wanted_ = true;
    ask_if_needed(lock);
}

Result<Done> Unfiled::await(std::uint64_t frames) {
    std::unique_lock lock(mutex_);
    if (filed_ >= frames) return Done{};
    failure_.reset();  // what failed before is tried again
    is_wanted_ = true;
    ask_if_needed(lock);
    if (!lock.owns_lock()) lock.lock();
    changed_.wait(lock, [&] { return filed_ >= frames || failure_; });
    if (filed_ >= frames) return Done{};
    return *failure_;
}

Result<Done> Unfiled::await_all() {
    std::unique_lock lock(mutex_);
    const std::uint64_t frames = added_to_.frames;
    lock.unlock();
    return await(frames);
}

void Unfiled::hurry(bool at_once) {
    std::unique_lock lock(mutex_);
    is_hurried_ = at_once;
    if (at_once) ask_if_needed(lock);
}

std::optional<Unfiled::Portion> Unfiled::take() {
    const std::lock_guard lock(mutex_);
    is_asked_ = false;
    if (taken_) return taken_;
    if (filed_ == added_to_.frames) return std::nullopt;
    taken_ = Portion{std::make_shared<const Changes>(std::move(added_)), added_to_};
    added_ = Changes();
    added_bytes_ = 0;
    is_wanted_ = false;
    return taken_;
}

void Unfiled::filed() {
    std::vector<Then> done;
    std::optional<Portion> portion;  // given up once the lock is
    {
        std::unique_lock lock(mutex_);
        portion = std::exchange(taken_, std::nullopt);
        for (const ChangedRun* run : portion->changes->runs()) {
            // What has changed since is found among what was added. One that is not in flight takes the place of
            // what it was: it may have been found, changed and added while a portion before this one was filed.
            if (added_.find(run->sequence) == nullptr)
                recent_.keep(Run{run->sequence, without_bodies(*run->seed), run->state});
        }
        filed_ = portion->position.frames;
        failure_.reset();
        done = take_waiting(filed_);
        changed_.notify_all();
        ask_if_needed(lock);
    }
    trouble_.clear();
    for (const Then& then : done)
        then(nullptr);
}

void Unfiled::failed(const Error& error) {
    std::vector<Then> done;
    {
        const std::lock_guard lock(mutex_);
        is_asked_ = false;  // it may not have come as far as take()
        is_wanted_ = false;
        // What was asked for while a portion was being filed may find nothing left, and at the end nobody to do it.
        if (!taken_ && filed_ == added_to_.frames) return;
        failure_ = error;
        done = take_waiting(added_to_.frames);
        changed_.notify_all();
    }
    trouble_.set(error);
    for (const Then& then : done)
        then(&error);
}

const ChangedRun* Unfiled::newest(Sequence sequence) const {
    const ChangedRun* run = added_.find(sequence);
    if (run == nullptr && taken_) run = taken_->changes->find(sequence);
    return run;
}

UnfiledRun Unfiled::described(const ChangedRun& run) const {
    UnfiledRun found{run.sequence, run.seed, run.state, run.is_new, 0};
    const ChangedRun* taken = taken_ ? taken_->changes->find(run.sequence) : nullptr;
    if (taken != nullptr) {
        found.is_new = found.is_new || taken->is_new;
        if (taken->is_new) found.seed = taken->seed;
        if (!taken->lines.empty()) found.lines = taken->lines.back().number;
    }
    if (!run.lines.empty()) found.lines = run.lines.back().number;
    return found;
}

void Unfiled::ask_if_needed(std::unique_lock<std::mutex>& lock) {
    const bool is_due = added_bytes_ >= portion_bytes_ || is_wanted_ || is_hurried_;
    const bool is_there = taken_ || filed_ != added_to_.frames;
    if (is_asked_ || !is_due || !is_there) return;
    is_asked_ = true;
    lock.unlock();
    ask_();
}

std::vector<Unfiled::Then> Unfiled::take_waiting(std::uint64_t frames) {
    std::vector<Then> taken;
    for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
        if (waiting->frames <= frames) {
            taken.push_back(std::move(waiting->then));
            waiting = waiting_.erase(waiting);
        } else {
            ++waiting;
        }
    }
    if (!waiting_.empty()) is_wanted_ = true;
    return taken;
}

}  // namespace signalbox::journal::ahead
