#include "runs/runs.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "runs/prepare.hpp"

namespace signalbox::runs {

using journal::Run;
using journal::RunSeed;

Runs::Runs(const Catalog& catalog, dispatch::Engine& engine, journal::Journal& journal,
           const Clock& clock, IdSource& ids, Rejections& rejections, jq::Workers& workers)
    : catalog_(catalog),
      engine_(engine),
      journal_(journal),
      clock_(clock),
      ids_(ids),
      rejections_(rejections),
      workers_(workers) {}

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
        done(Invoked{std::move(found->run.seed), std::move(found->run.state), true});
    });
}

Runs::InvokeDone Runs::noted(const Caller& caller, const std::string& action, InvokeDone done) {
    return [this, caller, action, done = std::move(done)](Result<Invoked> invoked) {
        if (!invoked) rejections_.refused(invoked.error(), caller, action);
        if (invoked && invoked->replayed)
            rejections_.replayed(caller, action, invoked->seed->id);
        done(std::move(invoked));
    };
}

void Runs::invoke(const std::string& action, json::Value invocation, const Caller& caller,
                  Idempotency idempotency, InvokeDone done) {
    start(
        action, std::move(invocation), caller,
        [idempotency = std::move(idempotency)](RunSeed& seed) {
            seed.idempotency_key = idempotency.key;
            seed.idempotency_digest = idempotency.digest;
        },
        std::move(done));
}

void Runs::invoke(const std::string& action, json::Value invocation, const Caller& caller,
                  Outside outside, InvokeDone done) {
    start(
        action, std::move(invocation), caller,
        [outside = std::move(outside)](RunSeed& seed) {
            seed.replay = outside.replay;
            seed.upstream_id = outside.upstream_id;
            seed.upstream_reports = outside.upstream_reports;
        },
        std::move(done));
}

void Runs::start(const std::string& action, json::Value invocation, const Caller& caller,
                 Mark mark, InvokeDone done) {
    auto found = find_offer(catalog_, action);
    if (!found) {
        rejections_.refused(found.error(), caller, action);
        return done(std::move(found).error());
    }
    if ((*found)->action->jq.list.empty()) {
        return accept(**found,
                      prepare(**found, std::move(invocation), caller, ids_.next_run_id(),
                              clock_.wall_ms()),
                      caller, mark, std::move(done));
    }
    // A copy, because a reload may replace the catalog before the worker is done.
    const auto offer = std::make_shared<const Offer>(**found);
    prepare_aside(offer, std::move(invocation), caller, ids_.next_run_id(),
                  [this, offer, caller, mark = std::move(mark),
                   done = std::move(done)](Result<RunSeed> seed) mutable {
                      accept(*offer, std::move(seed), caller, mark, std::move(done));
                  });
}

void Runs::prepare_aside(const std::shared_ptr<const Offer>& offer, json::Value invocation,
                         const Caller& caller, std::string run_id, SeedDone done) {
    auto given = std::make_shared<json::Value>(std::move(invocation));
    auto seed = std::make_shared<std::optional<Result<RunSeed>>>();
    workers_.run(
        offer->action->identifier,
        [offer, given, caller, run_id = std::move(run_id), at_ms = clock_.wall_ms(), seed](
            jq::Machine& machine, const std::atomic<bool>& stop) {
            const Jq jq{machine, stop};
            *seed = prepare(*offer, std::move(*given), caller, run_id, at_ms, &jq);
        },
        [seed, done = std::move(done)](std::optional<Error> late) {
            // One that is late may still be written to by its thread.
            if (late) return done(std::move(*late));
            done(std::move(**seed));
        });
}

void Runs::accept(const Offer& offer, Result<RunSeed> seed, const Caller& caller, const Mark& mark,
                  InvokeDone done) {
    const std::string& action = offer.action->identifier;
    if (!seed) {
        rejections_.refused(seed.error(), caller, action);
        return done(std::move(seed).error());
    }
    mark(*seed);
    if (offer.approval) return invoke_waiting(std::move(*seed), offer, noted(caller, action, done));
    const journal::SharedSeed shared(std::move(*seed));
    engine_.accept(shared, [this, shared, done = std::move(done)](auto&& accepted) mutable {
        const Caller by{shared->client, shared->origin, {}};
        if (!accepted) {
            rejections_.refused(accepted.error(), by, shared->action);
            return done(std::move(accepted).error());
        }
        if (accepted->existing) {
            rejections_.replayed(by, shared->action, accepted->existing->seed.id);
            return replay(accepted->existing->seed.id, std::move(done));
        }
        Invoked reply{shared, {}};
        reply.state.phase = accepted->phase;
        reply.state.updated_ms = shared->created_ms;
        done(std::move(reply));
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
    prepare_aside(std::make_shared<const Offer>(**offer), std::move(invocation), caller,
                  std::string(preview_run_id),
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

void Runs::cancel(std::string id, RunDone done, Guard guard) {
    decide(
        std::move(id), cancelling(),
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            find(run->seed.id, done);
        },
        std::move(guard));
}

void Runs::redeliver(std::string id, RunDone done, Guard guard) {
    decide(
        std::move(id), redelivery(),
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            engine_.due(*run);
            find(run->seed.id, done);
        },
        std::move(guard));
}

}  // namespace signalbox::runs
