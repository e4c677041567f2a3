#include "signalbox/run_events.hpp"

#include <chrono>

#include "base/limits.hpp"
#include "run_events_shared.hpp"

namespace signalbox {
namespace {

std::size_t bytes_of(const RunEvent& event) {
    return sizeof(RunEvent) + event.reason.size() + event.log_message.size();
}

}  // namespace

void RunEvents::Shared::fill() {
    bool tell = false;
    bool stop = false;
    bool behind = false;
    {
        const std::lock_guard lock(mutex);
        stop = abandoned;
        while (!stop && subscription) {
            const runs::RunEventPtr event = subscription->next();
            if (!event) break;
            const bool full = queue.size() >= limits::feed_queue_events_max ||
                              bytes + bytes_of(*event) > limits::feed_queue_bytes_max;
            if (full && !queue.empty()) {
                behind = true;
                break;
            }
            bytes += bytes_of(*event);
            queue.push_back(event);
            tell = true;
        }
        behind = behind || (subscription && subscription->lagged());
        if (tell) filled.notify_all();
    }
    if (stop || behind) return end(behind);
    if (tell && wake) wake();
}

void RunEvents::Shared::end(bool lagged_behind) {
    bool tell = false;
    {
        const std::lock_guard lock(mutex);
        if (!ended) {
            lagged = lagged_behind;
            ended = true;
            tell = !abandoned;
            filled.notify_all();
        }
    }
    subscription.reset();
    if (tell && wake) wake();
}

RunEvents::RunEvents(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

RunEvents::~RunEvents() {
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->abandoned = true;
    }
    // Where the loop is gone, it has let go already.
    (void)shared_->gate->post([shared = shared_] { shared->end(false); });
}

std::optional<RunEvent> RunEvents::next(std::int64_t wait_ms) {
    std::unique_lock lock(shared_->mutex);
    if (wait_ms > 0) {
        shared_->filled.wait_for(lock, std::chrono::milliseconds(wait_ms),
                                 [this] { return !shared_->queue.empty() || shared_->ended; });
    }
    if (shared_->queue.empty()) return {};
    const runs::RunEventPtr event = std::move(shared_->queue.front());
    shared_->queue.pop_front();
    shared_->bytes -= bytes_of(*event);
    return *event;
}

bool RunEvents::complete() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->complete;
}

bool RunEvents::over() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->ended && shared_->queue.empty();
}

bool RunEvents::lagged() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->lagged;
}

}  // namespace signalbox
