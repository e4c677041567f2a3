#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "journal/approval.hpp"
#include "journal/rejection.hpp"
#include "signalbox/result.hpp"

/// The durable record of runs: the only truth. Everything else (timers, pages, metrics) is derived from it.
/// The journal knows rows and batches; what a run may do next is decided by dispatch/ and runs/, in the
/// functions they hand to change().
namespace signalbox::journal {

/// A run's number in this journal: given at insertion, growing, never reused. 0 names none.
using Sequence = std::int64_t;

/// The fact about a run, the API's `phase`. Stored by number: append only, never renumber.
enum class Phase : std::uint8_t {
    waiting_approval = 0,
    queued = 1,       ///< due at RunState::due_ms, never attempted
    sending = 2,      ///< an attempt is open
    retrying = 3,     ///< due at RunState::due_ms, attempted before
    accepted = 4,     ///< the target took it
    confirmed = 5,    ///< a pipeline run was seen (a report came)
    unconfirmed = 6,  ///< accepted, nobody started in time
    held = 7,         ///< effect unknown, or attempts spent: a person decides
    finished = 8,
    declined = 9,
    cancelled = 10,
};
const char* phase_name(Phase phase);
std::optional<Phase> phase_from_name(std::string_view name);
/// finished, declined, cancelled: such a run is immutable, but for a redelivery that reopens it.
bool is_final(Phase phase);

/// Milliseconds an attempt spent in each part of the exchange; negative: not reached.
struct PhaseTimes {
    double dns = -1, connect = -1, tls = -1, send = -1, wait = -1, read = -1;
};

/// The request of an attempt as it went (or will go) over the wire, secrets as `***` in `head`.
struct AttemptRequest {
    std::string method;
    std::string url;
    std::string head;  ///< "Name: value\r\n" for each header, in order
    /// The body where it is not the run's payload; none: the payload was sent.
    std::optional<std::string> body;
};

/// An attempt that has ended, as kept for ever beside its run.
struct Attempt {
    std::int32_t number = 0;  ///< from 1
    std::int64_t started_ms = 0;
    std::int64_t ended_ms = 0;
    PhaseTimes phases;
    AttemptRequest request;
    std::int32_t response_status = 0;  ///< 0: no reply
    std::string outcome;               ///< accepted, retryable, throttled, … (dispatch/outcome.hpp)
    std::string reason;                ///< for people; redacted
    std::int64_t next_ms = 0;          ///< Unix ms of the next attempt; 0: none
    std::string address;               ///< numeric, with its port; empty: none was reached
    std::string tls_version;           ///< `TLSv1.3`; empty: plain, or not reached
};

/// An attempt that is open on disk: bytes may be leaving, or may have left before a crash.
struct OpenAttempt {
    std::int32_t number = 0;
    std::int64_t started_ms = 0;
    AttemptRequest request;
};

/// What makes an invocation from outside one that was taken already. Kept in the same commit as its run, so
/// that a kill leaves both or neither.
struct ReplayKey {
    std::string source;
    std::string digest;  ///< 32 bytes; distinct for each message of the source
    std::int64_t expires_ms = 0;  ///< Unix ms from which on it may be forgotten
    std::size_t keys_max = 0;     ///< of the source; where so many are kept the insertion is refused
};

/// What is written once, when the run is accepted, and never changes.
struct RunSeed {
    std::string id;
    std::string action;
    std::string connection;
    std::string invocation_type;  ///< `AZURE_DEVOPS`, …
    std::string client;           ///< who invoked; empty where no clients are configured
    std::string origin;           ///< `API`, `CLI`, a source's name
    std::int64_t created_ms = 0;
    std::string properties;  ///< JSON object: the checked inputs
    std::string entity;      ///< JSON, or empty
    std::string method;      ///< JSON object: the invocation method's members, rendered
    std::string payload;     ///< the exact bytes, signed and sent as they stand here
    std::string idempotency_key;     ///< empty: none
    std::string idempotency_digest;  ///< SHA-256 of the raw invocation body, 32 bytes; with a key only
    std::string trace;               ///< trace_bytes() of the trace it came with; empty: it follows from the id
    std::string order_key;           ///< runs of one action that share it go out one after the other; empty: none
    std::string user;       ///< the email of whom the client spoke for; empty: for itself
    std::string entity_id;  ///< the entity's identifier, to be found by; empty: none
    std::string upstream_id;         ///< the run's name where it came from, such as Port's `r_…`; empty: none
    bool upstream_reports = false;   ///< for insert(): what becomes of it is to be reported there
    std::optional<ReplayKey> replay; ///< for insert()
};

/// Without what is large: properties, entity, method and payload are empty.
RunSeed without_bodies(const RunSeed& seed);

/// A seed that nobody changes any more, shared by the stations of a run's road: it is some kilobytes, and
/// each needs a part of it. A default one holds nothing. Any thread.
class SharedSeed {
  public:
    SharedSeed() = default;
    SharedSeed(RunSeed seed) : seed_(std::make_shared<const RunSeed>(std::move(seed))) {}
    explicit SharedSeed(std::shared_ptr<const RunSeed> seed) : seed_(std::move(seed)) {}
    const RunSeed& operator*() const { return *seed_; }
    const RunSeed* operator->() const { return seed_.get(); }

