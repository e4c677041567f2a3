#ifndef SIGNALBOX_PLUGIN_V1_H
#define SIGNALBOX_PLUGIN_V1_H

/** @file
 * The binary contract between Signalbox and a target plugin. C11, <stddef.h> and <stdint.h> only.
 * C++ authors use target.hpp, which is compiled into the plugin and speaks this contract.
 *
 * A plugin does no I/O. It PLANS a request and JUDGES a response; the host signs, sends, times, limits
 * and records. The same two functions serve preview, delivery and recovery, so they must be pure: the
 * same arguments give the same answer, and nothing is kept between calls but in the state they return.
 *
 * Rules that hold for every function here:
 *  - Text is UTF-8 with a size, not NUL-terminated. A pointer that is passed in is borrowed for that
 *    call only; copy what you keep. Nothing is freed across the boundary: all output goes through the
 *    writer of the call, which copies at once.
 *  - Structs begin with their size as the other side knew it. Fields are only ever added at the end;
 *    read a field only if struct_size says that it is there (SIGNALBOX_HAS). `reserved` is 0. A
 *    `context` is given to each function of its struct.
 *  - No exception crosses the boundary, in either direction.
 *  - Thread tags: [control] one thread at a time, before or after all other calls on that connection;
 *    [loop] the delivery loop's thread: return within a few milliseconds, never block; [worker] a thread
 *    of the host's pool, possibly several at once; [any] whichever thread the plugin was called on.
 *    A plugin calls the host only while the host is calling it, on that thread.
 *
 * A target that cannot be spoken to over HTTP is a BLOCKING one: signalbox_blocking, at the end.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIGNALBOX_ABI_MAJOR 1 /**< stands in the entry's name; a host refuses another */
#define SIGNALBOX_ABI_MINOR 0 /**< grows with what is appended; any is accepted */

/** Is `field` part of the struct that the other side filled? */
#define SIGNALBOX_HAS(pointer, type, field) \
    ((size_t)(pointer)->struct_size >= offsetof(type, field) + sizeof((pointer)->field))

/** Bytes with a size, not NUL-terminated. */
typedef struct signalbox_text {
    const char* data; /**< may be NULL where size is 0 */
    size_t size;      /**< in bytes */
} signalbox_text;

/** A header, or a field of a log line. */
typedef struct signalbox_field {
    signalbox_text name;  /**< as it was written */
    signalbox_text value; /**< as it was written */
} signalbox_field;

/** What a plugin function answers. Anything else counts as SIGNALBOX_BROKEN. */
typedef int32_t signalbox_answer;
#define SIGNALBOX_OK 0      /**< done */
#define SIGNALBOX_REFUSED 1 /**< explained by at least one writer->problem() */
#define SIGNALBOX_BROKEN 2  /**< a defect in the plugin, explained by writer->problem() if possible */

/** What a reply means. The host adds what it knows itself: may the effect have happened? */
typedef int32_t signalbox_outcome;
#define SIGNALBOX_OUTCOME_ACCEPTED 1        /**< the target took it */
#define SIGNALBOX_OUTCOME_RETRYABLE 2       /**< no effect; may be tried again */
#define SIGNALBOX_OUTCOME_THROTTLED 3       /**< no effect; not before retry_after_ms */
#define SIGNALBOX_OUTCOME_UNAUTHENTICATED 4 /**< no effect; the connection's credentials are refused */
#define SIGNALBOX_OUTCOME_PERMANENT 5       /**< no effect; trying again cannot help */
#define SIGNALBOX_OUTCOME_EFFECT_UNKNOWN 6  /**< it may have happened */

/** Offered by the host. The one given to the entry is valid as long as the plugin is loaded; the one given
 * to connect() belongs to that connection and is valid until its disconnect() has returned. */
typedef struct signalbox_host {
    uint32_t struct_size;
    uint32_t abi_minor; /**< of the host */
    void* context;
    /** [any] A service by its id, such as SIGNALBOX_LOG_SERVICE, or NULL where this host has none: a
     * plugin must live without it. The table is valid as long as this host is. */
    const void* (*service)(void* context, signalbox_text id);
} signalbox_host;

/** Takes the reasons for SIGNALBOX_REFUSED and SIGNALBOX_BROKEN. `pointer` is a JSON pointer into the
 * settings (connect) or into the invocation method's members (plan); empty where none fits. `message`
 * says what was found, what is accepted, what to do; it must not quote a secret. */
typedef struct signalbox_problem_writer {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** One reason; called once for each. */
    void (*problem)(void* context, signalbox_text pointer, signalbox_text message);
} signalbox_problem_writer;

