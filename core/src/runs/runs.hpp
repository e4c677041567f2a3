#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dispatch/engine.hpp"
#include "journal/journal.hpp"
#include "json/value.hpp"
#include "runs/catalog.hpp"
#include "runs/many.hpp"
#include "runs/prepare.hpp"
#include "runs/rejections.hpp"
#include "runs/report.hpp"
#include "signalbox/clock.hpp"
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
    journal::Run run;
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
         const Clock& clock, IdSource& ids, Rejections& rejections);

    using RunDone = std::function<void(Result<journal::RunWithAttempts>)>;

    /// `invocation` is {"properties": {…}, "entity": …}. Errors: `action_not_found`,
    /// `action_unavailable`, `invalid_body`, `invalid_inputs`, `plan_refused` and the rest of
    /// Engine::accept. What makes no run is kept as a rejection.
    void invoke(const std::string& action, json::Value invocation, const Caller& caller,
                Idempotency idempotency, std::function<void(Result<Invoked>)> done);
    /// The same for a message from outside, once. Errors also: `replay_refused`, `replay_keys_full`.
    void invoke(const std::string& action, json::Value invocation, const Caller& caller,
                Outside outside, std::function<void(Result<Invoked>)> done);
    /// The request that invoke() would send first, under the run id `r_preview`; nothing is recorded.
    Result<Previewed> preview(const std::string& action, json::Value invocation,
                              const Caller& caller) const;

    void report(std::string id, Report report, RunDone done);
    void log(std::string id, LogReport report, const Caller& caller,
             std::function<void(Result<journal::LogLine>)> done);
    void claim(std::string id, Report report, RunDone done);
    void cancel(std::string id, RunDone done);
    void redeliver(std::string id, RunDone done);

    /// The same to each run that the filter finds, up to its limit.
    void change_many(Hand hand, ManyRequest request, ManyDoneFunction done);

    void find(std::string id, RunDone done) { journal_.find(std::move(id), std::move(done)); }

    const Catalog& catalog() const { return catalog_; }
    Rejections& rejections() { return rejections_; }

  private:
    void accept(const std::string& action, Result<journal::RunSeed> seed, const Caller& caller,
                std::function<void(Result<Invoked>)> done);
    using Decision = std::function<Result<journal::Change>(const journal::Run&)>;
    void decide(std::string id, Decision decision, journal::ChangeDone done);
    Result<journal::Change> redelivery(const journal::Run& run, std::int64_t now_ms) const;
    void change_page(Hand hand, const journal::RunPage& page, const HandDecision& decision,
                     ManyDoneFunction done);

    const Catalog& catalog_;
    dispatch::Engine& engine_;
    journal::Journal& journal_;
    const Clock& clock_;
    IdSource& ids_;
    Rejections& rejections_;
};

}  // namespace signalbox::runs
