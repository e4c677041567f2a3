#include "dispatch/pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/thread.hpp"
#include "base/trace.hpp"

namespace signalbox::dispatch {

/// One delivery, shared by the loop, which may give it up, and the thread that is in it.
struct BlockingPool::Call final : plugins::CallControl {
    Call(const Clock& its_clock, ExchangeId its_exchange, BlockingJob its_job)
        : clock(its_clock), exchange(its_exchange), job(std::move(its_job)) {}

    std::int64_t remaining_ms() const override {
        return std::max<std::int64_t>(0, deadline_ms.load() - clock.steady_ms());
    }
    bool cancelled() const override { return cancel.load() || remaining_ms() == 0; }

    const Clock& clock;
    const ExchangeId exchange;
    BlockingJob job;
    std::atomic<std::int64_t> deadline_ms{0};
    std::atomic<bool> cancel{false};
};

/// What the threads see. It lives until the last of them has returned, which may be after the pool.
struct BlockingPool::Shared {
    std::mutex mutex;
    std::condition_variable work;
    std::condition_variable ended;
    std::deque<std::shared_ptr<Call>> waiting;
    std::size_t threads = 0;
    std::size_t idle = 0;
    bool stopping = false;
    BlockingPool* pool = nullptr;  // null once it is gone
};

BlockingPool::BlockingPool(Executor& executor, const Clock& clock, LogSink& log,
                           std::size_t threads_max)
    : executor_(executor),
      clock_(clock),
      log_(log),
      threads_max_(threads_max),
      shared_(std::make_shared<Shared>()) {
    shared_->pool = this;
}

BlockingPool::~BlockingPool() {
    for (const auto& [exchange, pending] : pending_)
        pending.call->cancel = true;
    std::unique_lock lock(shared_->mutex);
    shared_->pool = nullptr;
    shared_->stopping = true;
    shared_->waiting.clear();
    shared_->work.notify_all();
    shared_->ended.wait_for(lock, std::chrono::milliseconds(limits::blocking_grace_ms),
                            [this] { return shared_->threads == 0; });
}

ExchangeId BlockingPool::deliver(BlockingJob job, DeliveredDone done) {
    const ExchangeId exchange = ++last_;
    const std::int64_t timeout_ms = job.timeout_ms;
    Pending& pending = pending_[exchange];
    pending.call = std::make_shared<Call>(clock_, exchange, std::move(job));
    pending.done = std::move(done);
    pending.timer = executor_.at(clock_.steady_ms() + timeout_ms, [this, exchange] {
        unstarted(exchange, Failure::timeout, "no thread for blocking targets became free in time");
    });
    const std::lock_guard lock(shared_->mutex);
    shared_->waiting.push_back(pending.call);
    if (shared_->waiting.size() > shared_->idle && shared_->threads < threads_max_) {
        ++shared_->threads;
        start_thread("signalbox-block", [shared = shared_] { work(shared); }).detach();
    }
    shared_->work.notify_one();
    return exchange;
}

void BlockingPool::work(const std::shared_ptr<Shared>& shared) {
    std::unique_lock lock(shared->mutex);
    while (true) {
        ++shared->idle;
        shared->work.wait(lock, [&] { return shared->stopping || !shared->waiting.empty(); });
        --shared->idle;
        if (shared->stopping) break;
        const auto call = shared->waiting.front();
        shared->waiting.pop_front();
        call->deadline_ms = call->clock.steady_ms() + call->job.timeout_ms;
        BlockingPool* const pool = shared->pool;
        pool->executor_.post([pool, exchange = call->exchange] { pool->started(exchange); });
        lock.unlock();
        run(shared, call);
        lock.lock();
    }
    --shared->threads;
    shared->ended.notify_all();
}

void BlockingPool::run(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Call>& call) {
    const BlockingJob& job = call->job;
    plugins::RunView view;
    view.id = view.delivery_id = job.seed.id;
    view.trace = job.seed.trace;
    view.action = job.seed.action;
    view.type = job.seed.invocation_type;
    view.method = job.seed.method;
    view.payload = job.seed.payload;
    view.public_url = job.public_url;
    view.attempt = static_cast<std::uint32_t>(job.attempt);
    view.wall_ms = job.wall_ms;
    view.state_version = job.state_version;
    view.state = job.state;
    const std::int64_t begin_us = call->clock.steady_us();
    auto verdict = job.connection->deliver(view, *call);
    Delivered delivered;
    delivered.took_ms = static_cast<double>(call->clock.steady_us() - begin_us) / 1000;
    if (verdict) {
        delivered.verdict = std::move(*verdict);
    } else {
        // It ran, and nobody can say how far: that is never a silent success.
        plugins::Verdict broken;
        broken.outcome = plugins::Outcome::effect_unknown;
        broken.reason = verdict.error().message;
        delivered.verdict = std::move(broken);
    }
    const std::lock_guard lock(shared->mutex);
    BlockingPool* const pool = shared->pool;
    if (pool == nullptr) return;
    pool->executor_.post([pool, exchange = call->exchange, delivered = std::move(delivered)] {
        pool->ended(exchange, delivered);
    });
}

void BlockingPool::started(ExchangeId exchange) {
    const auto found = pending_.find(exchange);
    if (found == pending_.end()) return;
    Pending& pending = found->second;
    executor_.cancel(pending.timer);
    const std::int64_t last_ms =
        (pending.call->cancel ? clock_.steady_ms() : pending.call->deadline_ms.load()) +
        limits::blocking_grace_ms;
    const Failure why = pending.call->cancel ? Failure::cancelled : Failure::timeout;
    pending.timer = executor_.at(last_ms, [this, exchange, why] { give_up(exchange, why); });
}

void BlockingPool::ended(ExchangeId exchange, Delivered delivered) {
    const auto found = pending_.find(exchange);
    if (found == pending_.end()) return;  // given up before
    executor_.cancel(found->second.timer);
    const DeliveredDone done = std::move(found->second.done);
    pending_.erase(found);
    done(std::move(delivered));
}

bool BlockingPool::take_back(const std::shared_ptr<Call>& call) {
    const std::lock_guard lock(shared_->mutex);
    const auto place = std::find(shared_->waiting.begin(), shared_->waiting.end(), call);
    if (place == shared_->waiting.end()) return false;
    shared_->waiting.erase(place);
    return true;
}

void BlockingPool::unstarted(ExchangeId exchange, Failure why, const std::string& message) {
    const auto found = pending_.find(exchange);
    if (found == pending_.end() || !take_back(found->second.call)) return;
    executor_.cancel(found->second.timer);
    Delivered delivered;
    delivered.failure = why;
    delivered.effect = Effect::none;
    delivered.message = message;
    const DeliveredDone done = std::move(found->second.done);
    pending_.erase(found);
    done(std::move(delivered));
}

void BlockingPool::give_up(ExchangeId exchange, Failure why) {
    const auto found = pending_.find(exchange);
    if (found == pending_.end()) return;
    const std::shared_ptr<Call> call = found->second.call;
    const DeliveredDone done = std::move(found->second.done);
    pending_.erase(found);
    log_.write({LogLevel::error,
                "plugin_overrun",
                "a plugin did not come back from deliver(); its thread is lost until it does",
                {{"plugin", call->job.plugin_id},
                 {"connection", call->job.seed.connection},
                 {"run", call->job.seed.id},
                 {"trace", trace_id(call->job.seed.trace, call->job.seed.id)}}});
    Delivered delivered;
    delivered.failure = why;
    delivered.message = "the plugin did not come back from deliver() in time";
    done(std::move(delivered));
}

void BlockingPool::cancel(ExchangeId exchange) {
    const auto found = pending_.find(exchange);
    if (found == pending_.end() || found->second.call->cancel.exchange(true)) return;
    // Posted, because done may not run inside this call.
    executor_.post([this, exchange] {
        unstarted(exchange, Failure::cancelled, "cancelled before it was started");
        const auto left = pending_.find(exchange);
        if (left == pending_.end()) return;
        executor_.cancel(left->second.timer);
        left->second.timer =
            executor_.at(clock_.steady_ms() + limits::blocking_grace_ms,
                         [this, exchange] { give_up(exchange, Failure::cancelled); });
    });
}

}  // namespace signalbox::dispatch