  private:
    std::shared_ptr<const RunSeed> seed_;
};

/// What may change. A change replaces the whole of it.
struct RunState {
    Phase phase = Phase::queued;
    std::string result;           ///< `SUCCESS` or `FAILURE` once finished
    bool effect_possible = false; ///< some attempt may have had its effect
    /// Unix ms: when the next attempt is due, in queued and retrying; when the run counts as declined, in
    /// waiting_approval (0: never).
    std::int64_t due_ms = 0;
    std::int64_t deadline_ms = 0;  ///< Unix ms after which no attempt may start; 0: none
    std::int64_t updated_ms = 0;
    std::int64_t ended_ms = 0;  ///< 0: not ended
    std::int64_t claimed_ms = 0;  ///< when the pipeline that was started redeemed it; 0: it has not been
    std::int32_t attempts = 0;  ///< attempts made or open
    std::optional<OpenAttempt> open;
    std::string status_label;
    std::string link;  ///< JSON: a string or an array of strings; empty: none
    std::string summary;
    std::string external_run_id;
    std::string reason;        ///< why it is where it is, for people (held, FAILURE by refusal)
    std::string plugin_state;  ///< opaque, at most limits::plugin_state_bytes_max
    std::uint32_t plugin_state_version = 0;
    std::optional<Approval> approval;  ///< none: nobody has to approve it
    /// What the target said in reply, at most limits::run_response_bytes_max; empty: nothing that is kept.
    std::string response;
};

struct Run {
    Sequence sequence = 0;
    RunSeed seed;
    RunState state;
    std::int64_t logged = 0;  ///< in a ChangeDone: the number its log line was given; else 0
};

struct LogLine {
    std::int64_t number = 0;  ///< of a run's lines, from 1 on without a gap
    std::int64_t created_ms = 0;
    std::string created_by;
    std::string message;
    std::string status_label;
    std::string termination_status;
};

/// What a deciding function wants written. Nothing set: nothing is written.
struct Change {
    std::optional<RunState> state;
    /// An ended attempt to keep beside the run; numbers from 1 to 1,048,575. One that was kept under the
    /// same number before gives way, so a verdict that comes after a report can be recorded.
    std::optional<Attempt> attempt;
    std::optional<LogLine> log;      ///< number is given by the journal
};

/// What an insertion came to.
struct Inserted {
    Sequence sequence = 0;
    /// The idempotency key was known, with the same digest: `existing` is that run and nothing was written.
    std::optional<Run> existing;
};

/// Decides from the run as it stands on disk at this point of the batch. What never changes and is large
/// is not read for it: the seed's properties, entity, method and payload are empty. [writer thread];
/// quick, no I/O, must not throw. Called at most once for each change() that is committed, but once more
/// for each time a batch had to be begun anew, so it must have no effect other than on what it captured
/// for its own done function.
using Decide = std::function<Change(const Run&)>;

/// Told the outcome after the commit, on the executor given at opening, in the order of the calls.
/// Errors: `journal_unavailable` (disk full, read-only, I/O: nothing of this operation was kept),
/// `journal_corrupt` (the file is damaged; nothing of this operation was kept), `idempotency_conflict`,
/// `run_exists`, `replay_refused` (its ReplayKey is kept already), `replay_keys_full`, `run_not_found`,
/// `run_log_full` (limits::run_log_lines_max), `run_attempts_full` (an attempt's number is out of range),
/// `journal_busy` (more than limits::journal_queue_max operations wait, or they have more bytes than
/// limits::journal_queue_bytes_max). Several operations share a commit: where it fails, it fails for all
/// of them.
using InsertDone = std::function<void(Result<Inserted>)>;
/// The run after the change; its seed's properties, entity, method and payload are empty, as for Decide.
using ChangeDone = std::function<void(Result<Run>&&)>;

struct RunFilter {
    std::string action;                 ///< empty: any
    std::string connection;             ///< empty: any
    std::vector<Phase> phases;          ///< empty: any
    std::string result;                 ///< `SUCCESS`, `FAILURE`; empty: any
    std::int64_t created_from_ms = 0;   ///< created then or later; 0: any time
    std::int64_t created_before_ms = 0; ///< created before; 0: any time
    Sequence before = 0;                ///< only runs with a smaller number; 0: from the newest
    std::size_t limit = 50;             ///< 1 to limits::list_rows_max; what is outside counts as the end
    std::optional<std::vector<std::string>> actions;  ///< of these only; none: any
    std::string user;                   ///< invoked for this identity; empty: any
    std::string origin;                 ///< empty: any
    std::string entity_id;              ///< empty: any
    std::string external_run_id;        ///< empty: any
};

struct RunPage {
    std::vector<Run> runs;  ///< newest first; payloads left empty
    Sequence next = 0;      ///< pass as `before` for the next page; 0: no more
};

struct RunWithAttempts {
    Run run;
    std::vector<Attempt> attempts;  ///< the ended ones, oldest first
};

/// A run that waits or was under way when the journal was opened.
struct LiveRun {
    Sequence sequence = 0;
    std::string connection;
    Phase phase = Phase::queued;
    std::int64_t due_ms = 0;
    bool open = false;  ///< an attempt is open on disk
    std::string action;
    std::string order_key;
    std::int64_t deadline_ms = 0;
};

/// A run whose reports upstream are not all delivered.
struct UpstreamRun {
    Sequence sequence = 0;
    std::string told;             ///< opaque: what of the run's state was delivered last; empty: nothing
    std::int64_t log_number = 0;  ///< log lines up to this one were delivered
};

/// One small piece of retention's work: the oldest runs of one action after `after`. Only runs in a final
/// phase go, never the newest run of the journal, and a run with an idempotency key only if it was created
/// before `keyed_before_ms`.
struct SweepStep {
    std::string action;
    Sequence after = 0;
    Sequence counted_out = 0;          ///< runs up to this number go whatever their age; 0: none
    std::int64_t ended_before_ms = 0;  ///< runs that ended before this go too; 0: none
    std::int64_t keyed_before_ms = 0;
};

struct Swept {
    std::size_t deleted = 0;  ///< runs
    Sequence next = 0;        ///< pass as `after` of the next step; 0: the action is done
};

/// A backup that is finished.
struct Backup {
    std::string file;
    std::int64_t bytes = 0;
};

/// One journal: one writer thread that groups what waits into a commit (no linger timer), one
/// checkpointer, readers on threads of their own. All functions may be called from any thread; all `done`
/// functions run on the executor. Operations are applied in the order of the calls, so an operation
/// called after another is never on disk without it: a close and the open that takes its slot may share
/// a commit.
class Journal {
  public:
    virtual ~Journal() = default;

