#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// Runs as a host sees them: values, copied freely.
namespace signalbox {

/// What to run. Texts that are JSON are checked as the HTTP API's bodies are.
struct Invocation {
    std::string action;             ///< its identifier
    std::string properties = "{}";  ///< a JSON object: the action's inputs
    std::string entity;             ///< JSON, or empty
    std::string by;                 ///< who asks, as it is recorded; may be empty
    /// 1 to 255 printable ASCII characters; empty: none. The same key for the same action and `by` gives
    /// the same run, and is refused with other properties.
    std::string idempotency_key;
    /// The W3C header of the trace that it belongs to; empty, or not as the specification has it: a new one.
    std::string traceparent = {};
    std::string user = {};  ///< the email of whom `by` speaks for; empty: for itself
};

/// An attempt to reach the target.
struct RunAttempt {
    std::int32_t number = 0;           ///< from 1
    std::int64_t started_ms = 0;       ///< Unix milliseconds, as all of them here
    std::int64_t ended_ms = 0;         ///< 0: under way
    std::string method;                ///< of its request
    std::string url;                   ///< of its request
    std::int32_t response_status = 0;  ///< 0: no reply
    std::string outcome;               ///< `accepted`, `retryable`, …; empty while under way
    std::string reason;                ///< for people: why that outcome
    std::int64_t next_ms = 0;          ///< when the next attempt is due; 0: none
    std::string address;               ///< numeric, with its port; empty: none was reached
    std::string tls_version;           ///< `TLSv1.3`; empty: plain, or not reached
};

/// What an approver said of a run that waited for it.
struct RunDecision {
    bool approves = false;  ///< false: declines
    std::string by;         ///< the client that said so; empty: nobody named
    std::string user;       ///< the email of whom `by` spoke for; empty: for itself
    std::string comment;    ///< why, for people; may be empty
    std::int64_t at_ms = 0;  ///< given by Signalbox
};

/// An invocation and all that has come of it.
struct Run {
    std::string id;            ///< `r_…`
    std::string action;        ///< its identifier
    std::string connection;    ///< its name in the config
    std::string status;  ///< Port's word: `IN_PROGRESS`, `SUCCESS`, `FAILURE`, …
    std::string phase;   ///< the fact: `queued`, `sending`, `accepted`, `held`, `finished`, …
    std::string status_label;  ///< of the last report, as all until `external_run_id`
    std::string link;  ///< JSON: a string or an array of strings; empty: none
    std::string summary;          ///< for people
    std::string external_run_id;  ///< the target's own name for it
    std::string reason;           ///< for people: why it is where it is
    std::string properties;  ///< a JSON object
    std::string entity;      ///< JSON, or empty
    std::string by;          ///< who asked
    std::string origin;  ///< `HOST`, `API`, …
    std::int64_t created_ms = 0;  ///< these are Unix milliseconds; 0: not yet
    std::int64_t updated_ms = 0;  ///< the last change
    std::int64_t ended_ms = 0;    ///< the end
    std::int64_t next_ms = 0;          ///< when it is due; 0: it is not waiting
    std::vector<RunAttempt> attempts;  ///< oldest first; empty in a list
    std::string trace_id;              ///< of W3C Trace Context: 32 hexadecimal digits
    std::string user;                  ///< the email of whom `by` spoke for
    std::string approval;  ///< `ANY`, `ALL`: it had or has to be approved; empty: it goes out at once
    std::int64_t approval_deadline_ms = 0;  ///< Unix ms; 0: none
    std::vector<RunDecision> decisions;     ///< in their order
    bool replayed = false;             ///< of invoke(): the idempotency key was known, this is its run

    /// Nothing more will happen to it, but for a redelivery.
    bool ended() const { return ended_ms != 0; }
    /// It has ended, or waits for a person to redeliver or cancel it.
    bool settled() const { return ended() || phase == "held" || phase == "unconfirmed"; }
};

/// Which runs to list.
struct RunQuery {
    std::string action;       ///< empty: any
    std::string phase;        ///< empty: any
    std::size_t limit = 50;   ///< 1 to 1,000
    std::int64_t cursor = 0;  ///< RunPage::next of the page before; 0: from the newest
};

/// A page of a list.
struct RunPage {
    std::vector<Run> runs;  ///< newest first
    std::int64_t next = 0;  ///< 0: no more
};

/// What a target's side says of a run: as the body of `PATCH /v1/actions/runs/{id}`.
struct RunReport {
    std::string status;  ///< `SUCCESS`, `FAILURE`; empty: it goes on
    std::string status_label;     ///< a few words to show as the status
    std::string link;             ///< where a person can look
    std::string summary;          ///< for people
    std::string external_run_id;  ///< the target's own name for the run
};

}  // namespace signalbox
