#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace signalbox {

using Task = std::function<void()>;

/// Names a timer for cancel(); 0 names none.
using TimerId = std::uint64_t;

/// One thread's queue and timers. Everything that belongs to a loop (connections, slots, schedules) is
/// touched from its tasks only, so it needs no lock. The epoll loop is one; tests bring one whose time
/// stands still until it is moved.
class Executor {
  public:
    virtual ~Executor() = default;

    /// [any thread] Runs `task` soon on the executor's thread, after what was posted before it.
    /// A task must not throw. After the executor has stopped, tasks are dropped.
    virtual void post(Task task) = 0;

    /// [any thread] On its own thread: runs `task` when what the executor is at is done, before it waits for
    /// more. On another, and where an executor has no such moment: as post().
    virtual void at_round_end(Task task) { post(std::move(task)); }

    /// [own thread] Runs `task` once Clock::steady_ms() has reached `steady_ms`; never early.
    virtual TimerId at(std::int64_t steady_ms, Task task) = 0;

    /// [own thread] Forgets a timer that has not run yet; any other id is ignored.
    virtual void cancel(TimerId timer) = 0;
};

}  // namespace signalbox
