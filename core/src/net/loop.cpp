#include "net/loop.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "net/timers.hpp"

namespace signalbox::net {
namespace {

constexpr int kEventsPerRound = 256;
constexpr std::uint64_t kWakeKey = ~std::uint64_t{0};
constexpr std::uint64_t kCallersKey = kWakeKey - 1;

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// OpenSSL writes to sockets with write(2), so a peer that is gone would raise SIGPIPE. A library
/// must not install handlers; blocking the signal in the loop's own thread disturbs nobody.
class SigpipeBlocked {
  public:
    SigpipeBlocked() {
        sigemptyset(&sigpipe_);
        sigaddset(&sigpipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
    }
    ~SigpipeBlocked() {
        if (sigismember(&before_, SIGPIPE) == 1) return;
        // One that is pending by now would strike when the mask is restored.
        const timespec at_once{};
        while (sigtimedwait(&sigpipe_, nullptr, &at_once) == SIGPIPE) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    SigpipeBlocked(const SigpipeBlocked&) = delete;
    SigpipeBlocked& operator=(const SigpipeBlocked&) = delete;

  private:
    sigset_t sigpipe_{};
    sigset_t before_{};
};

}  // namespace

class Loop::Impl {
  public:
    explicit Impl(const Clock& clock) : clock_(clock) {
        epoll_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
        callers_ = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
        wake_ = checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
        // Edge-triggered, so the counter never needs to be read.
        epoll_event event{};
        event.events = EPOLLIN | EPOLLET;
        event.data.u64 = kWakeKey;
        checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event), "epoll_ctl");
        event.events = EPOLLIN;
        event.data.u64 = kCallersKey;
        checked(epoll_ctl(epoll_, EPOLL_CTL_ADD, callers_, &event), "epoll_ctl");
    }

    ~Impl() {
        drop_posted();
        close(wake_);
        close(callers_);
        close(epoll_);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void run() {
        const SigpipeBlocked guard;
        thread_ = std::this_thread::get_id();
        std::array<epoll_event, kEventsPerRound> events{};
        std::vector<Task> tasks;
        for (;;) {
            const int timeout_ms = prepare_to_sleep();
            int count = 0;
            if (timeout_ms != kStopped) {
                count = epoll_wait(epoll_, events.data(), kEventsPerRound, timeout_ms);
            }
            if (!wake_up(tasks)) break;
            bool callers = false;
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                callers = callers || event.data.u64 == kCallersKey;
                dispatch(event);
            }
            // A timer that throws is over; those that were due after it run in the next round.
            guarded([this] { timers_.run_due(clock_.steady_ms()); });
            for (Task& task : tasks)
                guarded(task);
            tasks.clear();
            if (callers) {
                count = epoll_wait(callers_, events.data(), callers_per_round, 0);
                for (int i = 0; i < count; ++i)
                    dispatch(events[static_cast<std::size_t>(i)]);
            }
            end_round();
            bury();
        }
        tasks.clear();
        drop_posted();
        at_round_end_.clear();
        bury();
        thread_ = std::thread::id();
    }

    void stop() {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        wake_locked();
    }

    void post(Task task) {
        {
            const std::lock_guard lock(mutex_);
            if (!stopped_) {
                posted_.push_back(std::move(task));
                wake_locked();
            }
        }
    }

    void at_round_end(Task task) {
        if (thread_ != std::this_thread::get_id()) return post(std::move(task));
        at_round_end_.push_back(std::move(task));
    }

