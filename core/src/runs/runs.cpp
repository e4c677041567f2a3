#include "runs/runs.hpp"

#include <optional>
#include <utility>

#include "runs/prepare.hpp"

namespace signalbox::runs {
namespace {

using journal::Run;
using journal::RunSeed;

}  // namespace

Runs::Runs(const Catalog& catalog, dispatch::Engine& engine, journal::Journal& journal,
           const Clock& clock, IdSource& ids, Rejections& rejections)
    : catalog_(catalog),
      engine_(engine),
      journal_(journal),
      clock_(clock),
      ids_(ids),
      rejections_(rejections) {}

void Runs::attach(Approvals& approvals, LogSink& log, std::string public_url) {
    approvals_ = &approvals;
    log_ = &log;
    public_url_ = std::move(public_url);
}

void Runs::find(std::string id, RunDone done, Guard guard) {
    if (!guard) return journal_.find(std::move(id), std::move(done));
    journal_.find(std::move(id),
                  [done = std::move(done), guard = std::move(guard)](auto found) {
                      if (found) {
                          if (auto refused = guard(found->run)) return done(std::move(*refused));
                      }
                      done(std::move(found));
                  });
}

void Runs::replay(std::string id, InvokeDone done) {
    find(std::move(id), [done = std::move(done)](auto found) {
        if (!found) return done(std::move(found).error());
        done(Invoked{std::move(found->run), true});
    });
}

Runs::InvokeDone Runs::noted(const Caller& caller, const std::string& action, InvokeDone done) {
    return [this, caller, action, done = std::move(done)](Result<Invoked> invoked) {
        if (!invoked) rejections_.refused(invoked.error(), caller, action);
        if (invoked && invoked->replayed)
            rejections_.replayed(caller, action, invoked->run.seed.id);
        done(std::move(invoked));
    };
}

void Runs::invoke(const std::string& action, json::Value invocation, const Caller& caller,
                  Idempotency idempotency, InvokeDone done) {
    auto seed = prepare(catalog_, action, std::move(invocation), caller, ids_.next_run_id(),
                        clock_.wall_ms());
    if (seed) {
        seed->idempotency_key = std::move(idempotency.key);
        seed->idempotency_digest = std::move(idempotency.digest);
    }
    accept(action, std::move(seed), caller, std::move(done));
}

void Runs::invoke(const std::string& action, json::Value invocation, const Caller& caller,
                  Outside outside, InvokeDone done) {
    auto seed = prepare(catalog_, action, std::move(invocation), caller, ids_.next_run_id(),
                        clock_.wall_ms());
    if (seed) {
        seed->replay = std::move(outside.replay);
        seed->upstream_id = std::move(outside.upstream_id);
        seed->upstream_reports = outside.upstream_reports;
    }
    accept(action, std::move(seed), caller, std::move(done));
}

void Runs::accept(const std::string& action, Result<RunSeed> seed, const Caller& caller,
                  InvokeDone done) {
    if (!seed) {
        rejections_.refused(seed.error(), caller, action);
        return done(std::move(seed).error());
    }
    // What the reply shows, without the payload, which may be large and is not shown.
    Invoked reply;
    RunSeed& shown = reply.run.seed;
    shown.id = seed->id;
    shown.action = seed->action;
    shown.connection = seed->connection;
    shown.client = seed->client;
    shown.origin = seed->origin;
    shown.trace = seed->trace;
    shown.created_ms = seed->created_ms;
    shown.properties = seed->properties;
    shown.entity = seed->entity;
    shown.user = seed->user;
    shown.upstream_id = seed->upstream_id;
    if (const Offer& offer = catalog_.find(action)->second; offer.approval)
        return invoke_waiting(std::move(*seed), offer, std::move(reply), noted(caller, action, done));
    engine_.accept(std::move(*seed),
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
                       replay(accepted->existing->seed.id, std::move(done));
                   });
}

Result<Previewed> Runs::preview(const std::string& action, json::Value invocation,
                                const Caller& caller) const {
    auto seed = prepare(catalog_, action, std::move(invocation), caller,
                        std::string(preview_run_id), clock_.wall_ms());
    if (!seed) return std::move(seed).error();
    auto composed = engine_.preview(*seed);
    if (!composed) return std::move(composed).error();
    return Previewed{std::move(composed->record), std::move(seed->payload)};
}

void Runs::decide(std::string id, Decision decision, journal::ChangeDone done, Guard guard) {
    auto refused = std::make_shared<std::optional<Error>>();
    journal_.change(
        std::move(id),
        [decision = std::move(decision), guard = std::move(guard), refused](const Run& run) {
            refused->reset();
            if (guard && (*refused = guard(run))) return journal::Change{};
            auto change = decision(run);
            if (change) return std::move(*change);
            *refused = std::move(change).error();
            return journal::Change{};
        },
        [this, done = std::move(done), refused](Result<Run> run) {
            if (run && *refused) return done(std::move(**refused));
            if (run) {
                engine_.moved(*run);
                if (approvals_) approvals_->moved(*run);
            }
            done(std::move(run));
        });
}

void Runs::report(std::string id, Report said, RunDone done, Guard guard) {
    const std::int64_t now_ms = clock_.wall_ms();
    decide(
        std::move(id),
        [said = std::move(said), now_ms](const Run& run) {
            return runs::report(run, said, now_ms);
        },
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            find(run->seed.id, done);
        },
        std::move(guard));
}

void Runs::log(std::string id, LogReport said, const Caller& caller,
               std::function<void(Result<journal::LogLine>)> done, Guard guard) {
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
        },
        std::move(guard));
}

void Runs::claim(std::string id, Report said, RunDone done, Guard guard) {
    const std::int64_t now_ms = clock_.wall_ms();
    decide(
        std::move(id),
        [said = std::move(said), now_ms](const Run& run) { return runs::claim(run, said, now_ms); },
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            find(run->seed.id, done);
        },
        std::move(guard));
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
