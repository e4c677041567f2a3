#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/trace.hpp"
#include "dispatcher_impl.hpp"
#include "json/writer.hpp"
#include "runs/idempotency.hpp"
#include "run_values.hpp"

namespace signalbox {
namespace {

/// One wait for a run: the first of its end and the deadline answers. [loop thread]
class Waiting : public std::enable_shared_from_this<Waiting> {
  public:
    using Give = Answer<Run>::Giver;

    Waiting(runs::Runs& runs, net::Loop& loop, std::string run_id, Give give)
        : runs_(runs), loop_(loop), run_id_(std::move(run_id)), give_(std::move(give)) {}

    void begin(runs::Feed& feed, std::int64_t deadline_steady_ms) {
        // Subscribed before it is looked up, so that nothing passes in between. The timer keeps
        // this alive, and the loop's end lets go of it.
        subscription_ = feed.subscribe(run_id_, {}, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->look();
        });
        timer_ = loop_.at(deadline_steady_ms, [self = shared_from_this()] {
            self->timer_ = 0;
            self->late_ = true;
            self->look();
        });
        look();
    }

  private:
    void look() {
        while (subscription_ && subscription_->next()) {
        }
        if (ended_ || looking_) return void(again_ = true);
        looking_ = true;
        again_ = false;
        runs_.find(run_id_, [self = shared_from_this()](Result<journal::RunWithAttempts> found) {
            self->looking_ = false;
            if (self->ended_) return;
            if (!found) return self->end(std::move(found).error());
            Run run = to_value(*found);
            if (run.settled() || (self->late_ && !self->again_)) return self->end(std::move(run));
            if (self->again_) self->look();
        });
    }
    void end(Result<Run> result) {
        ended_ = true;
        give_(std::move(result));
        if (timer_ != 0) loop_.cancel(std::exchange(timer_, 0));
        subscription_.reset();
    }

    runs::Runs& runs_;
    net::Loop& loop_;
    const std::string run_id_;
    const Give give_;
    std::shared_ptr<runs::Subscription> subscription_;
    TimerId timer_ = 0;
    bool looking_ = false;
    bool again_ = false;  // something happened while it was looked up
    bool late_ = false;
    bool ended_ = false;
};

}  // namespace

Result<Run> Dispatcher::Impl::invoke(const Invocation& invocation) {
    auto body = to_body(invocation);
    if (!body) return std::move(body).error();
    auto idempotency = to_idempotency(invocation);
    if (!idempotency) return std::move(idempotency).error();
    auto user = to_identity(invocation.user);
    if (!user) return std::move(user).error();
    return gate_->ask<Run>([this, invocation, user = std::move(*user), body = std::move(*body),
                            idempotency = std::move(*idempotency)](auto give) {
        runs::Caller caller{invocation.by, "HOST", {}, user};
        if (const auto trace = parse_traceparent(invocation.traceparent))
            caller.trace = trace_bytes(*trace);
        runs::Idempotency known = idempotency;
        const auto offer = runs_->catalog().find(invocation.action);
        if (!known.key.empty() && offer != runs_->catalog().end() && offer->second.encryption)
            known.digest =
                runs::body_digest(runs_->catalog(), invocation.action, json::write(body));
        runs_->invoke(invocation.action, body, caller, std::move(known),
                      [give](const Result<runs::Invoked>& invoked) {
                          if (!invoked) return give(invoked.error());
                          Run run = to_value(*invoked->seed, invoked->state);
                          run.replayed = invoked->replayed;
                          give(std::move(run));
                      });
    });
}

Result<Run> Dispatcher::Impl::ask_run(
    std::function<void(runs::Runs&, runs::Runs::RunDone)> question) {
    return gate_->ask<Run>([this, question = std::move(question)](auto give) {
        question(*runs_, [give](Result<journal::RunWithAttempts> found) {
            if (!found) return give(std::move(found).error());
            give(to_value(*found));
        });
    });
}

Result<Run> Dispatcher::Impl::find(const std::string& run_id) {
    return ask_run([run_id](runs::Runs& runs, auto done) { runs.find(run_id, std::move(done)); });
}

Result<Run> Dispatcher::Impl::cancel(const std::string& run_id) {
    return ask_run([run_id](runs::Runs& runs, auto done) { runs.cancel(run_id, std::move(done)); });
}

Result<Run> Dispatcher::Impl::redeliver(const std::string& run_id) {
    return ask_run(
        [run_id](runs::Runs& runs, auto done) { runs.redeliver(run_id, std::move(done)); });
}

Result<Run> Dispatcher::Impl::decide(const std::string& run_id, const RunDecision& decision,
                                     bool approves) {
    auto said = to_approval(decision, approves);
    if (!said) return std::move(said).error();
    return ask_run([run_id, said = std::move(*said)](runs::Runs& runs, auto done) {
        runs.decide_approval(run_id, said, std::move(done));
    });
}

