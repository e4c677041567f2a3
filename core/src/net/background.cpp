#include "net/background.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/thread.hpp"

namespace signalbox::net {
namespace {

constexpr std::size_t kThreadsMax = 2;

}  // namespace

struct Background::Shared {
    Shared(Executor& the_executor, std::size_t the_count)
        : executor(the_executor), count(std::min(the_count, kThreadsMax)) {}

    /// One thread. Posts under the lock, so that nothing is posted once `stopping` has been set.
    void work(std::size_t thread) {
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [this] { return stopping || !jobs.empty(); });
            if (stopping) return;
            Job job = std::move(jobs.front());
            jobs.pop_front();
            busy[thread] = true;
            lock.unlock();
            Task after = job();
            job = nullptr;
            lock.lock();
            busy[thread] = false;
            if (stopping) return;
            executor.post(std::move(after));
        }
    }

    Executor& executor;
    const std::size_t count;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> jobs;  // guarded by mutex, as the next two
    std::array<bool, kThreadsMax> busy{};
    bool stopping = false;
    std::array<std::thread, kThreadsMax> threads;
};

Background::Background(Executor& executor, std::size_t threads)
    : shared_(std::make_shared<Shared>(executor, threads)) {}

Background::~Background() {
    std::array<bool, kThreadsMax> busy{};
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->stopping = true;
        shared_->jobs.clear();
        busy = shared_->busy;
    }
    shared_->wake.notify_all();
    for (std::size_t i = 0; i < shared_->count; ++i) {
        std::thread& thread = shared_->threads[i];
        if (!thread.joinable()) continue;
        if (busy[i]) {
            thread.detach();
        } else {
            thread.join();
        }
    }
}

void Background::start_threads() {
    for (std::size_t i = 0; i < shared_->count; ++i) {
        shared_->threads[i] = start_thread("signalbox-work", [shared = shared_, i] { shared->work(i); });
    }
}

void Background::run(Job job) {
    if (!shared_->threads[0].joinable()) start_threads();
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->jobs.push_back(std::move(job));
    }
    shared_->wake.notify_one();
}

}  // namespace signalbox::net