/** The run whose next step is planned or judged. */
typedef struct signalbox_run {
    uint32_t struct_size;
    uint32_t attempt;            /**< from 1; grows with every attempt of the run */
    signalbox_text id;           /**< "r_…" */
    signalbox_text action;       /**< the action's identifier */
    signalbox_text type;         /**< invocationMethod.type, as the plugin's descriptor spells it */
    signalbox_text method;       /**< JSON object: the invocation method's other members, templates filled */
    signalbox_text payload;      /**< the body to send, final; JSON, compact */
    signalbox_text delivery_id;  /**< the same for every attempt of one step: a target may deduplicate by it */
    signalbox_text public_url;   /**< how a target reaches this Signalbox */
    int64_t wall_ms;             /**< Unix time of this attempt, in milliseconds */
    /** What the last connection step fetched; empty without one, and in previews. It is a secret. */
    signalbox_text credential;
} signalbox_run;

/** The plugin's own memory of a run, written by its last judge(). Size 0 before the first. */
typedef struct signalbox_state {
    uint32_t struct_size;
    uint32_t version; /**< the plugin's own number for the layout of `data` */
    signalbox_text data; /**< at most 16 KiB */
} signalbox_state;

/** Takes the request that plan() builds. */
typedef struct signalbox_request_writer {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** As signalbox_problem_writer says. */
    void (*problem)(void* context, signalbox_text pointer, signalbox_text message);
    void (*method)(void* context, signalbox_text method); /**< default POST */
    void (*url)(void* context, signalbox_text url);       /**< absolute http(s), percent-encoded; required */
    /** Added in order. Refused: what belongs to the connection (Host, Content-Length, Transfer-Encoding,
     * Connection, Keep-Alive, Proxy-Connection, Upgrade, TE, Trailer, Expect), the signature's own
     * header, and any value with a control character. */
    void (*header)(void* context, signalbox_text name, signalbox_text value);
    void (*body)(void* context, signalbox_text body); /**< default: the run's payload */
    /** Non-zero: sending this twice does no harm (a GET, a poll). Default 0. */
    void (*safe)(void* context, int32_t safe);
    /** Nothing is left to send: the run has no further step. */
    void (*done)(void* context);
    /** As header(), for a value that is a secret or was made from one: it is sent, and stored and shown
     * as ***. */
    void (*secret_header)(void* context, signalbox_text name, signalbox_text value);
} signalbox_request_writer;

/** A whole reply. */
typedef struct signalbox_response {
    uint32_t struct_size;
    int32_t status;                 /**< of the last reply: 1xx are skipped */
    const signalbox_field* headers; /**< as received, in order */
    size_t header_count;            /**< of `headers` */
    signalbox_text body;            /**< without its transfer coding */
    int64_t wall_ms; /**< when it was received: for Retry-After as a date */
} signalbox_response;

/** Takes what judge() finds. */
typedef struct signalbox_verdict_writer {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** As signalbox_problem_writer says. */
    void (*problem)(void* context, signalbox_text pointer, signalbox_text message);
    void (*outcome)(void* context, signalbox_outcome outcome); /**< required */
    void (*reason)(void* context, signalbox_text reason);      /**< for people; never the reply as it came */
    void (*advice)(void* context, signalbox_text advice);      /**< what a person can do about it */
    void (*retry_after_ms)(void* context, int64_t milliseconds); /**< from now; with any outcome */
    /** The target's own name for the run, and where a person can look at it; each may be empty. */
    void (*external_run)(void* context, signalbox_text id, signalbox_text link);
    void (*state)(void* context, uint32_t version, signalbox_text data); /**< at most 16 KiB */
    /** A further step is wanted, not before `milliseconds` from now: plan() is called with the new state. */
    void (*next_step_after_ms)(void* context, int64_t milliseconds);
    /** With ACCEPTED only: the run is over, and nobody will report on it. Non-zero: it succeeded. */
    void (*finished)(void* context, int32_t success);
    /** What the target answered, for the people who read the run's log; cut off at 64 KiB. Say only what
     * holds no secret. */
    void (*response)(void* context, signalbox_text text);
} signalbox_verdict_writer;

/** One configured connection of the plugin; made and destroyed by the plugin. */
typedef struct signalbox_connection signalbox_connection;

/** Zeroed by the host, with struct_size as the host knows it; the plugin fills the fields it knows. */
typedef struct signalbox_plugin {
    uint32_t struct_size;
    uint32_t abi_minor;        /**< set by the plugin */
    signalbox_text descriptor; /**< JSON, static storage; the same text as in the ELF note */

    /** [control] `settings` is a JSON object that already satisfies the descriptor's schema, defaults
     * filled in. On SIGNALBOX_OK *connection is set and is destroyed by disconnect() later. */
    signalbox_answer (*connect)(const signalbox_host* host, signalbox_text settings,
                                signalbox_connection** connection,
                                const signalbox_problem_writer* writer);
    /** [control] */
    void (*disconnect)(signalbox_connection* connection);
    /** [loop] */
    signalbox_answer (*plan)(signalbox_connection* connection, const signalbox_run* run,
                             const signalbox_state* state, const signalbox_request_writer* writer);
    /** [loop] Called for whole replies only; broken exchanges are judged by the host. */
    signalbox_answer (*judge)(signalbox_connection* connection, const signalbox_run* run,
                              const signalbox_state* state, const signalbox_response* response,
                              const signalbox_verdict_writer* writer);
    /** [control] A table by string id, in static storage, or NULL for an id that is not known; may be NULL
     * itself. */
    const void* (*extension)(signalbox_text id);
} signalbox_plugin;

