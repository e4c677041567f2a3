#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "signalbox/run_event.hpp"
#include "signalbox/visibility.hpp"

namespace signalbox {

/// Which events, and from where on.
struct SubscribeOptions {
    std::string run_id;                  ///< empty: all runs
    std::optional<std::uint64_t> after;  ///< go on after this number
    /// Runs on Signalbox's loop when there is something to take, and once when it is over (at a stop, on the
    /// thread that stops): for hosts with a loop of their own. Must return at once, and call nothing here.
    std::function<void()> wake;
};

/// The events of one run or of all, as they happen. Bounded: a reader that is slower than what happens is
/// told (lagged()) instead of slowing others down. One thread at a time; may outlive its Dispatcher.
class SIGNALBOX_API RunEvents {
  public:
    ~RunEvents();
    RunEvents(const RunEvents&) = delete;
    RunEvents& operator=(const RunEvents&) = delete;

    /// The next event; waits for at most `wait_ms` (0: not at all; the machine's clock, not the seam's).
    /// None: nothing came, or nothing more will (over()).
    std::optional<RunEvent> next(std::int64_t wait_ms);

    /// False: `after` named a number that is not kept any more, or that another start gave. Events are
    /// missing: take the run's present state from find() first.
    bool complete() const;
    /// Everything has been taken and nothing more will come: it lagged, or the dispatcher has stopped.
    bool over() const;
    /// More waited than is kept for one reader. Take what is there, then subscribe again, after the last
    /// number taken.
    bool lagged() const;

  private:
    friend class Dispatcher;
    struct SIGNALBOX_INSIDE Shared;
    explicit RunEvents(std::shared_ptr<Shared> shared);
    std::shared_ptr<Shared> shared_;
};

}  // namespace signalbox
