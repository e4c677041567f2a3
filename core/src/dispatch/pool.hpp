#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "base/executor.hpp"
#include "base/limits.hpp"
#include "dispatch/blocking.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"

namespace signalbox::dispatch {

/// A bounded pool of threads for blocking targets. Threads are made when there is work for them. A
/// thread cannot be taken out of a plugin: a call that does not return within limits::blocking_grace_ms
/// of its deadline, or of its cancellation, is given up, logged as `plugin_overrun`, and its thread is
/// lost to the pool until it returns.
class BlockingPool final : public Blocking {
  public:
    /// `executor` must outlive the pool; `clock` and `log` the process's use of plugins.
    BlockingPool(Executor& executor, const Clock& clock, LogSink& log,
                 std::size_t threads_max = limits::blocking_threads_max);
    /// Asks every call to stop and waits limits::blocking_grace_ms for them; what is still running then
    /// is left to itself. No done runs any more.
    ~BlockingPool() override;

    ExchangeId deliver(BlockingJob job, DeliveredDone done) override;
    void cancel(ExchangeId exchange) override;

  private:
    struct Call;
    struct Shared;
    struct Pending {
        std::shared_ptr<Call> call;
        DeliveredDone done;
        TimerId timer = 0;
    };

    static void work(const std::shared_ptr<Shared>& shared);
    static void run(const std::shared_ptr<Shared>& shared, const std::shared_ptr<Call>& call);
    void started(ExchangeId exchange);
    void ended(ExchangeId exchange, Delivered delivered);
    void unstarted(ExchangeId exchange, Failure why, const std::string& message);
    void give_up(ExchangeId exchange, Failure why);
    bool take_back(const std::shared_ptr<Call>& call);

    Executor& executor_;
    const Clock& clock_;
    LogSink& log_;
    const std::size_t threads_max_;
    const std::shared_ptr<Shared> shared_;
    std::map<ExchangeId, Pending> pending_;
    ExchangeId last_ = 0;
};

}  // namespace signalbox::dispatch