Result<Run> Dispatcher::Impl::report(const std::string& run_id, const RunReport& report) {
    auto said = to_report(report);
    if (!said) return std::move(said).error();
    return ask_run([run_id, said = std::move(*said)](runs::Runs& runs, auto done) {
        runs.report(run_id, said, std::move(done));
    });
}

Result<RunPage> Dispatcher::Impl::list(const RunQuery& query) {
    auto filter = to_filter(query);
    if (!filter) return std::move(filter).error();
    return gate_->ask<RunPage>([this, filter = std::move(*filter)](auto give) {
        journal_->list(filter, [give](Result<journal::RunPage> page) {
            if (!page) return give(std::move(page).error());
            RunPage value;
            value.next = page->next;
            for (const journal::Run& run : page->runs)
                value.runs.push_back(to_value(run.seed, run.state));
            give(std::move(value));
        });
    });
}

Result<Run> Dispatcher::Impl::wait(const std::string& run_id, std::int64_t wait_ms) {
    const std::int64_t deadline_ms = clock_.steady_ms() + std::max<std::int64_t>(0, wait_ms);
    return gate_->ask<Run>([this, run_id, deadline_ms](auto give) {
        std::make_shared<Waiting>(*runs_, *loop_, run_id, give)->begin(*feed_, deadline_ms);
    });
}

Result<std::shared_ptr<RunEvents::Shared>> Dispatcher::Impl::subscribe(SubscribeOptions options) {
    using SharedPtr = std::shared_ptr<RunEvents::Shared>;
    return gate_->ask<SharedPtr>([this, options = std::move(options)](auto give) {
        auto shared = std::make_shared<RunEvents::Shared>();
        shared->gate = gate_;
        const std::weak_ptr<RunEvents::Shared> weak = shared;
        shared->subscription = feed_->subscribe(options.run_id, options.after, [weak] {
            if (const SharedPtr reader = weak.lock()) reader->fill();
        });
        shared->complete = shared->subscription->complete();
        shared->fill();
        shared->wake = options.wake;
        readers_.erase(std::remove_if(readers_.begin(), readers_.end(),
                                      [](const auto& reader) { return reader.expired(); }),
                       readers_.end());
        readers_.push_back(weak);
        give(std::move(shared));
    });
}

Result<bool> Dispatcher::Impl::drain(std::int64_t wait_ms) {
    // Shared with the engine, which may come to rest after the wait has given up.
    struct Rest {
        std::mutex mutex;
        std::condition_variable reached;
        bool idle = false;
    };
    auto rest = std::make_shared<Rest>();
    auto asked = gate_->ask<Done>([this, rest](auto give) {
        engine_->drain([rest] {
            const std::lock_guard lock(rest->mutex);
            rest->idle = true;
            rest->reached.notify_all();
        });
        give(Done{});
    });
    if (!asked) return std::move(asked).error();
    std::unique_lock lock(rest->mutex);
    return rest->reached.wait_for(lock,
                                  std::chrono::milliseconds(std::max<std::int64_t>(0, wait_ms)),
                                  [&rest] { return rest->idle; });
}

Result<Run> Dispatcher::invoke(const Invocation& invocation) {
    return impl_->invoke(invocation);
}
Result<Run> Dispatcher::wait(const std::string& run_id, std::int64_t wait_ms) {
    return impl_->wait(run_id, wait_ms);
}
Result<Run> Dispatcher::find(const std::string& run_id) {
    return impl_->find(run_id);
}
Result<RunPage> Dispatcher::list(const RunQuery& query) {
    return impl_->list(query);
}
Result<Run> Dispatcher::cancel(const std::string& run_id) {
    return impl_->cancel(run_id);
}
Result<Run> Dispatcher::redeliver(const std::string& run_id) {
    return impl_->redeliver(run_id);
}
Result<Run> Dispatcher::approve(const std::string& run_id, const RunDecision& decision) {
    return impl_->decide(run_id, decision, true);
}
Result<Run> Dispatcher::decline(const std::string& run_id, const RunDecision& decision) {
    return impl_->decide(run_id, decision, false);
}
Result<Run> Dispatcher::report(const std::string& run_id, const RunReport& report) {
    return impl_->report(run_id, report);
}
Result<std::unique_ptr<RunEvents>> Dispatcher::subscribe(SubscribeOptions options) {
    auto shared = impl_->subscribe(std::move(options));
    if (!shared) return std::move(shared).error();
    return std::unique_ptr<RunEvents>(new RunEvents(std::move(*shared)));
}
Result<bool> Dispatcher::drain(std::int64_t wait_ms) {
    return impl_->drain(wait_ms);
}

}  // namespace signalbox
