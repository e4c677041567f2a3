#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.hpp"
#include "plugins/descriptor.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/plugin/v1.h"
#include "signalbox/result.hpp"

/// The host's side of the plugin contract: find, check, load, call.
namespace signalbox::plugins {

using Header = std::pair<std::string, std::string>;

/// What plan() and judge() are told of a run; everything borrowed for the call.
struct RunView {
    std::string_view id, action, type, method, payload, delivery_id, public_url;
    std::uint32_t attempt = 1;
    std::int64_t wall_ms = 0;
    std::uint32_t state_version = 0;
    std::string_view state;
    std::string_view credential = {};
    std::string_view trace = {};  ///< as it is kept (base/trace.hpp), for log lines
};

struct PlannedRequest {
    bool done = false;  ///< no further step; nothing else is set
    std::string method = "POST";
    std::string url;
    std::vector<Header> headers;
    std::optional<std::string> body;  ///< none: the run's payload
    bool safe = false;
    std::vector<Header> secret_headers = {};  ///< sent after `headers`; stored and shown as ***
};

struct ResponseView {
    int status = 0;
    const std::vector<Header>* headers = nullptr;
    std::string_view body;
    std::int64_t wall_ms = 0;
};

enum class Outcome : std::uint8_t {
    accepted,
    retryable,
    throttled,
    unauthenticated,
    permanent,
    effect_unknown
};

struct Verdict {
    Outcome outcome = Outcome::effect_unknown;
    std::string reason;
    std::string advice;
    std::int64_t retry_after_ms = -1;  ///< negative: not said
    std::string external_run_id, external_link;
    std::optional<std::pair<std::uint32_t, std::string>> state;
    std::int64_t next_step_after_ms = -1;
    std::optional<bool> finished;  ///< with accepted: the run is over; true: it succeeded
    std::string response;          ///< for the run's log
};

/// What a connection step came to.
struct Credential {
    bool granted = false;
    std::string bytes;           ///< a secret; if granted
    std::int64_t valid_ms = 0;   ///< if granted; not positive: for one attempt
    Verdict why_not;             ///< if not; its effect is none
};

/// What a blocking call may ask while it runs. [any thread]
class CallControl {
  public:
    virtual ~CallControl() = default;
    virtual std::int64_t remaining_ms() const = 0;
    virtual bool cancelled() const = 0;
};

/// Takes what plugins count. [any thread]
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void count(std::string_view plugin, std::string_view connection, std::string_view event,
                       std::uint64_t amount) = 0;
};

/// What a connection of the config is, beside its settings.
struct ConnectionInfo {
    std::string name;
    std::map<std::string, std::string, std::less<>> secrets;  ///< by the name in the settings
    EventSink* events = nullptr;  ///< none: this host offers no metric service
};

/// One configured connection of a plugin. [loop thread], but for deliver; destroyed before the
/// plugin.
class Connection {
  public:
    virtual ~Connection() = default;
    /// Error `plan_refused` (details point into the invocation method's members) or `plugin_broken`
    /// (a contract breach, named; the run must not be retried blindly).
    virtual Result<PlannedRequest> plan(const RunView& run) = 0;
    /// Error `plugin_broken`: the caller treats the effect as unknown.
    virtual Result<Verdict> judge(const RunView& run, const ResponseView& response) = 0;

    /// Its runs go through check() and deliver(); plan and judge are not called.
    virtual bool blocking() const { return false; }
    /// Errors as of plan.
    virtual Result<Done> check(const RunView& run);
    /// [worker threads, several at once] Errors as of judge.
    virtual Result<Verdict> deliver(const RunView& run, const CallControl& call);

    /// Its requests need a credential that an exchange of its own fetches.
    virtual bool has_step() const { return false; }
    /// Errors as of plan.
    virtual Result<PlannedRequest> plan_step(std::int64_t wall_ms);
    /// Errors as of judge.
    virtual Result<Credential> judge_step(const ResponseView& response);
};

/// A plugin that is loaded for good: the library is never unloaded (unique symbols and
/// thread-locals make unloading a gamble; every careful host in the field pins).
class Plugin {
  public:
    virtual ~Plugin() = default;
    virtual const Descriptor& descriptor() const = 0;
    /// Where it came from, for messages: a path, or `built in`.
    virtual const std::string& origin() const = 0;
    /// `settings` already satisfies the descriptor's schema. Error `connection_refused`, details
    /// pointing into the settings. [control thread]
    virtual Result<std::unique_ptr<Connection>> connect(const json::Value& settings,
                                                        ConnectionInfo info) = 0;
    Result<std::unique_ptr<Connection>> connect(const json::Value& settings) {
        return connect(settings, ConnectionInfo{});
    }
};

/// A plugin file by its name on a colon-separated path: `azure-pipelines` is
/// `signalbox_azure_pipelines.so`. Error `plugin_not_found` names every place looked at, and the
/// nearest name that is there. A name has only [a-z0-9-].
Result<std::filesystem::path> find(std::string_view name,
                                   const std::vector<std::filesystem::path>& path);

/// SIGNALBOX_PLUGIN_PATH if set, else `fallback`.
std::vector<std::filesystem::path> search_path(const std::filesystem::path& fallback);

/// Done if the file's SHA-256 is `sha256` (64 hexadecimal digits, either case). Called before
/// load() for a plugin whose config writes a pin. Errors: `plugin_bad_pin` (not 64 digits),
/// `plugin_pin_mismatch` (with the file's own digest), `plugin_unreadable` (also over
/// limits::plugin_file_bytes_max).
Result<Done> check_pin(const std::filesystem::path& file, std::string_view sha256);

/// Copies a pinned plugin into the folder `cache` as `<sha256>.so`, once, and gives that path: what was
/// hashed is what will be loaded, whatever happens to the file meanwhile. Errors as of check_pin, of
/// check_trust for the folder, and `plugin_cache` (it cannot be written).
Result<std::filesystem::path> copy_pinned(const std::filesystem::path& file,
                                          std::string_view sha256,
                                          const std::filesystem::path& cache);

/// Checks who could replace the file (trust.hpp), reads the note, checks it, then opens the file with
/// Boost.DLL (RTLD_NOW | RTLD_LOCAL), fetches signalbox_plugin_v1 and compares the descriptor with the
/// note's. Errors: those of check_trust,
/// read_note and parse_descriptor, `plugin_unloadable` (with the loader's own words), `plugin_no_entry`,
/// `plugin_mismatch`, `plugin_broken` (its entry fails or leaves a function out). `log` and `clock`
/// must outlive the plugin; a call that takes over limits::plugin_call_us_warn is logged as
/// `plugin_slow`, what a plugin says but may not say as `plugin_ignored`.
Result<std::shared_ptr<Plugin>> load(const std::filesystem::path& file, LogSink& log,
                                     const Clock& clock);

/// A plugin compiled into the program: the same function, by address.
Result<std::shared_ptr<Plugin>> adopt(signalbox_plugin_entry entry, LogSink& log,
                                      const Clock& clock);

}  // namespace signalbox::plugins
