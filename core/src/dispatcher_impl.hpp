#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/api.hpp"
#include "api/event_streams.hpp"
#include "base/ids.hpp"
#include "base/meter.hpp"
#include "calls.hpp"
#include "dispatch/engine.hpp"
#include "dispatch/pool.hpp"
#include "jq/workers.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "redacting_log.hpp"
#include "run_events_shared.hpp"
#include "runs/approvals.hpp"
#include "runs/feed.hpp"
#include "runs/retention.hpp"
#include "runs/runs.hpp"
#include "signalbox/dispatcher.hpp"
#include "sources/reporter.hpp"
#include "sources/sources.hpp"
#include "wiring/assembly.hpp"
#include "wiring/events.hpp"

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

    // dispatcher_reload.cpp
    /// What the config was read from, so that it can be read again.
    void remember(wiring::Source source) { source_ = std::move(source); }
    Result<Done> reload();

    // dispatcher_calls.cpp: what the host's threads ask. Each is answered on the loop.
    Result<Run> invoke(const Invocation& invocation);
    Result<Run> wait(const std::string& run_id, std::int64_t wait_ms);
    Result<Run> find(const std::string& run_id);
    Result<RunPage> list(const RunQuery& query);
    Result<Run> cancel(const std::string& run_id);
    Result<Run> redeliver(const std::string& run_id);
    Result<Run> decide(const std::string& run_id, const RunDecision& decision, bool approves);
    Result<Run> report(const std::string& run_id, const RunReport& report);
    Result<std::shared_ptr<RunEvents::Shared>> subscribe(SubscribeOptions options);
    Result<bool> drain(std::int64_t wait_ms);

  private:
    static runs::RetentionRules rules_of(const config::RetentionSettings& settings);
    Error abandon(Error error);
    void reload_for_the_api(std::function<void(Result<Done>)> done);
    Result<Done> listen();
    void release();
    void note_fault(const std::string& what);
    void note(std::string_view name, std::vector<std::pair<std::string_view, std::string>> fields);
    Result<Run> ask_run(std::function<void(runs::Runs&, runs::Runs::RunDone)> question);

    const Clock& clock_;
    Random& random_;
    RedactingLog log_;
    Meter meter_;
    wiring::PluginEvents plugin_events_{meter_};
    RunIds own_ids_;
    IdSource& ids_;
    const bool listens_;
    wiring::Assembly assembly_;
    std::vector<dispatch::Target> targets_;
    std::optional<wiring::Source> source_;
    std::unique_ptr<net::Loop> loop_;
    std::unique_ptr<journal::Journal> stored_;
    std::unique_ptr<runs::Feed> feed_;
    std::unique_ptr<journal::Journal> journal_;  // stored_, with the feed told of what it commits
    std::unique_ptr<net::Client> client_;
    std::unique_ptr<dispatch::BlockingPool> blocking_;
    std::unique_ptr<dispatch::Engine> engine_;
    std::unique_ptr<runs::Rejections> rejections_;
    std::unique_ptr<runs::Approvals> approvals_;
    std::unique_ptr<jq::Workers> workers_;
    std::unique_ptr<runs::Runs> runs_;
    std::unique_ptr<runs::Retention> retention_;
    std::unique_ptr<sources::Reporter> reporter_;
    std::unique_ptr<sources::Sources> sources_;
    std::unique_ptr<api::Clients> clients_;
    api::Origins origins_;
    std::unique_ptr<api::EventStreams> events_;
    std::unique_ptr<api::Api> api_;
    std::unique_ptr<net::Server> server_;
    std::vector<std::weak_ptr<RunEvents::Shared>> readers_;  // [loop thread]
    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
    std::thread thread_;
    std::mutex reload_mutex_;
    std::thread reloading_;     // [loop thread] until the loop has ended
    bool reload_asked_ = false;  // [loop thread]
    std::string url_;
    bool started_ = false;
};

}  // namespace signalbox
