#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/engine.hpp"
#include "journal/journal.hpp"
#include "jq/workers.hpp"
#include "json/value.hpp"
#include "runs/approval.hpp"
#include "runs/approvals.hpp"
#include "runs/catalog.hpp"
#include "runs/many.hpp"
#include "runs/permissions.hpp"
#include "runs/prepare.hpp"
#include "runs/rejections.hpp"
#include "runs/report.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/random.hpp"

/// What may happen to a run: the road from an invocation to its end, whoever asks (the API, a source, a
/// host application).
namespace signalbox::runs {

/// An idempotency key and what body_digest() makes of the raw body it came with; an empty key is none.
struct Idempotency {
    std::string key;
    std::string digest;
};

/// What an invocation from outside brings beside its properties.
struct Outside {
    journal::ReplayKey replay;
    std::string upstream_id;        ///< the run's name at the sender; empty: none
    bool upstream_reports = false;  ///< what becomes of it is told there
};

struct Invoked {
    journal::SharedSeed seed;
    journal::RunState state;
    bool replayed = false;  ///< the key was known: this is the run it made
};

struct Previewed {
    journal::AttemptRequest request;
    std::string payload;
};

/// [loop thread]; `done` functions run there too, after the commit, possibly before the call returns where
/// nothing had to be written.
class Runs {
  public:
    /// All must outlive this.
    Runs(const Catalog& catalog, dispatch::Engine& engine, journal::Journal& journal,
         const Clock& clock, IdSource& ids, Rejections& rejections, jq::Workers& workers);

    /// What runs that need an approval are kept with; before the first call. `public_url` begins the links
    /// that approvers are given.
    void attach(Approvals& approvals, LogSink& log, std::string public_url);
    /// Who may do what, from now on.
    void permit(PermissionsPtr permissions) { permissions_ = std::move(permissions); }
    const PermissionsPtr& permissions() const { return permissions_; }

    using InvokeDone = std::function<void(Result<Invoked>)>;
    using RunDone = std::function<void(Result<journal::RunWithAttempts>)>;

    /// `invocation` is {"properties": {…}, "entity": …}. Errors: `action_not_found`,
    /// `action_unavailable`, `invalid_body`, `invalid_inputs`, `no_approver`, `plan_refused` and the rest of
    /// Engine::accept; for an action with jq, whose preparation is a worker's, also those of jq::Workers. It
    /// is prepared by the catalog that stood when it came. Where the action needs an approval the run is
    /// recorded, and nothing else. What makes no run is kept as a rejection.
    void invoke(const std::string& action, json::Value invocation, const Caller& caller,
                Idempotency idempotency, InvokeDone done);
    /// The same for a message from outside, once. Errors also: `replay_refused`, `replay_keys_full`.
    void invoke(const std::string& action, json::Value invocation, const Caller& caller,
                Outside outside, InvokeDone done);
    /// The request that invoke() would send first, under the run id `r_preview`; nothing is recorded.
    void preview(const std::string& action, json::Value invocation, const Caller& caller,
                 std::function<void(Result<Previewed>)> done);

    /// The request that a run that waits for approval would send.
    Result<Previewed> upcoming(const journal::Run& run) const;

    /// What proves a request to its target becomes ***, for whoever might send it there himself: the
    /// headers that the connection's signer writes, and any that a name calls a signature.
    void hide_signatures(const std::string& connection, journal::AttemptRequest& request) const;

    // A guard refuses a run before anything is said of it or done to it; none: everybody may.
    void report(std::string id, Report report, RunDone done, Guard guard = {});
    void log(std::string id, LogReport report, const Caller& caller,
             std::function<void(Result<journal::LogLine>)> done, Guard guard = {});
    /// runs/report.hpp; a run is claimed once.
    void claim(std::string id, Report report, RunDone done, Guard guard = {});
    /// runs/approval.hpp; an approved run goes on to the engine.
    void decide_approval(std::string id, ApprovalReport said, RunDone done, Guard guard = {});
    /// A run that waited for approval when the journal was opened.
    void take_up(const journal::LiveRun& run);
    void cancel(std::string id, RunDone done, Guard guard = {});
    void redeliver(std::string id, RunDone done, Guard guard = {});

    /// The same to each run that the filter finds, up to its limit.
    void change_many(Hand hand, ManyRequest request, ManyDoneFunction done);

    void find(std::string id, RunDone done, Guard guard = {});

    const Catalog& catalog() const { return catalog_; }
    Rejections& rejections() { return rejections_; }

  private:
    using SeedDone = std::function<void(Result<journal::RunSeed>)>;
    /// What an invocation brings beside its properties, put into its run.
    using Mark = std::function<void(journal::RunSeed&)>;
    void start(const std::string& action, json::Value invocation, const Caller& caller, Mark mark,
               InvokeDone done);
    void prepare_aside(const std::shared_ptr<const Offer>& offer, json::Value invocation,
                       const Caller& caller, std::string run_id, SeedDone done);
    void accept(const Offer& offer, Result<journal::RunSeed> seed, const Caller& caller,
                const Mark& mark, InvokeDone done);
    Result<Previewed> plan(Result<journal::RunSeed> seed) const;
    using Decision = std::function<Result<journal::Change>(const journal::Run&)>;
    void decide(std::string id, Decision decision, journal::ChangeDone done, Guard guard = {});
    void invoke_waiting(journal::RunSeed seed, const Offer& offer, InvokeDone done);
    void replay(std::string id, InvokeDone done);
    /// `done`, once it is on record where no run was made.
    InvokeDone noted(const Caller& caller, const std::string& action, InvokeDone done);
    void tell_approvers(const std::string& notify, const journal::RunSeed& seed,
                        std::int64_t deadline_ms);
    HandDecision redelivery() const;
    HandDecision cancelling() const;
    void change_page(Hand hand, const journal::RunPage& page, const HandDecision& decision,
                     ManyDoneFunction done);

    const Catalog& catalog_;
    dispatch::Engine& engine_;
    journal::Journal& journal_;
    const Clock& clock_;
    IdSource& ids_;
    Rejections& rejections_;
    jq::Workers& workers_;
    Approvals* approvals_ = nullptr;
    LogSink* log_ = nullptr;
    std::string public_url_;
    PermissionsPtr permissions_ = std::make_shared<const Permissions>();
};

}  // namespace signalbox::runs
