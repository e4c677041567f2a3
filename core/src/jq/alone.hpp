#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "jq/machine.hpp"
#include "signalbox/result.hpp"

namespace signalbox::jq {

/// For who has no loop: runs `job` on a thread of its own, and waits for it on the machine's clock
/// for limits::jq_job_ms_max. The error is `template_timeout`; the thread is then left to itself,
/// and `job` with all that it holds lives as long as it does. `job` must not throw.
std::optional<Error> run_alone(
    std::function<void(Machine& machine, const std::atomic<bool>& stop)> job);

}  // namespace signalbox::jq
