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

/// How a connection's requests are signed.
struct SigningSettings {
    std::string scheme;  ///< `hmac-sha1-hex`, …, `none`; empty: the plugin's
    std::string header;  ///< empty: the scheme's, or the plugin's
    std::optional<SecretName> key;          ///< signs
    std::vector<SecretName> previous_keys;  ///< verify too
};

/// How much is sent to a target at once, and how long an attempt may take.
struct LimitSettings {
    std::optional<std::int64_t> in_flight;   ///< attempts at once
    std::optional<double> per_second;        ///< attempts; 0: no limit
    std::optional<std::int64_t> timeout_ms;  ///< of a whole attempt
};

/// When an attempt that had no effect is made again.
struct RetrySettings {
    std::optional<std::int64_t> attempts;  ///< in all; then the run is held
    std::optional<std::int64_t> first_ms;  ///< the first delay
    std::optional<double> factor;          ///< each delay is the one before, times this
    std::optional<std::int64_t> cap_ms;    ///< the longest delay
    std::optional<double> jitter;          ///< 0 to 1: a delay may differ by that share of it
    std::optional<std::int64_t> retry_after_max_ms;  ///< no Retry-After is waited for longer
};

/// When a connection whose target keeps failing stops, and for how long.
struct BreakerSettings {
    std::optional<std::int64_t> failures;  ///< in a row, until nothing more is sent; 0: never
    std::optional<std::int64_t> pause_ms;  ///< until the first probe; each that fails doubles it
    std::optional<std::int64_t> cap_ms;    ///< the longest pause
};

/// How the listener speaks HTTPS: PEM files, without a passphrase.
struct ListenerTlsSettings {
    std::string certificate;  ///< with its chain, its own certificate first
    std::string key;                  ///< of the certificate
    std::string client_ca;            ///< empty: clients' certificates are not asked for
    std::string client_certificates;  ///< `required`, `optional`; empty: required
};

/// How a connection speaks HTTPS to its target: PEM files, without a passphrase.
struct ConnectionTlsSettings {
    std::string ca;           ///< empty: the system's authorities
    std::string certificate;  ///< shown to a target that asks for one
    std::string key;          ///< of the certificate
};

/// A connection to a target: where it is, its keys and its limits.
struct ConnectionSettings {
    std::string name;             ///< letters, digits, `_`, `.` and `-`
    std::string plugin;           ///< of one of Settings::plugins, or of one that the host added
    std::string settings = "{}";  ///< a JSON object, for the plugin's own schema
    std::optional<SigningSettings> signing;  ///< needed where the plugin says so
    LimitSettings limits;                    ///< what its target can bear
    RetrySettings retry;                     ///< what to do when it fails
    BreakerSettings breaker;                 ///< what to do when it keeps failing
    std::string on_unknown;  ///< `hold`, `resend`; empty: as the plugin declares
    std::optional<bool> trace;  ///< false: its requests carry no `traceparent`
    std::vector<std::string> egress_allow;  ///< networks, `10.1.0.0/16`, refused where not named here
    ConnectionTlsSettings tls;  ///< for an `https:` target
    bool stamp = false;  ///< payloads get a member `signalbox` {runId, issuedAt}
};

/// Who may call the API.
struct ClientSettings {
    std::string id;                ///< what it gives as `clientId`
    SecretName secret;             ///< what it gives as `clientSecret`
    std::vector<std::string> may;  ///< `invoke`, `view`, `report`, `approve`, `admin`
    bool trusted = false;          ///< it may say whom it speaks for (`run_as`)
};

/// Where what becomes of a source's runs is reported: Port's API.
struct SourceReportSettings {
    std::string url;           ///< `https://api.port.io`
    std::string client_id;     ///< of Port's credentials
    SecretName client_secret;  ///< of the same
    std::vector<std::string> egress_allow;  ///< networks, refused where private and not named here
    ConnectionTlsSettings tls;              ///< for an `https:` URL
    std::optional<std::int64_t> first_ms;   ///< until the first repeat; doubled each time
    std::optional<std::int64_t> cap_ms;     ///< the longest wait between two
};

/// Which messages of a source are meant.
struct SourceCondition {
    std::string value;            ///< a template
    std::vector<std::string> is;  ///< one of these must come out
};

