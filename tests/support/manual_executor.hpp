#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "base/executor.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/random.hpp"

/// Time and threads that stand still until a test moves them.
namespace signalbox::test {

class ManualClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return wall_ms_; }
    std::int64_t steady_ms() const override { return steady_ms_; }
    std::int64_t steady_us() const override { return steady_ms_ * 1000; }
    void pass(std::int64_t ms) { wall_ms_ += ms, steady_ms_ += ms; }
    void set_wall_ms(std::int64_t wall_ms) { wall_ms_ = wall_ms; }

  private:
    std::int64_t wall_ms_ = 1'700'000'000'000;
    std::int64_t steady_ms_ = 5'000;
};

/// Runs what was posted when told to, and timers as its clock is moved. [one thread]
class ManualExecutor final : public Executor {
  public:
    explicit ManualExecutor(ManualClock& clock) : clock_(clock) {}

    void post(Task task) override { tasks_.push_back(std::move(task)); }
    TimerId at(std::int64_t steady_ms, Task task) override {
        const TimerId id = ++last_;
        timers_.emplace(std::make_pair(steady_ms, id), std::move(task));
        return id;
    }
    void cancel(TimerId timer) override {
        for (auto it = timers_.begin(); it != timers_.end(); ++it) {
            if (it->first.second == timer) return void(timers_.erase(it));
        }
    }

    /// Until nothing is posted and no timer is due.
    void settle() {
        while (true) {
            if (!tasks_.empty()) {
                Task task = std::move(tasks_.front());
                tasks_.pop_front();
                task();
            } else if (!timers_.empty() && timers_.begin()->first.first <= clock_.steady_ms()) {
                Task task = std::move(timers_.begin()->second);
                timers_.erase(timers_.begin());
                task();
            } else {
                return;
            }
        }
    }
    /// Moves the clock, stopping at every timer on the way.
    void pass(std::int64_t ms) {
        const std::int64_t end_ms = clock_.steady_ms() + ms;
        settle();
        while (!timers_.empty() && timers_.begin()->first.first <= end_ms) {
            clock_.pass(timers_.begin()->first.first - clock_.steady_ms());
            settle();
        }
        clock_.pass(end_ms - clock_.steady_ms());
        settle();
    }
    std::size_t timers() const { return timers_.size(); }
    /// As a process that dies: nothing of it will run.
    void forget() { tasks_.clear(), timers_.clear(); }

  private:
    ManualClock& clock_;
    std::deque<Task> tasks_;
    std::map<std::pair<std::int64_t, TimerId>, Task> timers_;
    TimerId last_ = 0;
};

/// Half of everything: a jitter of nothing.
class MiddleRandom final : public Random {
  public:
    void fill(std::uint8_t* bytes, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) bytes[i] = i + 1 == size ? 0x7f : 0xff;
    }
};

}  // namespace signalbox::test
