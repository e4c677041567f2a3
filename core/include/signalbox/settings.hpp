#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "signalbox/secrets.hpp"

/// signalbox.yaml as structs, for a host that has no such file. The same rules hold, the same checks are made
/// and the same messages come back; their places are JSON pointers such as `/connections/contoso/limits/
/// in_flight` where a file has line and column. What is left empty is not written, and has the default.
namespace signalbox {

struct SigningSettings {
    std::string scheme;  ///< `hmac-sha1-hex`, …, `none`; empty: the plugin's
    std::string header;
    std::optional<SecretName> key;
    std::vector<SecretName> previous_keys;
};

struct LimitSettings {
    std::optional<std::int64_t> in_flight;
    std::optional<double> per_second;
    std::optional<std::int64_t> timeout_ms;
};

struct RetrySettings {
    std::optional<std::int64_t> attempts;
    std::optional<std::int64_t> first_ms;
    std::optional<double> factor;
    std::optional<std::int64_t> cap_ms;
    std::optional<double> jitter;
    std::optional<std::int64_t> retry_after_max_ms;  ///< no Retry-After is waited for longer
};

struct BreakerSettings {
    std::optional<std::int64_t> failures;  ///< in a row, until nothing more is sent; 0: never
    std::optional<std::int64_t> pause_ms;  ///< until the first probe; each that fails doubles it
    std::optional<std::int64_t> cap_ms;
};

struct ConnectionSettings {
    std::string name;
    std::string plugin;           ///< of one of Settings::plugins, or of one that the host added
    std::string settings = "{}";  ///< a JSON object, for the plugin's own schema
    std::optional<SigningSettings> signing;
    LimitSettings limits;
    RetrySettings retry;
    BreakerSettings breaker;
    std::string on_unknown;  ///< `hold`, `resend`; empty: as the plugin declares
    std::vector<std::string> egress_allow;
    std::optional<bool> trace;  ///< false: its requests carry no `traceparent`
};

struct ClientSettings {
    std::string id;
    SecretName secret;
    std::vector<std::string> may;  ///< `invoke`, `view`, `report`, `approve`, `admin`
};

struct PluginSettings {
    std::string name;  ///< searched on the plugin path; or
    std::string file;
    std::string sha256;  ///< pins the file; empty: not pinned
};

/// How the runs of one action go out, where that differs from their connection.
struct PolicySettings {
    std::string action;
    std::optional<std::int64_t> deadline_ms;  ///< from the invocation on
    RetrySettings retry;                      ///< with any member set: in place of the connection's
    bool ordered = false;       ///< one after the other, in a line for each value of `order_by`
    std::string order_by;       ///< an input; empty: one line for the action
    std::string order_blocked;  ///< `park`, `skip`; empty: park
};

/// A secret that actions may send: `{{ .secrets.NAME }}`.
struct NamedSecret {
    std::string name;
    SecretName secret;
};

/// An action document in Port's form, as JSON or YAML text.
struct ActionDocument {
    std::string name;  ///< for messages, in a file name's place: `deploy.yaml`
    std::string text;
};

struct Settings {
    std::filesystem::path directory = ".";  ///< where relative paths start
    std::string listen;                     ///< `127.0.0.1:8080`, `127.0.0.1:0` for any free port
    std::string public_url;
    std::string journal;  ///< the journal's directory
    std::vector<PluginSettings> plugins;
    std::vector<ConnectionSettings> connections;
    std::vector<ClientSettings> clients;
    std::vector<PolicySettings> policies;
    std::vector<NamedSecret> secrets;
    std::optional<SecretName> input_encryption_key;  ///< of secret inputs, at least 32 bytes
    std::vector<std::string> action_files;  ///< patterns, as `actions` in the file
    std::vector<ActionDocument> actions;
    std::optional<std::int64_t> http_connections;
    std::optional<std::int64_t> http_per_address;
};

}  // namespace signalbox
