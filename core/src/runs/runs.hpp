#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "dispatch/engine.hpp"
#include "journal/journal.hpp"
#include "jq/workers.hpp"
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

/// An idempotency key and the SHA-256 of the raw body it came with; an empty key is none.
struct Idempotency {
    std::string key;
    std::string digest;
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
         const Clock& clock, IdSource& ids, Rejections& rejections, jq::Workers& workers);

    using RunDone = std::function<void(Result<journal::RunWithAttempts>)>;

    /// `invocation` is {"properties": {…}, "entity": …}. Errors: `action_not_found`,
    /// `action_unavailable`, `invalid_body`, `invalid_inputs`, `plan_refused` and the rest of
    /// Engine::accept; for an action with jq, whose preparation is a worker's, also those of
    /// jq::Workers. It is prepared by the catalog that stood when it came. What makes no run is kept as
    /// a rejection.
    void invoke(const std::string& action, json::Value invocation, const Caller& caller,
                Idempotency idempotency, std::function<void(Result<Invoked>)> done);
    /// The request that invoke() would send first, under the run id `r_preview`; nothing is recorded.
    void preview(const std::string& action, json::Value invocation, const Caller& caller,
                 std::function<void(Result<Previewed>)> done);

    void report(std::string id, Report report, RunDone done);
    void log(std::string id, LogReport report, const Caller& caller,
             std::function<void(Result<journal::LogLine>)> done);
    void cancel(std::string id, RunDone done);
    void redeliver(std::string id, RunDone done);

    /// The same to each run that the filter finds, up to its limit.
    void change_many(Hand hand, ManyRequest request, ManyDoneFunction done);

    void find(std::string id, RunDone done) { journal_.find(std::move(id), std::move(done)); }

    const Catalog& catalog() const { return catalog_; }
    Rejections& rejections() { return rejections_; }

  private:
    using SeedDone = std::function<void(Result<journal::RunSeed>)>;
    void prepare_aside(const Offer& offer, json::Value invocation, const Caller& caller,
                       std::string run_id, SeedDone done);
    void accept(journal::RunSeed seed, Idempotency idempotency,
                std::function<void(Result<Invoked>)> done);
    Result<Previewed> plan(Result<journal::RunSeed> seed) const;
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
    jq::Workers& workers_;
};

}  // namespace signalbox::runs
