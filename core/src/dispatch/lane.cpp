#include "dispatch/lane.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::dispatch {

Lane::Lane(Target target_, std::int64_t now_ms)
    : target(std::make_shared<const Target>(std::move(target_))),
      breaker(target->policy.breaker),
      tokens_(std::max(1.0, target->policy.per_second_max)),
      refilled_ms_(now_ms) {}

void Lane::retarget(Target new_target, std::int64_t now_ms) {
    target = std::make_shared<const Target>(std::move(new_target));
    breaker.adopt(target->policy.breaker, now_ms);
    paused_until_ms_ = std::min(paused_until_ms_, now_ms + target->policy.retry_after_max_ms);
}

void Lane::refill(std::int64_t now_ms) {
    const double rate = target->policy.per_second_max;
    tokens_ = std::min(std::max(1.0, rate),
                       tokens_ + rate * static_cast<double>(now_ms - refilled_ms_) / 1000.0);
    refilled_ms_ = now_ms;
}

bool Lane::place_free(std::int64_t now_ms) {
    if (in_flight_ >= target->policy.in_flight_max) return false;
    if (now_ms < paused_until_ms_ || !breaker.allows(now_ms)) return false;
    if (target->policy.per_second_max <= 0) return true;
    refill(now_ms);
    // A hair below one: the sum of many small refills may miss it by rounding, and the timer that
    // next_try_ms sets would then fire for nothing.
    return tokens_ > 1.0 - 1e-9;
}

void Lane::take_place(std::int64_t now_ms) {
    ++in_flight_;
    tokens_ -= 1.0;
    breaker.started(now_ms);
}

bool Lane::take_unqueued(std::int64_t now_ms) {
    if (backlog_.any_due(now_ms) || !place_free(now_ms)) return false;
    take_place(now_ms);
    return true;
}

std::optional<Lane::Taken> Lane::take_waiting(std::int64_t now_ms) {
    if (!backlog_.any_due(now_ms) || !place_free(now_ms)) return std::nullopt;
    auto sequence = backlog_.take(now_ms);
    while (sequence && expired_.erase(*sequence) != 0)
        sequence = backlog_.take(now_ms);
    if (!sequence) return std::nullopt;
    take_place(now_ms);
    Taken taken{*sequence, 0};
    if (const auto deadline = deadline_of_.find(*sequence); deadline != deadline_of_.end()) {
        taken.deadline_ms = deadline->second.at_ms;
        deadlines_.erase({taken.deadline_ms, *sequence});
        deadline_of_.erase(deadline);
    }
    return taken;
}

void Lane::watch(journal::Sequence sequence, std::int64_t deadline_ms) {
    if (deadline_ms == 0) return;
    if (deadline_of_.emplace(sequence, Deadline{deadline_ms, false}).second)
        deadlines_.emplace(deadline_ms, sequence);
}

void Lane::wait(const journal::LiveRun& run, std::int64_t due_ms, std::int64_t deadline_ms,
                std::int64_t now_ms) {
    if (expired_.erase(run.sequence) == 0)
        backlog_.add(run.sequence, run.action, due_ms, now_ms);
    watch(run.sequence, deadline_ms);
    if (const auto deadline = deadline_of_.find(run.sequence); deadline != deadline_of_.end())
        deadline->second.queued = true;
}

void Lane::pause(std::int64_t until_ms) {
    paused_until_ms_ = std::max(paused_until_ms_, until_ms);
}

std::optional<journal::Sequence> Lane::take_expired(std::int64_t now_ms) {
    if (deadlines_.empty() || deadlines_.begin()->first > now_ms) return std::nullopt;
    const journal::Sequence sequence = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    const auto deadline = deadline_of_.find(sequence);
    if (deadline->second.queued) expired_.insert(sequence);
    deadline_of_.erase(deadline);
    return sequence;
}

std::optional<std::int64_t> Lane::next_expiry_ms() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
}

std::optional<std::int64_t> Lane::next_start_ms(std::int64_t now_ms) const {
    const auto due_ms = backlog_.next_due_ms();
    if (!due_ms || in_flight_ >= target->policy.in_flight_max) return std::nullopt;
    std::int64_t at_ms = std::max({*due_ms, now_ms, paused_until_ms_});
    if (breaker.open()) {
        const auto probe_ms = breaker.next_ms();
        if (!probe_ms) return std::nullopt;  // the end of the probe that is under way decides
        at_ms = std::max(at_ms, *probe_ms);
    }
    const double rate = target->policy.per_second_max;
    if (rate > 0 && tokens_ < 1.0) {
        at_ms = std::max(at_ms, refilled_ms_ + static_cast<std::int64_t>(
                                                   std::ceil((1.0 - tokens_) * 1000.0 / rate)));
    }
    return at_ms;
}

std::optional<std::int64_t> Lane::next_try_ms(std::int64_t now_ms) const {
    const auto start_ms = next_start_ms(now_ms);
    if (deadlines_.empty()) return start_ms;
    const std::int64_t expiry_ms = std::max(deadlines_.begin()->first, now_ms);
    return start_ms ? std::min(*start_ms, expiry_ms) : expiry_ms;
}

}  // namespace signalbox::dispatch