/*
 * Extensions: what a plugin may offer beyond plan() and judge(), by the ids that extension() is asked for.
 */

/** A target that blocks: it runs a command, speaks a protocol that is not HTTP. With this extension, and
 * "delivery": "blocking" in the descriptor, plan and judge may be NULL and are never called. */
#define SIGNALBOX_BLOCKING_EXTENSION "signalbox.blocking/1"

/** One call of deliver(). */
typedef struct signalbox_call {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** [worker] Until the deadline; 0 once it has passed. */
    int64_t (*remaining_ms)(void* context);
    /** [worker] Non-zero: stop as soon as you can and return what is known. Set by a shutdown and by the
     * deadline. A call that does not return by then is given up: its run is judged effect unknown. */
    int32_t (*cancelled)(void* context);
} signalbox_call;

/** The table of SIGNALBOX_BLOCKING_EXTENSION. */
typedef struct signalbox_blocking {
    uint32_t struct_size;
    uint32_t reserved;
    /** [loop] Can this run be delivered? Called before the run is accepted; may be NULL. */
    signalbox_answer (*check)(signalbox_connection* connection, const signalbox_run* run,
                              const signalbox_problem_writer* writer);
    /** [worker] Delivers the run and says what came of it. Several runs of a connection at once, as many
     * as the config's limits.in_flight. */
    signalbox_answer (*deliver)(signalbox_connection* connection, const signalbox_run* run,
                                const signalbox_state* state, const signalbox_call* call,
                                const signalbox_verdict_writer* writer);
} signalbox_blocking;

/** A connection step: one exchange that fetches a credential (a token) for the whole connection. It runs
 * before the first request that needs it, its result is kept in memory until it expires and comes to
 * plan() as run->credential, and an UNAUTHENTICATED verdict drops it. */
#define SIGNALBOX_CONNECTION_STEP_EXTENSION "signalbox.connection_step/1"

/** Takes what a connection step came to. */
typedef struct signalbox_credential_writer {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** As signalbox_problem_writer says. */
    void (*problem)(void* context, signalbox_text pointer, signalbox_text message);
    /** The credential, and for how long it is good. Non-positive: for this one attempt. */
    void (*credential)(void* context, signalbox_text credential, int64_t valid_ms);
    /** Why there is none: RETRYABLE, THROTTLED, UNAUTHENTICATED or PERMANENT. */
    void (*outcome)(void* context, signalbox_outcome outcome);
    void (*reason)(void* context, signalbox_text reason);        /**< as in a verdict */
    void (*advice)(void* context, signalbox_text advice);        /**< as in a verdict */
    void (*retry_after_ms)(void* context, int64_t milliseconds); /**< as in a verdict */
} signalbox_credential_writer;

/** The table of SIGNALBOX_CONNECTION_STEP_EXTENSION. */
typedef struct signalbox_connection_step {
    uint32_t struct_size;
    uint32_t reserved;
    /** [loop] The request. It is not signed, it is taken for safe, and it is not stored. */
    signalbox_answer (*plan)(signalbox_connection* connection, int64_t wall_ms,
                             const signalbox_request_writer* writer);
    /** [loop] */
    signalbox_answer (*judge)(signalbox_connection* connection, const signalbox_response* response,
                              const signalbox_credential_writer* writer);
} signalbox_connection_step;

/*
 * Services: what a host may offer, by the ids that host->service() is asked for. Each table's functions
 * take its context. Texts are borrowed for the call; a taker is called at most once, before the service
 * returns, and copies what it keeps.
 */

/** One log line at a time. */
#define SIGNALBOX_LOG_SERVICE "signalbox.log/1"
#define SIGNALBOX_LOG_DEBUG 1   /**< for who looks for a fault */
#define SIGNALBOX_LOG_INFO 2    /**< what happens */
#define SIGNALBOX_LOG_WARNING 3 /**< what should not be so */
#define SIGNALBOX_LOG_ERROR 4   /**< what a person must do something about */
/** The table of SIGNALBOX_LOG_SERVICE. */
typedef struct signalbox_log_service {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** [any] One line, with the plugin's and the connection's name added by the host. */
    void (*write)(void* context, int32_t level, signalbox_text message, const signalbox_field* fields,
                  size_t field_count);
} signalbox_log_service;

