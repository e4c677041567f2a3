#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/executor.hpp"

namespace signalbox::net {

/// Two threads (or one) for the calls that block and cannot be interrupted: name lookups, and reading the
/// system's certificates. No thread is started before the first job. [loop thread] but for the
/// jobs.
class Background {
  public:
    /// Runs on one of the threads; what it returns runs on the executor afterwards, and is dropped
    /// if the Background is gone by then.
    using Job = std::function<Task()>;

    /// `executor` must outlive it. At most two threads.
    explicit Background(Executor& executor, std::size_t threads = 2);
    /// Returns at once: a thread whose job hangs ends by itself when the job does, and touches
    /// nothing but the job after that.
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    void run(Job job);

  private:
    struct Shared;
    void start_threads();
    std::shared_ptr<Shared> shared_;
};

}  // namespace signalbox::net