/// Signed webhooks that others send us.
struct SourceSettings {
    std::string name;    ///< the last part of `/v1/sources/NAME`
    std::string verify;  ///< `port-v1`, `hmac-sha256-prefixed`, …, `basic`, `bearer`
    SecretName key;      ///< of the signature; the password or the token of the other two
    std::vector<SecretName> previous_keys;     ///< prove a message too, during a rotation
    std::string header;                        ///< of the signature; empty: the scheme's
    std::string user;                          ///< of `basic`
    std::optional<std::int64_t> tolerance_ms;  ///< how far a signed timestamp may be off
    std::optional<std::int64_t> keep_ms;       ///< how long a message is remembered
    std::optional<double> per_second;          ///< messages with a proof; 0: no limit
    std::vector<SourceCondition> when;         ///< all must hold
    std::string action;      ///< a template; empty: messages are Port's
    std::string properties;  ///< a JSON object, or one template as a JSON string; empty: none
    std::string entity;      ///< JSON; empty: none
    std::optional<SourceReportSettings> report;  ///< none: nothing is told upstream
};

/// A target that is loaded from a file.
struct PluginSettings {
    std::string name;  ///< searched on the plugin path; or
    std::string file;    ///< loaded from there
    std::string sha256;  ///< pins the file; empty: not pinned
};

/// How the runs of one action go out, where that differs from their connection.
struct PolicySettings {
    std::string action;                       ///< its identifier
    std::optional<std::int64_t> deadline_ms;  ///< from the invocation on
    RetrySettings retry;                      ///< with any member set: in place of the connection's
    bool ordered = false;       ///< one after the other, in a line for each value of `order_by`
    std::string order_by;       ///< an input; empty: one line for the action
    std::string order_blocked;  ///< `park`, `skip`; empty: park
    std::optional<std::int64_t> approval_deadline_ms;  ///< from the invocation on; then it counts as declined
    std::string approval_notify;                       ///< an action that tells of a run that waits
};

/// Who may do what with one action: clients' ids and `user:EMAIL`. None: every client that has the right;
/// an empty list: admins alone.
struct PermissionSettings {
    std::string action;                              ///< its identifier
    std::optional<std::vector<std::string>> view;    ///< see it and its runs
    std::optional<std::vector<std::string>> invoke;  ///< make a run of it, or a preview
    std::optional<std::vector<std::string>> approve; ///< decide on a run that waits for approval
    std::optional<std::vector<std::string>> report;  ///< say what became of a run
};

/// What is kept of the runs that have ended: by age, by number, or both. Empty: all of them.
struct RetentionRule {
    std::optional<std::int64_t> keep_ms;  ///< since the end
    std::optional<std::int64_t> runs;     ///< of one action, the newest ones
};

/// The rule of one action, in the place of the common one.
struct ActionRetention {
    std::string action;  ///< its identifier
    RetentionRule rule;  ///< empty: all of them are kept
};

/// A secret that actions may send: `{{ .secrets.NAME }}`.
struct NamedSecret {
    std::string name;   ///< what actions call it
    SecretName secret;  ///< where its value is
};

/// An action document in Port's form, as JSON or YAML text.
struct ActionDocument {
    std::string name;  ///< for messages, in a file name's place: `deploy.yaml`
    std::string text;  ///< the document
};

/// All of a config.
struct Settings {
    std::filesystem::path directory = ".";  ///< where relative paths start
    std::string listen;                     ///< `127.0.0.1:8080`, `127.0.0.1:0` for any free port
    std::string public_url;                 ///< how targets and people reach us; empty: `listen`
    std::string journal;       ///< the journal's directory
    bool journal_log = false;  ///< commits go into a log there before they go into the journal's file
    std::vector<PluginSettings> plugins;             ///< beside the host's own targets
    std::vector<ConnectionSettings> connections;     ///< distinct names
    std::vector<ClientSettings> clients;             ///< none: every caller has all rights
    std::vector<SourceSettings> sources;             ///< distinct names
    std::vector<PolicySettings> policies;            ///< distinct actions
    std::vector<PermissionSettings> permissions;     ///< distinct actions
    RetentionRule retention;                         ///< of every action that has no rule of its own
    std::vector<ActionRetention> action_retentions;  ///< distinct actions
    std::vector<NamedSecret> secrets;                ///< distinct names
    std::optional<SecretName> input_encryption_key;  ///< of secret inputs, at least 32 bytes
    std::vector<std::string> action_files;  ///< patterns, as `actions` in the file
    std::vector<ActionDocument> actions;    ///< beside those files
    std::optional<std::int64_t> http_connections;  ///< in all
    std::optional<std::int64_t> http_per_address;  ///< 0: no cap
    std::optional<ListenerTlsSettings> tls;        ///< turns HTTPS on
};

}  // namespace signalbox
