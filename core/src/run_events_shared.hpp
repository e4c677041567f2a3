#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "calls.hpp"
#include "runs/feed.hpp"
#include "signalbox/run_events.hpp"

namespace signalbox {

/// Between the loop, which fills, and one of the host's threads, which takes.
struct RunEvents::Shared {
    std::mutex mutex;
    std::condition_variable filled;
    std::deque<runs::RunEventPtr> queue;
    std::size_t bytes = 0;
    bool complete = true;
    bool lagged = false;
    bool ended = false;     // nothing will be added
    bool abandoned = false;  // the reader has gone
    std::function<void()> wake;
    std::shared_ptr<Gate> gate;
    // [loop thread]; goes when the reader has gone, it lagged, or the loop ends.
    std::shared_ptr<runs::Subscription> subscription;

    /// [loop thread] Takes over what the subscription holds.
    void fill();
    /// [loop thread, or after it] Nothing more will come.
    void end(bool lagged_behind);
};

}  // namespace signalbox