    void watch(int descriptor, std::uint32_t events, Ready ready, bool caller) {
        const auto index = static_cast<std::size_t>(descriptor);
        if (watches_.size() <= index) watches_.resize(index + 1);
        auto watch = std::make_unique<Watch>();
        watch->generation = ++next_generation_;
        watch->events = events;
        watch->epoll = caller ? callers_ : epoll_;
        watch->ready = std::move(ready);
        epoll_event event{};
        event.events = events;
        event.data.u64 = key(descriptor, watch->generation);
        checked(epoll_ctl(watch->epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
        watches_[index] = std::move(watch);
    }

    void change(int descriptor, std::uint32_t events) {
        Watch* watch = find(descriptor);
        if (watch == nullptr || watch->events == events) return;
        epoll_event event{};
        event.events = events;
        event.data.u64 = key(descriptor, watch->generation);
        checked(epoll_ctl(watch->epoll, EPOLL_CTL_MOD, descriptor, &event), "epoll_ctl");
        watch->events = events;
    }

    void forget(int descriptor) {
        const Watch* watch = find(descriptor);
        if (watch == nullptr) return;
        epoll_ctl(watch->epoll, EPOLL_CTL_DEL, descriptor, nullptr);
        // Its Ready may be the function that is running: it dies after the round.
        buried_.push_back(std::move(watches_[static_cast<std::size_t>(descriptor)]));
    }

    Timers timers_;
    Fault told_;

  private:
    static constexpr int kStopped = -2;

    struct Watch {
        std::uint32_t generation = 0;
        std::uint32_t events = 0;
        int epoll = -1;  // which of the two
        Ready ready;
    };

    // A descriptor's number may be used again within a round; the generation tells the two apart.
    static std::uint64_t key(int descriptor, std::uint32_t generation) {
        return (static_cast<std::uint64_t>(generation) << 32) |
               static_cast<std::uint32_t>(descriptor);
    }

    /// False: it threw, and that was told.
    template <class Call>
    bool guarded(Call&& call) {
        if (!told_) {
            call();
            return true;
        }
        try {
            call();
            return true;
        } catch (const std::exception& problem) {
            told_(problem.what());
        } catch (...) {
            told_("an exception that is no std::exception");
        }
        return false;
    }

    Watch* find(int descriptor) {
        const auto index = static_cast<std::size_t>(descriptor);
        return descriptor >= 0 && index < watches_.size() ? watches_[index].get() : nullptr;
    }

    void dispatch(const epoll_event& event) {
        if (event.data.u64 == kWakeKey || event.data.u64 == kCallersKey) return;
        const auto descriptor = static_cast<int>(static_cast<std::uint32_t>(event.data.u64));
        Watch* watch = find(descriptor);
        if (watch == nullptr || key(descriptor, watch->generation) != event.data.u64) return;
        if (guarded([&] { watch->ready(event.events); })) return;
        // Watched on, it would be reported, and would fail, without end.
        if (find(descriptor) == watch) forget(descriptor);
    }

    /// epoll_wait's timeout. From here to wake_up(), post() and stop() write the eventfd.
    int prepare_to_sleep() {
        const auto next = timers_.next_ms();
        int timeout_ms = -1;
        if (next) {
            const std::int64_t left = *next - clock_.steady_ms();
            timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
        }
        const std::lock_guard lock(mutex_);
        if (stopped_) return kStopped;
        if (!posted_.empty()) return 0;
        sleeping_ = timeout_ms != 0;
        return timeout_ms;
    }

    /// Takes what was posted; false once the loop is to stop.
    bool wake_up(std::vector<Task>& tasks) {
        const std::lock_guard lock(mutex_);
        sleeping_ = false;
        if (stopped_) return false;
        tasks.swap(posted_);
        return true;
    }

    void wake_locked() {
        if (!sleeping_) return;
        sleeping_ = false;
        const std::uint64_t one = 1;
        // It can only fail when the counter is full, and then the loop has been woken.
        [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
    }

    void drop_posted() {
        std::vector<Task> dropped;
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(posted_);
    }

    void end_round() {
        while (!at_round_end_.empty()) {
            const auto tasks = std::exchange(at_round_end_, {});
            for (const Task& task : tasks)
                guarded(task);
        }
    }

    void bury() {
        while (!buried_.empty()) {
            const auto dead = std::exchange(buried_, {});
        }
    }

    const Clock& clock_;
    std::atomic<std::thread::id> thread_;  // that is in run()
    std::vector<Task> at_round_end_;
    int epoll_ = -1;
    int callers_ = -1;  // an epoll within epoll_: where those are watched who ask for something new
    int wake_ = -1;

    std::mutex mutex_;
    std::vector<Task> posted_;  // guarded by mutex_, as the next two
    bool stopped_ = false;
    bool sleeping_ = false;

    std::vector<std::unique_ptr<Watch>> watches_;  // by descriptor
    std::vector<std::unique_ptr<Watch>> buried_;
    std::uint32_t next_generation_ = 0;
};

Loop::Loop(const Clock& clock) : clock_(clock), impl_(std::make_unique<Impl>(clock)) {}
Loop::~Loop() = default;

void Loop::run() {
    impl_->run();
}
void Loop::stop() {
    impl_->stop();
}
void Loop::on_fault(Fault told) {
    impl_->told_ = std::move(told);
}
void Loop::post(Task task) {
    impl_->post(std::move(task));
}
TimerId Loop::at(std::int64_t steady_ms, Task task) {
    return impl_->timers_.add(steady_ms, std::move(task));
}
void Loop::cancel(TimerId timer) {
    impl_->timers_.cancel(timer);
}
void Loop::at_round_end(Task task) {
    impl_->at_round_end(std::move(task));
}
void Loop::watch(int descriptor, std::uint32_t events, Ready ready) {
    impl_->watch(descriptor, events, std::move(ready), false);
}
void Loop::watch_caller(int descriptor, std::uint32_t events, Ready ready) {
    impl_->watch(descriptor, events, std::move(ready), true);
}
void Loop::change(int descriptor, std::uint32_t events) {
    impl_->change(descriptor, events);
}
void Loop::forget(int descriptor) {
    impl_->forget(descriptor);
}

}  // namespace signalbox::net
