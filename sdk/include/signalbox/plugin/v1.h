#ifndef SIGNALBOX_PLUGIN_V1_H
#define SIGNALBOX_PLUGIN_V1_H

/*
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
 *    read a field only if struct_size says that it is there (SIGNALBOX_HAS).
 *  - No exception crosses the boundary, in either direction.
 *  - Thread tags: [control] one thread at a time, before or after all other calls on that connection;
 *    [loop] the delivery loop's thread: return within a few milliseconds, never block.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIGNALBOX_ABI_MAJOR 1
#define SIGNALBOX_ABI_MINOR 0

/* Is `field` part of the struct that the other side filled? */
#define SIGNALBOX_HAS(pointer, type, field) \
    ((size_t)(pointer)->struct_size >= offsetof(type, field) + sizeof((pointer)->field))

typedef struct signalbox_text {
    const char* data; /* may be NULL where size is 0 */
    size_t size;
} signalbox_text;

typedef struct signalbox_field {
    signalbox_text name;
    signalbox_text value;
} signalbox_field;

/* What a plugin function answers. Anything else counts as SIGNALBOX_BROKEN. */
typedef int32_t signalbox_answer;
#define SIGNALBOX_OK 0
#define SIGNALBOX_REFUSED 1 /* explained by at least one writer->problem() */
#define SIGNALBOX_BROKEN 2  /* a defect in the plugin, explained by writer->problem() if possible */

/* What a reply means. The host adds what it knows itself: may the effect have happened? */
typedef int32_t signalbox_outcome;
#define SIGNALBOX_OUTCOME_ACCEPTED 1        /* the target took it */
#define SIGNALBOX_OUTCOME_RETRYABLE 2       /* no effect; may be tried again */
#define SIGNALBOX_OUTCOME_THROTTLED 3       /* no effect; not before retry_after_ms */
#define SIGNALBOX_OUTCOME_UNAUTHENTICATED 4 /* no effect; the connection's credentials are refused */
#define SIGNALBOX_OUTCOME_PERMANENT 5       /* no effect; trying again cannot help */
#define SIGNALBOX_OUTCOME_EFFECT_UNKNOWN 6  /* it may have happened */

/* Offered by the host; valid as long as the plugin is loaded. */
typedef struct signalbox_host {
    uint32_t struct_size;
    uint32_t abi_minor; /* of the host */
    void* context;
    /* [control, loop] A service by its id, such as "signalbox.log/1", or NULL where this host has none:
     * a plugin must live without it. */
    const void* (*service)(void* context, signalbox_text id);
} signalbox_host;

/* Takes the reasons for SIGNALBOX_REFUSED and SIGNALBOX_BROKEN. `pointer` is a JSON pointer into the
 * settings (connect) or into the invocation method's members (plan); empty where none fits. `message`
 * says what was found, what is accepted, what to do; it must not quote a secret. */
typedef struct signalbox_problem_writer {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    void (*problem)(void* context, signalbox_text pointer, signalbox_text message);
} signalbox_problem_writer;

/* The run whose next step is planned or judged. */
typedef struct signalbox_run {
    uint32_t struct_size;
    uint32_t attempt;            /* from 1; grows with every attempt of the run */
    signalbox_text id;           /* "r_…" */
    signalbox_text action;       /* the action's identifier */
    signalbox_text type;         /* invocationMethod.type, as the plugin's descriptor spells it */
    signalbox_text method;       /* JSON object: the invocation method's other members, templates filled */
    signalbox_text payload;      /* the body to send, final; JSON, compact */
    signalbox_text delivery_id;  /* the same for every attempt of one step: a target may deduplicate by it */
    signalbox_text public_url;   /* how a target reaches this Signalbox */
    int64_t wall_ms;             /* Unix time of this attempt, in milliseconds */
} signalbox_run;

/* The plugin's own memory of a run, written by its last judge(). Size 0 before the first. */
typedef struct signalbox_state {
    uint32_t struct_size;
    uint32_t version; /* the plugin's own number for the layout of `data` */
    signalbox_text data;
} signalbox_state;

