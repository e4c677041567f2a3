#include "runs/feed.hpp"

#include <algorithm>
#include <utility>

namespace signalbox {

const char* run_event_name(RunEventKind kind) {
    constexpr const char* kNames[] = {
        "accepted", "opened", "closed",    "retry_planned", "held",     "approved", "declined",
        "reported", "logged", "cancelled", "redelivered",   "finished", "changed",
        "approval_given"};
    return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace signalbox

namespace signalbox::runs {
namespace {

std::size_t bytes_of(const RunEvent& event) {
    return sizeof(RunEvent) + event.run_id.size() + event.action.size() + event.connection.size() +
           event.outcome.size() + event.reason.size() + event.status_label.size() +
           event.log_message.size();
}

}  // namespace

Subscription::~Subscription() {
    if (feed_) feed_->forget(this);
}

RunEventPtr Subscription::next() {
    if (queue_.empty()) return nullptr;
    RunEventPtr event = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= bytes_of(*event);
    return event;
}

bool Subscription::add(const RunEventPtr& event, const FeedBounds& bounds) {
    if (lagged_) return false;
    const bool was_empty = queue_.empty();
    const std::size_t bytes = bytes_of(*event);
    // One event always fits, however large: else its subscriber would never get past it.
    if (!was_empty &&
        (queue_.size() >= bounds.queue_events_max || bytes_ + bytes > bounds.queue_bytes_max)) {
        lagged_ = true;
        return true;
    }
    queue_.push_back(event);
    bytes_ += bytes;
    return was_empty;
}

Feed::Feed(std::int64_t started_wall_ms, FeedBounds bounds)
    : bounds_(bounds),
      last_number_(static_cast<std::uint64_t>(std::max<std::int64_t>(0, started_wall_ms)) * 1000),
      forgotten_(last_number_) {}

Feed::~Feed() {
    for (Subscription* subscription : all_)
        subscription->feed_ = nullptr;
    for (auto& [run_id, subscription] : by_run_)
        subscription->feed_ = nullptr;
}

/// Somebody listens, or did and may come back. Who has gone is waited for from the next event on, because
/// the feed has no clock, and until then nothing is added.
bool Feed::has_audience(std::int64_t at_ms) {
    if (subscribers() != 0) {
        alone_since_ms_.reset();
        return true;
    }
    if (!listened_to_) return false;
    if (!alone_since_ms_) alone_since_ms_ = at_ms;
    listened_to_ = at_ms - *alone_since_ms_ <= bounds_.resume_ms_max;
    return listened_to_;
}

void Feed::keep(RunEventPtr event) {
    kept_bytes_ += bytes_of(*event);
    kept_.push_back(std::move(event));
    while (kept_.size() > bounds_.events_max || kept_bytes_ > bounds_.bytes_max) {
        forgotten_ = kept_.front()->number;
        kept_bytes_ -= bytes_of(*kept_.front());
        kept_.pop_front();
    }
}

void Feed::forget_all() {
    forgotten_ = last_number_;
    if (kept_.empty()) return;
    std::deque<RunEventPtr>().swap(kept_);
    kept_bytes_ = 0;
}

void Feed::hand_out(RunEvent event) {
    const auto kept = std::make_shared<const RunEvent>(std::move(event));
    keep(kept);
    if (subscribers() == 0) return;

    // Who is woken may end its own subscription or another one's, so nobody is woken from inside
    // the lists, and all that are to be woken stay alive until they were.
    std::vector<std::shared_ptr<Subscription>> to_wake;
    const auto offer = [&](Subscription* subscription) {
        if (subscription->add(kept, bounds_)) to_wake.push_back(subscription->shared_from_this());
    };
    for (Subscription* subscription : all_)
        offer(subscription);
    const auto [first, last] = by_run_.equal_range(kept->run_id);
    for (auto it = first; it != last; ++it)
        offer(it->second);
    for (const auto& subscription : to_wake) {
        if (subscription->wake_) subscription->wake_();
    }
}

std::shared_ptr<Subscription> Feed::subscribe(std::string run_id,
                                              std::optional<std::uint64_t> after,
                                              std::function<void()> wake) {
    std::shared_ptr<Subscription> made(new Subscription(*this, run_id, std::move(wake)));
    if (after) {
        made->complete_ = *after >= forgotten_ && *after <= last_number_;
        const auto first =
            std::partition_point(kept_.begin(), kept_.end(),
                                 [&](const RunEventPtr& event) { return event->number <= *after; });
        if (made->complete_) {
            for (auto it = first; it != kept_.end() && !made->lagged_; ++it) {
                if (run_id.empty() || (*it)->run_id == run_id) made->add(*it, bounds_);
            }
        }
    }
    listened_to_ = true;
    alone_since_ms_.reset();
    if (run_id.empty()) {
        all_.push_back(made.get());
    } else {
        by_run_.emplace(std::move(run_id), made.get());
    }
    return made;
}

void Feed::forget(Subscription* subscription) {
    if (subscription->run_id_.empty()) {
        all_.erase(std::remove(all_.begin(), all_.end(), subscription), all_.end());
        return;
    }
    const auto [first, last] = by_run_.equal_range(subscription->run_id_);
    for (auto it = first; it != last; ++it) {
        if (it->second == subscription) return void(by_run_.erase(it));
    }
}

}  // namespace signalbox::runs
