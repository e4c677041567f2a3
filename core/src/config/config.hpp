#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "document/node.hpp"
#include "json/value.hpp"
#include "signalbox/secrets.hpp"
#include "signing/scheme.hpp"

/// signalbox.yaml as typed settings. Reading it opens no socket and runs no plugin code.
namespace signalbox::config {

/// A secret as the config refers to it, and its value once resolved. Never printed.
struct Secret {
    std::string env;   ///< {env: NAME}
    std::string file;  ///< {file: PATH}, absolute
    document::Position position;
    std::string value;  ///< empty until resolve_secrets()
};

/// A secret that actions may send: `{{ .secrets.NAME }}`.
struct NamedSecret {
    std::string name;
    Secret secret;
};

struct Endpoint {
    std::string host = "127.0.0.1";  ///< a name or an address, IPv6 without brackets
    std::uint16_t port = 8080;       ///< 0: any free one
};

struct PluginReference {
    std::string name;            ///< `azure-pipelines`, searched on the plugin path; or empty
    std::filesystem::path file;  ///< absolute; or empty
    std::string sha256;          ///< 64 hex digits; or empty
    document::Position position;
    bool built_in = false;  ///< compiled into the host program
};

struct SigningSettings {
    bool written = false;  ///< `signing:` stands in the file
    signing::Scheme scheme = signing::Scheme::none;
    bool scheme_written = false;
    std::string header;  ///< empty: the scheme's, or the plugin's, default
    std::optional<Secret> key;
    std::vector<Secret> previous_keys;
    document::Position position;
};

struct LimitSettings {
    std::int32_t in_flight = 16;  ///< 1 to 65,536
    double per_second = 0;        ///< 0: no limit
    std::int64_t timeout_ms = 30'000;
};

struct RetrySettings {
    std::int32_t attempts = 8;
    std::int64_t first_ms = 1'000;
    double factor = 2;
    std::int64_t cap_ms = 600'000;
    double jitter = 0.2;  ///< a delay d becomes one in [d·(1−jitter), d·(1+jitter)]
    std::int64_t retry_after_max_ms = 3'600'000;  ///< no Retry-After is waited for longer
};

/// When a connection whose target keeps failing stops, and for how long.
struct BreakerSettings {
    std::int32_t failures = 10;  ///< in a row; 0: it never stops
    std::int64_t pause_ms = 5'000;
    std::int64_t cap_ms = 300'000;
};

/// How the runs of one action go out, where that differs from their connection.
struct PolicySettings {
    std::string action;
    document::Position position;
    std::optional<RetrySettings> retry;  ///< in place of the connection's
    std::int64_t deadline_ms = 0;        ///< from the invocation on; 0: none
    bool ordered = false;
    std::string order_by;  ///< the input whose value makes the line; empty: one line for the action
    document::Position order_by_position;
    bool order_skips = false;
    bool approval_written = false;         ///< `approval:` stands in the file
    std::int64_t approval_deadline_ms = 0;  ///< from the invocation on; 0: none
    std::string approval_notify;            ///< the action that tells of it; empty: none
    document::Position approval_position;
    document::Position approval_notify_position;
};

/// Who may do what with an action: clients' ids, and `user:` with an email in lower case.
struct PermissionSettings {
    std::string action;
    document::Position position;
    /// view, invoke, approve, report; none: every client that has the right.
    std::array<std::optional<std::vector<std::string>>, 4> lists;
};

/// A PEM file that the config names.
struct NamedFile {
    std::string file;  ///< absolute; empty: not named
    document::Position position;
};

/// How we speak HTTPS as a server.
struct ListenerTlsSettings {
    bool written = false;  ///< `tls:` stands in the file
    NamedFile certificate;
    NamedFile key;
    NamedFile client_ca;  ///< not named: clients' certificates are not asked for
    bool client_certificate_required = true;
};

/// How we speak HTTPS to a target.
struct ConnectionTlsSettings {
    NamedFile ca;  ///< not named: the system's authorities
    NamedFile certificate;
    NamedFile key;
};

enum class OnUnknown : std::uint8_t { by_plugin, hold, resend };

struct ConnectionSettings {
    std::string name;
    std::string plugin;
    document::Position position;         ///< of the name
    document::Position plugin_position;  ///< of the plugin's name
    document::Node settings;  ///< for the plugin's own schema; an empty mapping if absent
    SigningSettings signing;
    LimitSettings limits;
    RetrySettings retry;
    BreakerSettings breaker;
    OnUnknown on_unknown = OnUnknown::by_plugin;
    bool stamp = false;  ///< payloads get a member `signalbox` with the run's id and when it was made
    std::vector<std::string> egress_allow;  ///< CIDR ranges
    ConnectionTlsSettings tls;
    bool traced = true;  ///< `trace`: its requests carry a `traceparent`
};

/// How a source's messages prove who sent them.
enum class Proof : std::uint8_t {
    signature,  ///< by SourceSettings::scheme
    basic,      ///< HTTP Basic: `user`, and the key as the password
    bearer,     ///< the key as a bearer token
};

/// Where what becomes of a source's runs is reported: Port's API.
struct SourceReportSettings {
    std::string url;  ///< without a closing `/`
    document::Position position;
    std::string client_id;  ///< written out, as it is no secret; or
    std::optional<Secret> client_id_secret;
    Secret client_secret;
    std::vector<std::string> egress_allow;  ///< CIDR ranges
    ConnectionTlsSettings tls;
    std::int64_t first_ms = 1'000;  ///< until the first repeat; doubled each time
    std::int64_t cap_ms = 300'000;
};

/// A message that does not fit is taken note of and starts nothing.
struct SourceCondition {
    document::Node value;         ///< a template
    std::vector<std::string> is;  ///< one of these must come out
};

/// Signed webhooks that others send us. Templates stand as they are written; wiring compiles them.
struct SourceSettings {
    std::string name;
    document::Position position;  ///< of the name
    Proof proof = Proof::signature;
    signing::Scheme scheme = signing::Scheme::none;
    std::string header;  ///< of the signature; empty: the scheme's
    std::string user;    ///< of Proof::basic
    std::optional<Secret> key;
    std::vector<Secret> previous_keys;
    std::int64_t tolerance_ms = 300'000;
    std::int64_t keep_ms = 0;  ///< how long a message is remembered; 0: as long as its timestamp is believed
    double per_second = limits::source_per_second_default;  ///< 0: no limit
    std::vector<SourceCondition> when;
    /// What a message invokes; none of them: it is Port's invocation message.
    std::optional<document::Node> action;
    std::optional<document::Node> properties;
    std::optional<document::Node> entity;
    std::optional<SourceReportSettings> report;
};

enum class Right : std::uint8_t { invoke = 1, view = 2, report = 4, approve = 8, admin = 16 };

struct ClientSettings {
    std::string id;
    Secret secret;
    std::uint8_t rights = 0;  ///< of Right, or-ed
    bool trusted = false;     ///< it may say whom it speaks for (`run_as`)
    document::Position position;
};

struct HttpSettings {
    std::size_t connections = limits::http_connections_default;
    std::size_t per_address = 0;  ///< 0: no cap
};

/// What is kept of the runs that have ended.
struct RetentionRule {
    std::int64_t keep_ms = 0;  ///< since the end; 0: any age
    std::size_t runs = 0;      ///< of one action, the newest ones; 0: any number
};

struct RetentionSettings {
    RetentionRule otherwise;
    /// Each in the place of `otherwise`, by the action's identifier; distinct.
    std::vector<std::pair<std::string, RetentionRule>> actions;
};

struct Config {
    std::string file;                 ///< as given, for messages
    std::filesystem::path directory;  ///< absolute; relative paths in the file start here
    Endpoint listen;
    document::Position listen_position;
    std::string public_url;         ///< empty: made from what is listened on
    std::filesystem::path journal;  ///< its directory, absolute
    bool journal_log = false;       ///< commits go into a log before they go into the journal's file
    std::vector<PluginReference> plugins;
    std::vector<ConnectionSettings> connections;
    std::vector<ClientSettings> clients;
    std::vector<SourceSettings> sources;
    std::vector<PolicySettings> policies;
    std::vector<NamedSecret> secrets;            ///< names distinct
    std::optional<Secret> input_encryption_key;  ///< of actions' secret inputs, at least 32 bytes
    std::vector<PermissionSettings> permissions;
    std::vector<std::filesystem::path> action_files;  ///< the glob, expanded and sorted
    HttpSettings http;
    RetentionSettings retention;
    ListenerTlsSettings tls;
    /// Where a secret is, or may be, written out (each is an error). Whoever shows lines of the
    /// file shows `***` from there to the line's end.
    std::vector<document::Position> literal_secrets;
};

/// Reads a config file; every problem is added, in the file's order; the whole file is read
/// whatever is wrong with it. The result may be used only if no problem is an error.
/// Connections may also name the plugins that are built into the host.
Config read_file(const std::filesystem::path& file, document::Problems& problems,
                 const std::vector<std::string>& built_in = {});
/// As read_file, from text; `directory` stands in for the file's own.
Config read_text(std::string_view text, const std::string& file,
                 const std::filesystem::path& directory, document::Problems& problems,
                 const std::vector<std::string>& built_in = {});

/// Fills every Secret::value from the environment or its file (one trailing newline is dropped).
/// Each missing, unreadable or empty one is a problem at its place. With a `source`, that is asked
/// instead.
void resolve_secrets(Config& config, document::Problems& problems, SecretSource* source = nullptr);

/// The value of a secret that one of a connection's settings refers to, `{env: NAME}` or `{file: PATH}`;
/// none, and a problem at its place, where there is none. A secret written out is an error.
std::optional<std::string> read_setting_secret(const document::Node& node, std::string_view name,
                                               Config& config, document::Problems& problems,
                                               SecretSource* source = nullptr);
/// Only whether it refers to one in an accepted form.
bool check_setting_secret(const document::Node& node, std::string_view name, Config& config,
                          document::Problems& problems);

/// `30s`, `5m`, `250ms`, `1h`, `2d` as milliseconds; none: not a duration.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// Where `{file: …}` and `plugins:` files, and relative paths in general, are resolved: against
/// `directory`.
std::filesystem::path resolve_path(const std::filesystem::path& directory, std::string_view path);

}  // namespace signalbox::config
