#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/executor.hpp"
#include "signalbox/clock.hpp"

namespace signalbox::net {

/// One epoll loop: descriptors, timers, posted tasks. Sleeps until the next deadline and no less; one
/// eventfd wakes it for posted tasks. It is our own because Poco's SocketReactor wakes every 250 ms and
/// its PollSet cannot be woken from another thread.
class Loop final : public Executor {
  public:
    /// `clock` must outlive the loop.
    explicit Loop(const Clock& clock);
    ~Loop() override;
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Runs until stop(); [the thread that calls it is the loop's thread].
    void run();
    /// [any thread] Makes run() return after the current round.
    void stop();

    /// [before run()] What is told of an exception that leaves a task, a timer or a Ready. With it the
    /// loop goes on: the Ready's descriptor is forgotten, the task is over, everything else is untouched.
    /// Whoever owns what was under way ends it on the exception's way out. Without it the exception
    /// leaves run().
    using Fault = std::function<void(const std::string& what)>;
    void on_fault(Fault told);

    void post(Task task) override;
    void at_round_end(Task task) override;
    TimerId at(std::int64_t steady_ms, Task task) override;
    void cancel(TimerId timer) override;

    const Clock& clock() const { return clock_; }

    /// Told of readiness as epoll's event bits.
    using Ready = std::function<void(std::uint32_t events)>;
    /// [loop thread] Watches a descriptor (level-triggered unless EPOLLET is given) until forget().
    void watch(int descriptor, std::uint32_t events, Ready ready);
    static constexpr int callers_per_round = 32;
    /// The same for one who asks for something new. Its turn comes after all else that a round has to do, and
    /// a round has `callers_per_round` such turns, given in order: a crowd of callers cannot hold up what
    /// was begun, and is let in no faster than that comes to its end.
    void watch_caller(int descriptor, std::uint32_t events, Ready ready);
    void change(int descriptor, std::uint32_t events);
    /// After this no Ready of the descriptor runs, not even one already reported in this round.
    void forget(int descriptor);

  private:
    class Impl;
    const Clock& clock_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::net
