#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signalbox/check.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/import.hpp"
#include "signalbox/log.hpp"
#include "signalbox/result.hpp"

/// What a command of the program works with. `main` brings the real things, tests bring doubles;
/// there is no other way to the outside from a command, but for the files and the server that its
/// options name.
namespace signalbox::app {

/// What the program ends with. Scripts branch on these: never renumber.
namespace exit_code {
inline constexpr int success = 0;
inline constexpr int failure = 1;  ///< also a run that ended as FAILURE, DECLINED or CANCELLED
inline constexpr int usage =
    2;  ///< also a config that is not valid and an invocation that was refused
inline constexpr int undecided = 3;  ///< the run is held or unconfirmed: a person decides
inline constexpr int timeout = 4;    ///< the run's end was not seen in time
}  // namespace exit_code

/// The terminal, the environment and time. Used by one thread.
struct Context {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    int log_descriptor = -1;  ///< what `serve` logs to: that of standard error
    std::function<std::optional<std::string>(const std::string& name)> environment;
    const Clock& clock;
    std::function<void(std::int64_t duration_ms)> sleep;
};

/// A dispatcher as `serve` sees it: signalbox::Dispatcher, or a double.
class Service {
  public:
    virtual ~Service() = default;
    virtual Result<Done> start() = 0;
    virtual std::string url() const = 0;
    /// Reads the config again; on an error the old one goes on.
    virtual Result<Done> reload() = 0;
    virtual void stop(std::int64_t drain_ms) = 0;
};

/// The signals that ask a service to end, or by SIGHUP to read its config again.
class StopSignals {
  public:
    virtual ~StopSignals() = default;
    /// From here on they wait for wait(). Before any thread is started, as threads inherit it.
    virtual void hold() = 0;
    /// Blocks until one has come and returns its name.
    virtual std::string wait() = 0;
    /// From here on one more ends the process at once.
    virtual void let_the_next_one_end_the_process() = 0;
};

/// The public functions of the core, as signalbox/check.hpp and signalbox/signing.hpp have them.
struct Core {
    std::function<Result<std::unique_ptr<Service>>(const std::filesystem::path& config,
                                                   LogSink& log)>
        open_service;
    std::function<CheckReport(const std::filesystem::path& config, CheckOptions options)> check;
    std::function<Result<Preview>(const std::filesystem::path& config, const std::string& action,
                                  const std::string& invocation)>
        preview;
    std::function<Result<std::string>(const std::filesystem::path& config,
                                      const std::string& action)>
        setup;
    std::function<Result<std::string>(const std::filesystem::path& config)> server_url;
    std::function<std::vector<Probe>(const std::filesystem::path& config)> doctor;
    std::function<ImportReport(const std::filesystem::path& file)> import_port;
    std::function<Result<std::vector<PluginInfo>>(const std::filesystem::path& config)>
        list_plugins;
    std::function<std::vector<PluginInfo>()> list_plugins_on_path;
    std::function<Result<PluginInfo>(const std::filesystem::path& file)> inspect_plugin;
    std::function<Result<std::string>(std::string_view scheme, std::string_view key,
                                      std::string_view body, std::int64_t unix_seconds,
                                      std::string_view id)>
        sign;
    std::function<Result<Done>(std::string_view scheme, std::string_view key, std::string_view body,
                               std::string_view signature, std::string_view timestamp,
                               std::string_view id, std::int64_t now_s, std::int64_t tolerance_s)>
        verify;
};

/// Everything a command gets beside its options.
struct Tools {
    Context& context;
    const Core& core;
    StopSignals& stop_signals;
};

}  // namespace signalbox::app
