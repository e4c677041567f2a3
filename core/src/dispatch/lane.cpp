#include "dispatch/lane.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::dispatch {

Lane::Lane(Target target_, std::int64_t now_ms)
    : target(std::move(target_)),
      tokens_(std::max(1.0, target.policy.per_second_max)),
      refilled_ms_(now_ms) {}

void Lane::refill(std::int64_t now_ms) {
    const double rate = target.policy.per_second_max;
    tokens_ = std::min(std::max(1.0, rate),
                       tokens_ + rate * static_cast<double>(now_ms - refilled_ms_) / 1000.0);
    refilled_ms_ = now_ms;
}

bool Lane::place_free(std::int64_t now_ms) {
    if (in_flight_ >= target.policy.in_flight_max) return false;
    if (target.policy.per_second_max <= 0) return true;
    refill(now_ms);
    // A hair below one: the sum of many small refills may miss it by rounding, and the timer that
    // next_try_ms sets would then fire for nothing.
    return tokens_ > 1.0 - 1e-9;
}

bool Lane::take_unqueued(std::int64_t now_ms) {
    if (!waiting_.empty() && waiting_.top().due_ms <= now_ms) return false;
    if (!place_free(now_ms)) return false;
    ++in_flight_;
    tokens_ -= 1.0;
    return true;
}

std::optional<journal::Sequence> Lane::take_waiting(std::int64_t now_ms) {
    if (waiting_.empty() || waiting_.top().due_ms > now_ms || !place_free(now_ms)) return {};
    const journal::Sequence sequence = waiting_.top().sequence;
    waiting_.pop();
    ++in_flight_;
    tokens_ -= 1.0;
    return sequence;
}

void Lane::wait(journal::Sequence sequence, std::int64_t due_ms) {
    waiting_.push({due_ms, sequence});
}

std::optional<std::int64_t> Lane::next_try_ms(std::int64_t now_ms) const {
    if (waiting_.empty() || in_flight_ >= target.policy.in_flight_max) return {};
    std::int64_t at_ms = std::max(waiting_.top().due_ms, now_ms);
    const double rate = target.policy.per_second_max;
    if (rate > 0 && tokens_ < 1.0) {
        at_ms = std::max(at_ms, refilled_ms_ + static_cast<std::int64_t>(
                                                   std::ceil((1.0 - tokens_) * 1000.0 / rate)));
    }
    return at_ms;
}

}  // namespace signalbox::dispatch
