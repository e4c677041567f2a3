#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/metrics.hpp"
#include "signalbox/plugin/v1.h"
#include "signalbox/random.hpp"
#include "signalbox/result.hpp"
#include "signalbox/run.hpp"
#include "signalbox/run_events.hpp"
#include "signalbox/secrets.hpp"
#include "signalbox/settings.hpp"
#include "signalbox/visibility.hpp"

namespace signalbox {

/// What a host may bring. Null: the machine's own; a null log drops every line. All of them must outlive
/// the Dispatcher.
struct Seams {
    const Clock* clock = nullptr;      ///< every deadline and every time that is recorded
    Random* random = nullptr;          ///< jitter, keys
    IdSource* ids = nullptr;           ///< runs' ids
    LogSink* log = nullptr;            ///< takes the log's lines
    MetricsSink* metrics = nullptr;    ///< takes the figures
    SecretSource* secrets = nullptr;  ///< used while the config is read only
    /// Targets compiled into the host, beside those that the config loads: connections name them by the id
    /// in their descriptor. Each is `&signalbox::plugin::entry<Target, descriptor>`, or the function that
    /// SIGNALBOX_PLUGIN defines.
    std::vector<signalbox_plugin_entry> plugins = {};
    bool listen = true;  ///< false: no HTTP API; nothing is listened on

    /// Adds a target of the host's own; chains.
    Seams& add_plugin(signalbox_plugin_entry entry) {
        plugins.push_back(entry);
        return *this;
    }
};

/// A dispatcher: it checks, signs, records, delivers and follows invocations, as its config says.
///
///     auto made = signalbox::Dispatcher::from_file("signalbox.yaml");
///     if (!made) { std::cerr << made.error().message << '\n'; return 2; }
///     signalbox::Dispatcher& dispatcher = **made;
///     if (auto started = dispatcher.start(); !started) { … }
///     auto run = dispatcher.invoke({"deploy_service", R"({"service": "checkout"})"});
///     if (run) run = dispatcher.wait(run->id, 600'000);
///     if (run) std::cout << run->id << ' ' << run->status << '\n';
///     dispatcher.stop(10'000);
///
/// There are no threads before start() and none after stop(); no global state; no signal handlers.
/// Several may live in one process, each with a journal of its own.
///
/// Threads: from_file, from_settings, start, stop and the destructor on one thread at a time. What stands
/// under "While it runs" may be called from any thread, also at once and also while another one calls
/// stop(); each call blocks until its answer is there, and answers `not_running` before start() and after
/// stop(). Nothing here may be called from inside a seam or a target: they run on Signalbox's own threads,
/// and the call would wait for itself. On the loop, where targets run, it answers `wrong_thread` instead.
///
/// Errors are values: what a caller must handle comes back in a Result. Only faults are exceptions
/// (std::bad_alloc, std::system_error where no thread can be made).
class SIGNALBOX_API Dispatcher {
  public:
    /// Reads and checks everything (config, secrets, plugins' settings, actions) and loads the plugins.
    /// Error `config_invalid`: message is every finding, one a line, as `file:line:column: error: …`.
    /// `plugin_broken` and its like for a target of the host's.
    static Result<std::unique_ptr<Dispatcher>> from_file(const std::filesystem::path& config,
                                                         Seams seams = {});
    /// The same without a file. Error `config_invalid`: each finding is a Detail with its JSON pointer.
    static Result<std::unique_ptr<Dispatcher>> from_settings(const Settings& settings,
                                                             Seams seams = {});
    ~Dispatcher();  ///< stops at once if it still runs
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Opens the journal, takes up what was under way, listens. Errors: `journal_unavailable`,
    /// `journal_locked` (another dispatcher, here or in another process, has it), `listen_failed`. At
    /// most once: `already_started`.
    Result<Done> start();

    /// `http://host:port` of the listener, once started; empty without one.
    std::string url() const;

    /// Ends: takes no new invocations, lets attempts that are under way finish for at most `drain_ms`,
    /// then closes everything and joins every thread. What was not finished is taken up at the next start.
    void stop(std::int64_t drain_ms);

    // While it runs.

    /// Checks and records an invocation; it is on disk when this returns. Errors: `action_not_found`,
    /// `action_unavailable`, `invalid_body` (JSON that is none), `invalid_inputs`, `template_failed`,
    /// `template_timeout`, `templates_busy`, `plan_refused`, `invalid_idempotency_key`,
    /// `idempotency_conflict`, `shutting_down`, `journal_unavailable`, `journal_busy`.
    Result<Run> invoke(const Invocation& invocation);

    /// Waits until the run is settled (ended, or held for a person) or `wait_ms` have passed on the clock
    /// that was brought, then gives it as it stands: ask settled(). Error `run_not_found`.
    Result<Run> wait(const std::string& run_id, std::int64_t wait_ms);

    /// The run with its attempts. Error `run_not_found`.
    Result<Run> find(const std::string& run_id);

    /// Newest first, without attempts. Error `invalid_query` for a phase or a limit that does not exist.
    Result<RunPage> list(const RunQuery& query);

    /// Error `not_cancellable` says why not, `run_not_found`.
    Result<Run> cancel(const std::string& run_id);

    /// Sends a held run again. Error `not_redeliverable` says why not, `run_not_found`.
    Result<Run> redeliver(const std::string& run_id);

    /// Says what an approver decided of a run that waits for approval. The config's permissions are not
    /// asked, as the host is: but for ALL, `by` or `user` is one of those that the config names. Errors:
    /// `approval_closed`, `approver_is_requester` (the same `by`, or the same `user`), `already_decided`,
    /// `not_an_approver`, `run_not_found`, `invalid_body` (a user that is no email, a comment too long).
    Result<Run> approve(const std::string& run_id, const RunDecision& decision);
    /// The same, and one decline ends the run.
    Result<Run> decline(const std::string& run_id, const RunDecision& decision);

    /// Tells how the run goes on at its target: it proves the effect, and with a status ends the run.
    /// Errors: `run_finished`, `run_not_started`, `run_not_found`, `invalid_body`.
    Result<Run> report(const std::string& run_id, const RunReport& report);

    /// Live events. Subscribing is done when this returns, so a find() after it misses nothing.
    Result<std::unique_ptr<RunEvents>> subscribe(SubscribeOptions options);

    /// Takes no new invocations and starts no more attempts, and waits until none is under way, for at
    /// most `wait_ms` (the machine's clock). False: some still are. Reading goes on; stop() ends.
    Result<bool> drain(std::int64_t wait_ms);

    /// Reads the config file again, with its actions and secrets, and puts it in the place of the old one:
    /// all of it, or nothing. What is under way ends by the settings it began with; runs of a connection
    /// that is gone are still delivered. Errors: `config_invalid`, with every finding, as of from_file,
    /// also where `listen`, `journal`, `public_url`, `http`, `tls` or whether there are clients differ, which takes
    /// a new start; `no_config_file` for settings that came from code.
    Result<Done> reload();

  private:
    class SIGNALBOX_INSIDE Impl;
    explicit Dispatcher(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox
