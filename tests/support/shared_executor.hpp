#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"

/// Time that stands still for threads that do not.
namespace signalbox::test {

/// A clock that threads may read while the test moves it.
class SharedClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return now_ms; }
    std::int64_t steady_ms() const override { return now_ms; }
    std::int64_t steady_us() const override { return now_ms * 1000; }
    std::atomic<std::int64_t> now_ms{1'000};
};

/// An executor whose tasks come from other threads and are run by the test.
class SharedExecutor final : public Executor {
  public:
    explicit SharedExecutor(SharedClock& clock) : clock_(clock) {}

    void post(Task task) override {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        posted_.notify_all();
    }
    TimerId at(std::int64_t steady_ms, Task task) override {
        timers_.emplace(++last_, std::make_pair(steady_ms, std::move(task)));
        return last_;
    }
    void cancel(TimerId timer) override { timers_.erase(timer); }

    /// Runs what is posted until `done`; waits for more to be posted where it is not.
    template <class Done>
    void run_until(Done&& done) {
        while (!done()) {
            std::unique_lock lock(mutex_);
            posted_.wait(lock, [this] { return !tasks_.empty(); });
            Task task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
    }
    /// Moves the clock and runs the timers that are due then.
    void pass(std::int64_t ms) {
        clock_.now_ms += ms;
        std::vector<Task> due;
        for (auto it = timers_.begin(); it != timers_.end();) {
            if (it->second.first > clock_.now_ms) {
                ++it;
                continue;
            }
            due.push_back(std::move(it->second.second));
            it = timers_.erase(it);
        }
        for (const Task& task : due)
            task();
    }

  private:
    SharedClock& clock_;
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<Task> tasks_;
    std::map<TimerId, std::pair<std::int64_t, Task>> timers_;
    TimerId last_ = 0;
};

class CountingLog final : public LogSink {
  public:
    void write(const LogEvent& event) override { names.emplace_back(event.name); }
    std::vector<std::string> names;
};

/// A door that a test opens.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void await(int waiting) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= waiting; });
    }
    int waiting() {
        const std::lock_guard lock(mutex_);
        return waiting_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int waiting_ = 0;
};

}  // namespace signalbox::test
