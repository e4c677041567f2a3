// What Runs does with a run that has to be approved before anything of it is sent.
#include <algorithm>
#include <memory>
#include <utility>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "json/door.hpp"
#include "runs/runs.hpp"

namespace signalbox::runs {
namespace {

using journal::Run;
using journal::RunSeed;
using journal::RunState;

Error nobody_to_ask(const RunSeed& seed) {
    return Error{"no_approver",
                 "a run of action '" + seed.action +
                     "' has to be approved, and nobody but who asks for it may do that; name others "
                     "in the config, under permissions, or give a client the right `approve`"};
}

/// Only what the action takes: not every one asks for everything that is known.
json::Value inputs_of(const actions::Action& action, const RunSeed& seed, std::int64_t deadline_ms,
                      const std::string& public_url) {
    const std::pair<const char*, std::string> known[] = {
        {"run", seed.id},
        {"action", seed.action},
        {"requester", seed.user.empty() ? seed.client : seed.user},
        {"link", public_url + "/runs/" + seed.id},
        {"deadline", deadline_ms == 0 ? std::string() : to_iso8601(deadline_ms)}};
    const json::Value* declared =
        json::at_pointer(action.document, "/trigger/userInputs/properties");
    const json::Object* properties = declared ? declared->if_object() : nullptr;
    json::Object inputs;
    for (const auto& [name, value] : known) {
        if (properties && properties->contains(name) && !value.empty())
            inputs[name] = json::String(value);
    }
    return json::Object{{"properties", std::move(inputs)}};
}

}  // namespace

void Runs::invoke_waiting(RunSeed seed, const Offer& offer, InvokeDone done) {
    auto allowed_ms = engine_.admit(seed);
    if (!allowed_ms) return done(std::move(allowed_ms).error());
    if (approvals_->waiting() >= limits::waiting_approvals_max) {
        return done(Error{"backlog_full",
                          std::to_string(limits::waiting_approvals_max) +
                              " runs wait for approval, which is the most that are taken; approve "
                              "or decline some"});
    }
    RunState state;
    state.phase = journal::Phase::waiting_approval;
    state.reason = "waits for approval";
    state.updated_ms = seed.created_ms;
    state.approval.emplace();
    state.approval->all = offer.approval->all;
    state.approval->allowed_ms = *allowed_ms;
    if (offer.approval->deadline_ms != 0)
        state.approval->deadline_ms = state.due_ms = seed.created_ms + offer.approval->deadline_ms;

    if (!permissions_->can_be_approved(Run{0, journal::without_bodies(seed), state}))
        return done(nobody_to_ask(seed));
    const journal::SharedSeed shared(std::move(seed));
    Invoked reply{shared, state};
    journal_.insert(
        shared, std::move(state),
        [this, notify = offer.approval->notify, reply = std::move(reply),
         done = std::move(done)](Result<journal::Inserted> inserted) mutable {
            if (!inserted) return done(std::move(inserted).error());
            if (inserted->existing) return replay(inserted->existing->seed.id, std::move(done));
            const journal::SharedSeed made = reply.seed;
            const std::int64_t deadline_ms = reply.state.due_ms;
            approvals_->add(inserted->sequence, deadline_ms);
            done(std::move(reply));
            if (!notify.empty()) tell_approvers(notify, *made, deadline_ms);
        });
}

void Runs::tell_approvers(const std::string& notify, const RunSeed& seed,
                          std::int64_t deadline_ms) {
    const auto failed = [this, notify, run = seed.id](const Error& error) {
        std::string why = error.message;
        for (const Detail& detail : error.details)
            why += "; " + detail.pointer + ": " + detail.message;
        LogEvent event;
        event.level = LogLevel::warning;
        event.name = "approval_not_told";
        event.message = "nobody was told that the run waits for approval; it waits all the same";
        event.fields = {{"run", run}, {"action", notify}, {"reason", std::move(why)}};
        log_->write(event);
    };
    const auto offer = catalog_.find(notify);
    if (offer == catalog_.end()) {
        return failed(Error{"action_not_found", "there is no action '" + notify + "' any more"});
    }
    invoke(notify, inputs_of(*offer->second.action, seed, deadline_ms, public_url_),
           Caller{{}, "APPROVAL", {}}, Idempotency{}, [failed](Result<Invoked> invoked) {
               if (!invoked) failed(invoked.error());
           });
}

void Runs::decide_approval(std::string id, ApprovalReport said, RunDone done, Guard guard) {
    const std::int64_t now_ms = clock_.wall_ms();
    decide(
        std::move(id),
        [said = std::move(said), permissions = permissions_, connections = engine_.connections(),
         now_ms](const Run& run) -> Result<journal::Change> {
            const bool known = std::count(connections.begin(), connections.end(),
                                          run.seed.connection) != 0;
            if (said.approves && !known) {
                return Error{"approval_closed", "the connection '" + run.seed.connection +
                                                    "' of run " + run.seed.id +
                                                    " is not in the config any more"};
            }
            return runs::decide_approval(run, said, permissions->approvers(run.seed.action),
                                         now_ms);
        },
        [this, done = std::move(done)](Result<Run> run) {
            if (!run) return done(std::move(run).error());
            if (run->state.phase == journal::Phase::queued) engine_.due(*run);
            find(run->seed.id, done);
        },
        std::move(guard));
}

void Runs::take_up(const journal::LiveRun& run) {
    approvals_->add(run.sequence, run.due_ms);
}

Result<Previewed> Runs::upcoming(const Run& run) const {
    auto composed = engine_.preview(run.seed);
    if (!composed) return std::move(composed).error();
    return Previewed{std::move(composed->record), run.seed.payload};
}

}  // namespace signalbox::runs