/** The host's time, which a test may have made. */
#define SIGNALBOX_CLOCK_SERVICE "signalbox.clock/1"
/** The table of SIGNALBOX_CLOCK_SERVICE. */
typedef struct signalbox_clock_service {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    int64_t (*wall_ms)(void* context);   /**< [any] Unix time */
    int64_t (*steady_ms)(void* context); /**< [any] never goes back; its zero means nothing */
} signalbox_clock_service;

/** Secrets never stand in the settings: a member that the schema marks x-secret is written in the config as
 * {env: NAME} or {file: PATH}, and reads here as a name to ask this service for. */
#define SIGNALBOX_SECRET_SERVICE "signalbox.secret/1"
/** The table of SIGNALBOX_SECRET_SERVICE. */
typedef struct signalbox_secret_service {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** [any] OK, or REFUSED where the connection has no such secret: then `take` is not called. */
    signalbox_answer (*read)(void* context, signalbox_text name,
                             void (*take)(void* taker, signalbox_text secret), void* taker);
} signalbox_secret_service;

/** Counters, shown as signalbox_plugin_events_total{connection, outcome}, the event as the outcome. */
#define SIGNALBOX_METRIC_SERVICE "signalbox.metric/1"
/** The table of SIGNALBOX_METRIC_SERVICE. */
typedef struct signalbox_metric_service {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    /** [any] `event` has letters, digits and _, at most 64; a connection counts at most 16 different ones,
     * others are left out. */
    void (*count)(void* context, signalbox_text event, uint64_t amount);
} signalbox_metric_service;

/** What a plugin would otherwise link a library for. */
#define SIGNALBOX_CRYPTO_SERVICE "signalbox.crypto/1"
/** The table of SIGNALBOX_CRYPTO_SERVICE. */
typedef struct signalbox_crypto_service {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    void (*sha256)(void* context, signalbox_text bytes, unsigned char digest[32]); /**< [any] */
    void (*hmac_sha256)(void* context, signalbox_text key, signalbox_text bytes,
                        unsigned char digest[32]); /**< [any] */
    void (*hmac_sha1)(void* context, signalbox_text key, signalbox_text bytes,
                      unsigned char digest[20]);                          /**< [any] */
    int32_t (*equal)(void* context, signalbox_text left, signalbox_text right); /**< [any] constant time */
    void (*random)(void* context, unsigned char* bytes, size_t size);     /**< [any] not in plan or judge */
} signalbox_crypto_service;

/**
 * The one symbol that a plugin exports. [control] Fills *plugin and answers SIGNALBOX_OK.
 * A static plugin, or one written in a host application, passes the address of the same function.
 */
typedef signalbox_answer (*signalbox_plugin_entry)(const signalbox_host* host,
                                                   signalbox_plugin* plugin);
/** The name of that symbol. */
#define SIGNALBOX_PLUGIN_ENTRY_NAME "signalbox_plugin_v1"

/**
 * The descriptor is also in an ELF note, so that it can be read before any code of the plugin runs:
 * section .note.signalbox, owner "Signalbox", type 1, the JSON text as the descriptor.
 *
 * {"abi": {"major": 1, "minor": 0},
 *  "id": "azure-pipelines", "version": "1.0.0", "license": "Apache-2.0", "description": "…",
 *  "invocation_types": {"AZURE_DEVOPS": {schema of the invocation method's members}},
 *  "settings": {schema of the connection's settings},
 *  "capabilities": ["returns_run_id", "can_cancel", "reports_status", "deduplicates"],
 *  "signing": {"scheme": "hmac-sha1-hex", "header": "X-Port-Signature", "required": true},
 *  "delivery": "http", or "blocking" with that extension,
 *  "deduplicates_by": a boolean setting's name: where it is true, the connection's target deduplicates,
 *  "setup": "what to enter on the target's side, as text with {{placeholders}}"}
 *
 * The placeholders of `setup`: {{connection}}, {{public_url}}, {{signing.header}}, {{signing.scheme}},
 * {{settings.NAME}}, {{action}}, {{method.NAME}}; {{signing.key}}, where the key is kept; {{reporter}} and
 * {{reporter.secret}}, a client that may report and where its secret is kept; {{run_id_path}} and
 * {{action_path}}, where the payload holds them, by dots. What is not known is shown as `<NAME>`. A line that
 * begins with {{?NAME}} is left out where NAME is not known. Nothing after a $ is a placeholder.
 */
#define SIGNALBOX_NOTE_SECTION ".note.signalbox"
#define SIGNALBOX_NOTE_OWNER "Signalbox" /**< with its NUL */
#define SIGNALBOX_NOTE_TYPE 1            /**< the descriptor */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
