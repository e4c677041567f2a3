#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/metrics.hpp"
#include "signalbox/random.hpp"
#include "signalbox/result.hpp"

namespace signalbox {

/// What a host may bring. Null: the machine's own; a null log drops every line. All of them must outlive
/// the Dispatcher.
struct Seams {
    const Clock* clock = nullptr;
    Random* random = nullptr;
    IdSource* ids = nullptr;
    LogSink* log = nullptr;
    MetricsSink* metrics = nullptr;
};

/// A dispatcher: it checks, signs, records, delivers and follows invocations, as its config says.
///
///     auto dispatcher = signalbox::Dispatcher::from_file("signalbox.yaml");
///     if (!dispatcher) { std::cerr << dispatcher.error().message << '\n'; return 2; }
///     if (auto started = (*dispatcher)->start(); !started) { … }
///     std::cout << (*dispatcher)->url() << '\n';
///     …
///     (*dispatcher)->stop(10'000);
///
/// There are no threads before start() and none after stop(); no global state; no signal handlers.
/// Several may live in one process. Functions are called from one thread at a time.
class Dispatcher {
  public:
    /// Reads and checks everything (config, secrets, plugins' settings, actions) and loads the plugins.
    /// Error `config_invalid`: message is every finding, one a line, as `file:line:column: error: …`.
    static Result<std::unique_ptr<Dispatcher>> from_file(const std::filesystem::path& config,
                                                         Seams seams = {});
    ~Dispatcher();  ///< stops at once if it still runs
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Opens the journal, takes up what was under way, listens. Errors: `journal_unavailable`,
    /// `journal_locked` (another process has it), `listen_failed`. At most once.
    Result<Done> start();

    /// `http://host:port` of the listener, once started.
    std::string url() const;

    /// Ends: takes no new invocations, lets attempts that are under way finish for at most `drain_ms`,
    /// then closes everything and joins every thread. What was not finished is taken up at the next start.
    void stop(std::int64_t drain_ms);

  private:
    class Impl;
    explicit Dispatcher(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox
