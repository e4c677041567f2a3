#pragma once

#include <cstdint>
#include <filesystem>
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
};

struct PlannedRequest {
    bool done = false;  ///< no further step; nothing else is set
    std::string method = "POST";
    std::string url;
    std::vector<Header> headers;
    std::optional<std::string> body;  ///< none: the run's payload
    bool safe = false;
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
};

/// One configured connection of a plugin. plan and judge: [loop thread]; destroyed before the
/// plugin.
class Connection {
  public:
    virtual ~Connection() = default;
    /// Error `plan_refused` (details point into the invocation method's members) or `plugin_broken`
    /// (a contract breach, named; the run must not be retried blindly).
    virtual Result<PlannedRequest> plan(const RunView& run) = 0;
    /// Error `plugin_broken`: the caller treats the effect as unknown.
    virtual Result<Verdict> judge(const RunView& run, const ResponseView& response) = 0;
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
    virtual Result<std::unique_ptr<Connection>> connect(const json::Value& settings) = 0;
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

/// Reads the note, checks it, then opens the file with Boost.DLL (RTLD_NOW | RTLD_LOCAL), fetches
/// signalbox_plugin_v1 and compares the descriptor with the note's. Errors: those of read_note and
/// parse_descriptor, `plugin_unloadable` (with the loader's own words), `plugin_no_entry`,
/// `plugin_mismatch`, `plugin_broken` (its entry fails or leaves a function out). `log` and `clock`
/// must outlive the plugin; a call that takes over limits::plugin_call_us_warn is logged as
/// `plugin_slow`, what a plugin says but may not say as `plugin_ignored`.
Result<std::shared_ptr<Plugin>> load(const std::filesystem::path& file, LogSink& log,
                                     const Clock& clock);

/// A plugin compiled into the program: the same function, by address.
Result<std::shared_ptr<Plugin>> adopt(signalbox_plugin_entry entry, LogSink& log,
                                      const Clock& clock);

}  // namespace signalbox::plugins
