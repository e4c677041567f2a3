#include "runs/runs.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "runs/prepare.hpp"

namespace signalbox::runs {
namespace {

using journal::Run;
using journal::RunSeed;

}  // namespace

Runs::Runs(const Catalog& catalog, dispatch::Engine& engine, journal::Journal& journal,
           const Clock& clock, IdSource& ids, Rejections& rejections, jq::Workers& workers)
    : catalog_(catalog),
      engine_(engine),
      journal_(journal),
      clock_(clock),
      ids_(ids),
      rejections_(rejections),
      workers_(workers) {}

void Runs::invoke(const std::string& action, json::Value invocation, const Caller& caller,
                  Idempotency idempotency, std::function<void(Result<Invoked>)> done) {
    const auto refuse = [this, &caller, &action, &done](Error error) {
        rejections_.refused(error, caller, action);
        done(std::move(error));
    };
    auto offer = find_offer(catalog_, action);
    if (!offer) return refuse(std::move(offer).error());
    if ((*offer)->action->jq.list.empty()) {
        auto seed = prepare(**offer, std::move(invocation), caller, ids_.next_run_id(),
                            clock_.wall_ms());
        if (!seed) return refuse(std::move(seed).error());
        return accept(std::move(*seed), std::move(idempotency), std::move(done));
    }
    prepare_aside(**offer, std::move(invocation), caller, ids_.next_run_id(),
                  [this, caller, action, idempotency = std::move(idempotency),
                   done = std::move(done)](Result<RunSeed> seed) mutable {
                      if (!seed) {
                          rejections_.refused(seed.error(), caller, action);
                          return done(std::move(seed).error());
                      }
                      accept(std::move(*seed), std::move(idempotency), std::move(done));
                  });
}

void Runs::prepare_aside(const Offer& offer, json::Value invocation, const Caller& caller,
                         std::string run_id, SeedDone done) {
    // Copies, because a reload may replace the catalog before the worker is done.
    auto given = std::make_shared<json::Value>(std::move(invocation));
    auto seed = std::make_shared<std::optional<Result<RunSeed>>>();
    workers_.run(
        offer.action->identifier,
        [offer, given, caller, run_id = std::move(run_id), at_ms = clock_.wall_ms(), seed](
            jq::Machine& machine, const std::atomic<bool>& stop) {
            const Jq jq{machine, stop};
            *seed = prepare(offer, std::move(*given), caller, run_id, at_ms, &jq);
        },
        [seed, done = std::move(done)](std::optional<Error> late) {
            // One that is late may still be written to by its thread.
            if (late) return done(std::move(*late));
            done(std::move(**seed));
        });
}

void Runs::accept(RunSeed seed, Idempotency idempotency,
                  std::function<void(Result<Invoked>)> done) {
    seed.idempotency_key = std::move(idempotency.key);
    seed.idempotency_digest = std::move(idempotency.digest);

    // What the reply shows, without the payload, which may be large and is not shown.
    Invoked reply;
    RunSeed& shown = reply.run.seed;
    shown.id = seed.id;
    shown.action = seed.action;
    shown.connection = seed.connection;
    shown.client = seed.client;
    shown.origin = seed.origin;
    shown.trace = seed.trace;
    shown.created_ms = seed.created_ms;
    shown.properties = seed.properties;
    shown.entity = seed.entity;
    engine_.accept(std::move(seed),
                   [this, reply = std::move(reply), done = std::move(done)](auto accepted) mutable {
                       const RunSeed& asked = reply.run.seed;
                       const Caller by{asked.client, asked.origin, {}};
                       if (!accepted) {
                           rejections_.refused(accepted.error(), by, asked.action);
                           return done(std::move(accepted).error());
                       }
                       if (!accepted->existing) {
                           reply.run.state.phase = accepted->phase;
                           reply.run.state.updated_ms = reply.run.seed.created_ms;
                           return done(std::move(reply));
                       }
                       rejections_.replayed(by, asked.action, accepted->existing->seed.id);
                       find(accepted->existing->seed.id, [done = std::move(done)](auto found) {
                           if (!found) return done(std::move(found).error());
                           done(Invoked{std::move(found->run), true});
                       });
                   });
}

void Runs::preview(const std::string& action, json::Value invocation, const Caller& caller,
                   std::function<void(Result<Previewed>)> done) {
    auto offer = find_offer(catalog_, action);
    if (!offer) return done(std::move(offer).error());
    if ((*offer)->action->jq.list.empty()) {
        return done(plan(prepare(**offer, std::move(invocation), caller,
                                 std::string(preview_run_id), clock_.wall_ms())));
    }
    prepare_aside(**offer, std::move(invocation), caller, std::string(preview_run_id),
                  [this, done = std::move(done)](Result<RunSeed> seed) {
                      done(plan(std::move(seed)));
                  });
}

Result<Previewed> Runs::plan(Result<RunSeed> seed) const {
    if (!seed) return std::move(seed).error();
    auto composed = engine_.preview(*seed);
    if (!composed) return std::move(composed).error();
    return Previewed{std::move(composed->record), std::move(seed->payload)};
}

void Runs::decide(std::string id, Decision decision, journal::ChangeDone done) {
    auto refused = std::make_shared<std::optional<Error>>();
    journal_.change(
        std::move(id),
        [decision = std::move(decision), refused](const Run& run) {
            auto change = decision(run);
            refused->reset();
            if (change) return std::move(*change);
            *refused = std::move(change).error();
            return journal::Change{};
        },
        [this, done = std::move(done), refused](Result<Run> run) {
            if (run && *refused) return done(std::move(**refused));
            if (run) engine_.moved(*run);
            done(std::move(run));
        });
}

void Runs::report(std::string id, Report said, RunDone done) {
    const std::int64_t now_ms = clock_.wall_ms();
    decide(
        std::move(id),
        [said = std::move(said), now_ms](const Run& run) {
            return runs::report(run, said, now_ms);
        },
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            find(run->seed.id, done);
        });
}

void Runs::log(std::string id, LogReport said, const Caller& caller,
               std::function<void(Result<journal::LogLine>)> done) {
    const std::int64_t now_ms = clock_.wall_ms();
    auto written = std::make_shared<journal::LogLine>();
    decide(
        std::move(id),
        [said = std::move(said), by = caller.client, now_ms, written](const Run& run) {
            auto change = runs::log(run, said, by, now_ms);
            if (change) *written = *change->log;
            return change;
        },
        [done = std::move(done), written](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            written->number = run->logged;
            done(std::move(*written));
        });
}

void Runs::cancel(std::string id, RunDone done) {
    const std::int64_t now_ms = clock_.wall_ms();
    decide(
        std::move(id), [now_ms](const Run& run) { return runs::cancel(run, now_ms); },
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            find(run->seed.id, done);
        });
}

void Runs::redeliver(std::string id, RunDone done) {
    const std::int64_t now_ms = clock_.wall_ms();
    decide(
        std::move(id), [this, now_ms](const Run& run) { return redelivery(run, now_ms); },
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            engine_.due(*run);
            find(run->seed.id, done);
        });
}

}  // namespace signalbox::runs