    /// Adds a run. With an idempotency key the scope is client, action and key.
    virtual void insert(SharedSeed seed, RunState state, InsertDone done) = 0;

    /// Reads, decides and writes one run within the batch.
    virtual void change(Sequence sequence, Decide decide, ChangeDone done) = 0;
    virtual void change(std::string run_id, Decide decide, ChangeDone done) = 0;

    // Reads, as of the last commit, on a reader thread. Errors: `journal_unavailable`, `journal_corrupt`,
    // `journal_busy` (more than limits::journal_reads_max reads wait); of find and logs `run_not_found`.
    // load answers in the order asked, payloads included, and leaves out what it does not find; logs
    // answers at most limits::list_rows_max lines with a larger number, oldest first. A page of list or
    // logs ends with the row whose texts bring it to limits::list_bytes_max, so a page of logs with less
    // text and fewer lines than were asked for is the last.
    virtual void find(std::string run_id, std::function<void(Result<RunWithAttempts>)> done) = 0;
    virtual void load(std::vector<Sequence> sequences,
                      std::function<void(Result<std::vector<Run>>)> done) = 0;
    virtual void list(RunFilter filter, std::function<void(Result<RunPage>)> done) = 0;
    virtual void logs(std::string run_id, std::int64_t after_number, std::size_t limit,
                      std::function<void(Result<std::vector<LogLine>>)> done) = 0;
    /// The last lines of a run's log, oldest first: at most limits::list_rows_max, and no more than
    /// have limits::page_log_bytes_max of text, but the last in any case. A read, as logs() is.
    virtual void last_logs(std::string run_id,
                           std::function<void(Result<std::vector<LogLine>>)> done) = 0;

