#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/api.hpp"
#include "base/ids.hpp"
#include "base/meter.hpp"
#include "calls.hpp"
#include "dispatch/engine.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "run_events_shared.hpp"
#include "runs/feed.hpp"
#include "runs/runs.hpp"
#include "signalbox/dispatcher.hpp"
#include "wiring/assembly.hpp"

namespace signalbox {

/// The one place that wires. Members stand in the order in which they need each other, so that they go
/// in the reverse one.
class Dispatcher::Impl {
  public:
    explicit Impl(const Seams& seams);
    ~Impl() { stop(0); }

    /// The host's own targets, for the assembly.
    Result<std::vector<std::shared_ptr<plugins::Plugin>>> adopt(const Seams& seams);
    /// Loads the plugins and connects; what fails is a problem of the assembly.
    void connect(wiring::Assembly assembly);
    const wiring::Assembly& assembly() const { return assembly_; }

    // dispatcher.cpp: its life.
    Result<Done> start();
    void stop(std::int64_t drain_ms);
    const std::string& url() const { return url_; }

    // dispatcher_calls.cpp: what the host's threads ask. Each is answered on the loop.
    Result<Run> invoke(const Invocation& invocation);
    Result<Run> wait(const std::string& run_id, std::int64_t wait_ms);
    Result<Run> find(const std::string& run_id);
    Result<RunPage> list(const RunQuery& query);
    Result<Run> cancel(const std::string& run_id);
    Result<Run> redeliver(const std::string& run_id);
    Result<Run> report(const std::string& run_id, const RunReport& report);
    Result<std::shared_ptr<RunEvents::Shared>> subscribe(SubscribeOptions options);
    Result<bool> drain(std::int64_t wait_ms);

  private:
    Error abandon(Error error);
    Result<Done> listen();
    void release();
    void note(std::string_view name, std::vector<std::pair<std::string_view, std::string>> fields);
    Result<Run> ask_run(std::function<void(runs::Runs&, runs::Runs::RunDone)> question);

    const Clock& clock_;
    Random& random_;
    LogSink& log_;
    Meter meter_;
    RunIds own_ids_;
    IdSource& ids_;
    const bool listens_;
    wiring::Assembly assembly_;
    std::vector<dispatch::Target> targets_;
    std::unique_ptr<net::Loop> loop_;
    std::unique_ptr<journal::Journal> stored_;
    std::unique_ptr<runs::Feed> feed_;
    std::unique_ptr<journal::Journal> journal_;  // stored_, with the feed told of what it commits
    std::unique_ptr<net::Client> client_;
    std::unique_ptr<dispatch::Engine> engine_;
    std::unique_ptr<runs::Runs> runs_;
    std::unique_ptr<api::Clients> clients_;
    api::Origins origins_;
    std::unique_ptr<api::Api> api_;
    std::unique_ptr<net::Server> server_;
    std::vector<std::weak_ptr<RunEvents::Shared>> readers_;  // [loop thread]
    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    std::thread thread_;
    std::string url_;
    bool started_ = false;
};

}  // namespace signalbox
