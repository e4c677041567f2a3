#include "jq/alone.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "base/thread.hpp"

namespace signalbox::jq {

std::optional<Error> run_alone(
    std::function<void(Machine& machine, const std::atomic<bool>& stop)> job) {
    struct Shared {
        std::function<void(Machine&, const std::atomic<bool>&)> job;
        std::atomic<bool> stop{false};
        std::promise<void> done;
    };
    auto shared = std::make_shared<Shared>();
    shared->job = std::move(job);
    std::future<void> done = shared->done.get_future();
    std::thread thread = start_thread("signalbox-jq", [shared] {
        {
            Machine machine;
            shared->job(machine, shared->stop);
        }
        shared->done.set_value();
    });
    const auto ready = std::future_status::ready;
    if (done.wait_for(std::chrono::milliseconds(limits::jq_job_ms_max)) == ready) {
        thread.join();
        return {};
    }
    shared->stop = true;
    if (done.wait_for(std::chrono::milliseconds(limits::jq_grace_ms)) == ready) {
        thread.join();
    } else {
        thread.detach();
    }
    return Error{"template_timeout",
                 "the templates did not end within " + std::to_string(limits::jq_job_ms_max) +
                     " ms for these inputs",
                 {}};
}

}  // namespace signalbox::jq
