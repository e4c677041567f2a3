#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/executor.hpp"
#include "base/limits.hpp"
#include "jq/machine.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/result.hpp"

namespace signalbox::jq {

/// The threads on which jq runs, because nobody can take a thread out of it. None is made before
/// the first job; each has a machine of its own. A job that is not done at its deadline is told to
/// stop and answered at once; a thread that has not come back limits::jq_grace_ms later is lost:
/// logged as `template_overrun`, replaced by another, and taken back when it does return. While
/// Bounds::lost_max are lost none is replaced. [loop thread] but for the jobs.
class Workers {
  public:
    struct Bounds {
        std::size_t threads_max = limits::jq_threads_max;
        std::size_t lost_max = limits::jq_lost_threads_max;
        std::size_t waiting_max = limits::jq_jobs_waiting_max;
    };

    /// All must outlive it.
    Workers(Executor& executor, const Clock& clock, LogSink& log);
    Workers(Executor& executor, const Clock& clock, LogSink& log, Bounds bounds);
    /// Tells every job to stop and waits limits::jq_grace_ms for the threads; what is still running
    /// then is left to itself, and touches nothing but its job. No done runs any more.
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    /// Runs on one of the threads. Must not throw.
    using Job = std::function<void(Machine& machine, const std::atomic<bool>& stop)>;
    /// Runs on the executor, exactly once; none: the job is done. Else why it is not waited for:
    /// `template_timeout` (it has run for limits::jq_job_ms_max, and may still be running),
    /// `templates_busy` (no thread became free in limits::jq_job_wait_ms_max, or too many jobs
    /// wait).
    using Done = std::function<void(std::optional<Error> late)>;

    /// `what` names the job in a log line: the action. `done` runs inside the call where too many
    /// wait.
    void run(std::string what, Job job, Done done);

  private:
    using Number = std::uint64_t;
    struct Call;
    struct Shared;
    struct Pending {
        std::shared_ptr<Call> call;
        Done done;  // null: it was answered, and the thread is waited for
        TimerId timer = 0;
    };

    static void work(const std::shared_ptr<Shared>& shared);
    static bool go_on(Shared& shared, Call& call);
    static void add_thread(const std::shared_ptr<Shared>& shared);
    void started(Number number, std::int64_t at_ms);
    void ended(Number number);
    void not_started(Number number);
    void overdue(Number number);
    void give_up(Number number);
    bool has_ended(const Call& call) const;

    Executor& executor_;
    const Clock& clock_;
    LogSink& log_;
    const std::shared_ptr<Shared> shared_;
    std::map<Number, Pending> pending_;
    Number last_ = 0;
};

}  // namespace signalbox::jq
