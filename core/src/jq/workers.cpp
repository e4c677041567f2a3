#include "jq/workers.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/thread.hpp"

namespace signalbox::jq {

/// One job, shared by the loop, which may stop waiting for it, and the thread that is in it.
struct Workers::Call {
    Call(Number its_number, std::string its_what, Job its_job)
        : number(its_number), what(std::move(its_what)), job(std::move(its_job)) {}

    const Number number;
    const std::string what;
    Job job;
    std::atomic<bool> stop{false};
    bool ended = false;  // guarded by Shared::mutex, as the next
    bool lost = false;
};

/// What the threads see. It lives until the last of them has returned, which may be after the
/// Workers.
struct Workers::Shared {
    Shared(Workers* its_workers, const Clock& its_clock, Bounds its_bounds)
        : clock(its_clock), bounds(its_bounds), workers(its_workers) {}

    /// Under the lock, so that nothing is posted once the Workers are gone.
    void post(void (*task)(Workers& workers, Number number, std::int64_t at_ms), Number number) {
        if (workers == nullptr) return;
        Workers& to = *workers;
        to.executor_.post(
            [&to, task, number, at_ms = clock.steady_ms()] { task(to, number, at_ms); });
    }

    const Clock& clock;
    const Bounds bounds;
    std::mutex mutex;
    std::condition_variable work;
    std::condition_variable ended;
    std::deque<std::shared_ptr<Call>> waiting;
    std::size_t threads = 0;  // without the lost ones
    std::size_t idle = 0;
    std::size_t lost = 0;
    Workers* workers;  // null once it is gone
};

Workers::Workers(Executor& executor, const Clock& clock, LogSink& log)
    : Workers(executor, clock, log, Bounds()) {}

Workers::Workers(Executor& executor, const Clock& clock, LogSink& log, Bounds bounds)
    : executor_(executor),
      clock_(clock),
      log_(log),
      shared_(std::make_shared<Shared>(this, clock, bounds)) {}

Workers::~Workers() {
    for (const auto& [number, pending] : pending_)
        pending.call->stop = true;
    std::unique_lock lock(shared_->mutex);
    shared_->workers = nullptr;
    shared_->waiting.clear();
    shared_->work.notify_all();
    shared_->ended.wait_for(lock, std::chrono::milliseconds(limits::jq_grace_ms),
                            [this] { return shared_->threads == 0; });
}

void Workers::run(std::string what, Job job, Done done) {
    const Number number = ++last_;
    auto call = std::make_shared<Call>(number, std::move(what), std::move(job));
    {
        std::unique_lock lock(shared_->mutex);
        if (shared_->waiting.size() >= shared_->bounds.waiting_max) {
            lock.unlock();
            return done(Error{"templates_busy",
                              "too many invocations wait for their templates; try again later",
                              {}});
        }
        shared_->waiting.push_back(call);
        if (shared_->waiting.size() > shared_->idle) add_thread(shared_);
        shared_->work.notify_one();
    }
    const TimerId timer = executor_.at(clock_.steady_ms() + limits::jq_job_wait_ms_max,
                                       [this, number] { not_started(number); });
    pending_.emplace(number, Pending{std::move(call), std::move(done), timer});
}

void Workers::add_thread(const std::shared_ptr<Shared>& shared) {
    if (shared->threads >= shared->bounds.threads_max || shared->lost >= shared->bounds.lost_max)
        return;
    ++shared->threads;
    start_thread("signalbox-jq", [shared] { work(shared); }).detach();
}

void Workers::work(const std::shared_ptr<Shared>& shared) {
    auto machine = std::make_unique<Machine>();
    std::unique_lock lock(shared->mutex);
    for (bool staying = true; staying;) {
        ++shared->idle;
        shared->work.wait(lock,
                          [&] { return shared->workers == nullptr || !shared->waiting.empty(); });
        --shared->idle;
        if (shared->workers == nullptr) break;
        const auto call = std::move(shared->waiting.front());
        shared->waiting.pop_front();
        shared->post(
            [](Workers& to, Number number, std::int64_t at_ms) { to.started(number, at_ms); },
            call->number);
        lock.unlock();
        call->job(*machine, call->stop);
        call->job = nullptr;
        lock.lock();
        staying = go_on(*shared, *call);
    }
    lock.unlock();
    machine.reset();  // before anybody may think that this thread is gone
    lock.lock();
    --shared->threads;
    shared->ended.notify_all();
}

/// False: another thread has taken this one's place meanwhile.
bool Workers::go_on(Shared& shared, Call& call) {
    call.ended = true;
    shared.post([](Workers& to, Number number, std::int64_t) { to.ended(number); }, call.number);
    if (!call.lost) return true;
    --shared.lost;
    ++shared.threads;
    return shared.threads <= shared.bounds.threads_max;
}

void Workers::started(Number number, std::int64_t at_ms) {
    const auto found = pending_.find(number);
    if (found == pending_.end()) return;
    executor_.cancel(found->second.timer);
    found->second.timer =
        executor_.at(at_ms + limits::jq_job_ms_max, [this, number] { overdue(number); });
}

/// Then ended() is on its way, with the result.
bool Workers::has_ended(const Call& call) const {
    const std::lock_guard lock(shared_->mutex);
    return call.ended;
}

void Workers::ended(Number number) {
    const auto found = pending_.find(number);
    if (found == pending_.end()) return;  // it was lost
    executor_.cancel(found->second.timer);
    const Done done = std::move(found->second.done);
    pending_.erase(found);
    if (done) done(std::nullopt);
}

void Workers::not_started(Number number) {
    const auto found = pending_.find(number);
    if (found == pending_.end()) return;
    {
        const std::lock_guard lock(shared_->mutex);
        const auto place =
            std::find(shared_->waiting.begin(), shared_->waiting.end(), found->second.call);
        if (place == shared_->waiting.end()) return;  // just begun, and started() is on its way
        shared_->waiting.erase(place);
    }
    const Done done = std::move(found->second.done);
    pending_.erase(found);
    done(Error{"templates_busy",
               "no thread became free in time to evaluate the templates; try again later",
               {}});
}

void Workers::overdue(Number number) {
    const auto found = pending_.find(number);
    if (found == pending_.end()) return;
    Pending& pending = found->second;
    if (has_ended(*pending.call)) return;
    pending.call->stop = true;
    pending.timer =
        executor_.at(clock_.steady_ms() + limits::jq_grace_ms, [this, number] { give_up(number); });
    const Done done = std::move(pending.done);
    pending.done = nullptr;
    done(Error{"template_timeout",
               "the templates of '" + pending.call->what + "' did not end within " +
                   std::to_string(limits::jq_job_ms_max) +
                   " ms for these inputs; nothing was recorded or sent",
               {}});
}

void Workers::give_up(Number number) {
    const auto found = pending_.find(number);
    if (found == pending_.end()) return;
    const std::shared_ptr<Call> call = found->second.call;
    {
        const std::lock_guard lock(shared_->mutex);
        if (call->ended) return;
        call->lost = true;
        --shared_->threads;
        ++shared_->lost;
        if (!shared_->waiting.empty()) add_thread(shared_);
    }
    pending_.erase(found);
    log_.write(
        {LogLevel::error,
         "template_overrun",
         "an expression did not come to an end and cannot be interrupted; its thread is lost "
         "until it does",
         {{"action", call->what}}});
}

}  // namespace signalbox::jq
