#include "dispatch/backlog.hpp"

#include <algorithm>

namespace signalbox::dispatch {

void Backlog::add(journal::Sequence sequence, const std::string& action, std::int64_t due_ms,
                  std::int64_t now_ms) {
    const std::uint32_t number = number_of(action);
    if (due_ms <= now_ms) return put(number, {due_ms, sequence});
    later_.push({due_ms, sequence, number});
}

std::optional<journal::Sequence> Backlog::take(std::int64_t now_ms) {
    ripen(now_ms);
    if (turns_.empty()) return std::nullopt;
    const std::uint32_t number = turns_.front();
    turns_.pop_front();
    std::deque<Due>& share = shares_[number];
    const journal::Sequence sequence = share.front().sequence;
    share.pop_front();
    --due_;
    if (!share.empty()) turns_.push_back(number);
    return sequence;
}

bool Backlog::any_due(std::int64_t now_ms) {
    ripen(now_ms);
    return due_ != 0;
}

std::optional<std::int64_t> Backlog::next_due_ms() const {
    if (const auto oldest = oldest_due_ms()) return oldest;
    if (later_.empty()) return std::nullopt;
    return later_.top().due_ms;
}

std::int64_t Backlog::overdue_ms(std::int64_t now_ms) const {
    const auto next = next_due_ms();
    return next ? std::max<std::int64_t>(0, now_ms - *next) : 0;
}

std::uint32_t Backlog::number_of(const std::string& action) {
    const auto next = static_cast<std::uint32_t>(shares_.size());
    const auto [found, added] = numbers_.try_emplace(action, next);
    if (added) shares_.emplace_back();
    return found->second;
}

void Backlog::put(std::uint32_t action, Due due) {
    std::deque<Due>& share = shares_[action];
    if (share.empty()) turns_.push_back(action);
    share.push_back(due);
    ++due_;
}

void Backlog::ripen(std::int64_t now_ms) {
    while (!later_.empty() && later_.top().due_ms <= now_ms) {
        const Later& first = later_.top();
        put(first.action, {first.due_ms, first.sequence});
        later_.pop();
    }
}

std::optional<std::int64_t> Backlog::oldest_due_ms() const {
    std::optional<std::int64_t> oldest;
    for (const std::uint32_t number : turns_) {
        const std::int64_t due_ms = shares_[number].front().due_ms;
        oldest = oldest ? std::min(*oldest, due_ms) : due_ms;
    }
    return oldest;
}

}  // namespace signalbox::dispatch
