#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "signalbox/run_event.hpp"

/// The events of runs, in memory: the last ones are kept so that whoever lost the connection can go on
/// where it was. Where nobody listens, and nobody did for FeedBounds::resume_ms_max, none are. Nothing here
/// is in the journal, and all of it may be forgotten.
namespace signalbox::runs {

using RunEventPtr = std::shared_ptr<const RunEvent>;

struct FeedBounds {
    std::size_t events_max = limits::feed_events_max;
    std::size_t bytes_max = limits::feed_bytes_max;
    std::size_t queue_events_max = limits::feed_queue_events_max;
    std::size_t queue_bytes_max = limits::feed_queue_bytes_max;
    std::int64_t resume_ms_max = 300'000;  ///< so long events are kept for listeners that have all gone
};

class Feed;

/// One subscriber's bounded queue. Ends with its last owner. [loop thread]
class Subscription final : public std::enable_shared_from_this<Subscription> {
  public:
    ~Subscription();
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    /// The next event, or null where there is none now.
    RunEventPtr next();

    /// False where the subscriber asked to go on after a number and not everything behind it is kept any
    /// more (or it is of another start): then it must take the run's present state first. Take that state
    /// after subscribing; events that follow may be a little older than it.
    bool complete() const { return complete_; }

    /// The queue was full: what it holds can still be taken, and nothing will be added. Subscribe again,
    /// after the number of the last event taken.
    bool lagged() const { return lagged_; }

  private:
    friend class Feed;
    Subscription(Feed& feed, std::string run_id, std::function<void()> wake)
        : feed_(&feed), run_id_(std::move(run_id)), wake_(std::move(wake)) {}
    /// True where somebody has to be woken.
    bool add(const RunEventPtr& event, const FeedBounds& bounds);

    Feed* feed_;  // null once the feed is gone
    const std::string run_id_;
    const std::function<void()> wake_;
    std::deque<RunEventPtr> queue_;
    std::size_t bytes_ = 0;
    bool complete_ = true;
    bool lagged_ = false;
};

/// [loop thread] throughout.
class Feed {
  public:
    /// Numbers begin after `started_wall_ms` thousandfold, so that a number of an earlier start is
    /// recognised.
    explicit Feed(std::int64_t started_wall_ms, FeedBounds bounds = {});
    ~Feed();
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    /// Numbers the event, keeps it for who may come back and hands it to who listens. `make`, which gives the
    /// event without its number and time, is not called where there is nobody to tell.
    template <class Make>
    void publish(std::int64_t at_ms, Make make) {
        ++last_number_;
        if (!has_audience(at_ms)) return forget_all();
        RunEvent event = make();
        event.number = last_number_;
        event.at_ms = at_ms;
        hand_out(std::move(event));
    }

    /// To one run's events, or to all with an empty id. With `after`, first those kept that have a larger
    /// number. `wake` (may be null) runs on the loop each time the queue is no longer empty, and when it
    /// lags; it may end subscriptions. It never runs inside subscribe(): look at next() first.
    std::shared_ptr<Subscription> subscribe(std::string run_id, std::optional<std::uint64_t> after,
                                            std::function<void()> wake);

    /// Of the last event, or the number before the first.
    std::uint64_t last_number() const { return last_number_; }
    std::size_t subscribers() const { return all_.size() + by_run_.size(); }

  private:
    friend class Subscription;
    void forget(Subscription* subscription);
    bool has_audience(std::int64_t at_ms);
    void hand_out(RunEvent event);
    void keep(RunEventPtr event);
    void forget_all();

    const FeedBounds bounds_;
    std::uint64_t last_number_;
    std::uint64_t forgotten_;  // the largest number that is not kept (any more)
    std::deque<RunEventPtr> kept_;
    std::size_t kept_bytes_ = 0;
    bool listened_to_ = false;                    // somebody listens, or may come back
    std::optional<std::int64_t> alone_since_ms_;  // the time of the first event that nobody heard
    std::vector<Subscription*> all_;
    std::unordered_multimap<std::string, Subscription*> by_run_;
};

}  // namespace signalbox::runs