    /// The runs in a phase that is not final and not accepted, confirmed or unconfirmed: what dispatch
    /// must take up at the start, in order of their numbers. Of the held ones only those with an order
    /// key, because others may wait behind them. Blocking; called before the loops run.
    virtual Result<Done> recover(const std::function<void(const LiveRun&)>& each) = 0;

    // Reports upstream: of each run inserted with upstream_reports, how much of it was delivered. A journal
    // that does not offer it answers `not_supported`, or with nothing.

    /// Keeps how far the reports of a run have come.
    virtual void told_upstream(UpstreamRun run, std::function<void(Result<Done>)> done);
    /// Nothing more of this run is to be reported.
    virtual void forget_upstream(Sequence sequence, std::function<void(Result<Done>)> done);
    /// The runs with reports to deliver, in order of their numbers, from the one after `after`, at most
    /// limits::list_rows_max. A read, as list() is.
    virtual void upstream(Sequence after, std::function<void(Result<std::vector<UpstreamRun>>)> done);

    // Upkeep: in small steps between the commits, so that no run waits for it. A journal that does not
    // offer it answers `not_supported`.

    /// Actions that have runs, after `after` in the order of their names, at most limits::list_rows_max.
    virtual void actions(std::string after, std::function<void(Result<std::vector<std::string>>)> done);
    /// The number of an action's run that has `newer` newer runs of the action beside it; 0: there is none.
    virtual void older_than_newest(std::string action, std::size_t newer,
                                   std::function<void(Result<Sequence>)> done);
    /// Deletes some of what the step allows, with attempts and log lines.
    virtual void sweep(SweepStep step, std::function<void(Result<Swept>)> done);
    /// Copies the journal as it stands when the copy ends, checks the copy, and keeps it as `backups/NAME.sqlite`
    /// in the journal's directory, for its owner alone. Errors: `invalid_backup_name` (limits::
    /// backup_name_bytes_max letters, digits, `.`, `_`, `-`, the first a letter or digit), `backup_exists`,
    /// `backup_running`, `backup_failed`, `journal_corrupt` (the copy is not sound, so the journal is not
    /// either), `journal_unavailable`. Where it fails nothing is kept.
    virtual void backup(std::string name, std::function<void(Result<Backup>)> done);

    // Invocations that made no run. A journal that does not offer it answers `not_supported`.

    /// Keeps them in this order, and of all only the newest limits::rejections_kept_max. Errors as of insert().
    virtual void keep_rejections(std::vector<Rejection> rejections, std::function<void(Result<Done>)> done);
    /// Those with a smaller number than `before` (0: from the newest), newest first; a read as list() is.
    virtual void rejections(std::int64_t before, std::size_t limit,
                            std::function<void(Result<RejectionPage>)> done);

    /// 32 bytes made when the journal was, kept in it: access tokens are signed with it.
    virtual std::string token_key() const = 0;

    /// None while commits work; else why the last one failed. Any thread.
    virtual std::optional<Error> trouble() const = 0;

    /// Commits what waits, then joins all threads. Later operations fail with `journal_unavailable`. Not
    /// to be called from a Decide, nor from what recover() calls.
    virtual void close() = 0;
};

}  // namespace signalbox::journal