/* Takes the request that plan() builds. */
typedef struct signalbox_request_writer {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    void (*problem)(void* context, signalbox_text pointer, signalbox_text message);
    void (*method)(void* context, signalbox_text method); /* default POST */
    void (*url)(void* context, signalbox_text url);       /* absolute http(s), percent-encoded; required */
    /* Added in order. Refused: what belongs to the connection (Host, Content-Length, Transfer-Encoding,
     * Connection, Keep-Alive, Proxy-Connection, Upgrade, TE, Trailer, Expect), the signature's own
     * header, and any value with a control character. */
    void (*header)(void* context, signalbox_text name, signalbox_text value);
    void (*body)(void* context, signalbox_text body); /* default: the run's payload */
    /* Non-zero: sending this twice does no harm (a GET, a poll). Default 0. */
    void (*safe)(void* context, int32_t safe);
    /* Nothing is left to send: the run has no further step. */
    void (*done)(void* context);
} signalbox_request_writer;

typedef struct signalbox_response {
    uint32_t struct_size;
    int32_t status;
    const signalbox_field* headers; /* as received, in order */
    size_t header_count;
    signalbox_text body;
    int64_t wall_ms; /* when it was received: for Retry-After as a date */
} signalbox_response;

/* Takes what judge() finds. */
typedef struct signalbox_verdict_writer {
    uint32_t struct_size;
    uint32_t reserved;
    void* context;
    void (*problem)(void* context, signalbox_text pointer, signalbox_text message);
    void (*outcome)(void* context, signalbox_outcome outcome); /* required */
    void (*reason)(void* context, signalbox_text reason);      /* for people; never the reply as it came */
    void (*advice)(void* context, signalbox_text advice);      /* what a person can do about it */
    void (*retry_after_ms)(void* context, int64_t milliseconds); /* from now; with any outcome */
    void (*external_run)(void* context, signalbox_text id, signalbox_text link);
    void (*state)(void* context, uint32_t version, signalbox_text data); /* at most 16 KiB */
    /* A further step is wanted, not before `milliseconds` from now: plan() is called with the new state. */
    void (*next_step_after_ms)(void* context, int64_t milliseconds);
} signalbox_verdict_writer;

/* One configured connection of the plugin; made and destroyed by the plugin. */
typedef struct signalbox_connection signalbox_connection;

/* Zeroed by the host, with struct_size as the host knows it; the plugin fills the fields it knows. */
typedef struct signalbox_plugin {
    uint32_t struct_size;
    uint32_t abi_minor;        /* set by the plugin */
    signalbox_text descriptor; /* JSON, static storage; the same text as in the ELF note */

    /* [control] `settings` is a JSON object that already satisfies the descriptor's schema, defaults
     * filled in. On SIGNALBOX_OK *connection is set and is destroyed by disconnect() later. */
    signalbox_answer (*connect)(const signalbox_host* host, signalbox_text settings,
                                signalbox_connection** connection,
                                const signalbox_problem_writer* writer);
    /* [control] */
    void (*disconnect)(signalbox_connection* connection);
    /* [loop] */
    signalbox_answer (*plan)(signalbox_connection* connection, const signalbox_run* run,
                             const signalbox_state* state, const signalbox_request_writer* writer);
    /* [loop] Called for whole replies only; broken exchanges are judged by the host. */
    signalbox_answer (*judge)(signalbox_connection* connection, const signalbox_run* run,
                              const signalbox_state* state, const signalbox_response* response,
                              const signalbox_verdict_writer* writer);
    /* [control] A table by string id, or NULL; may be NULL itself. */
    const void* (*extension)(signalbox_text id);
} signalbox_plugin;

/*
 * The one symbol that a plugin exports. [control] Fills *plugin and answers SIGNALBOX_OK.
 * A static plugin, or one written in a host application, passes the address of the same function.
 */
typedef signalbox_answer (*signalbox_plugin_entry)(const signalbox_host* host,
                                                   signalbox_plugin* plugin);
#define SIGNALBOX_PLUGIN_ENTRY_NAME "signalbox_plugin_v1"

/*
 * The descriptor is also in an ELF note, so that it can be read before any code of the plugin runs:
 * section .note.signalbox, owner "Signalbox", type 1, the JSON text as the descriptor.
 *
 * {"abi": {"major": 1, "minor": 0},
 *  "id": "azure-pipelines", "version": "1.0.0", "license": "Apache-2.0", "description": "…",
 *  "invocation_types": {"AZURE_DEVOPS": {schema of the invocation method's members}},
 *  "settings": {schema of the connection's settings},
 *  "capabilities": ["returns_run_id", "can_cancel", "reports_status", "deduplicates"],
 *  "signing": {"scheme": "hmac-sha1-hex", "header": "X-Port-Signature", "required": true}}
 */
#define SIGNALBOX_NOTE_SECTION ".note.signalbox"
#define SIGNALBOX_NOTE_OWNER "Signalbox"
#define SIGNALBOX_NOTE_TYPE 1

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
