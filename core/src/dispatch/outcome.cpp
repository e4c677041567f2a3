#include "dispatch/outcome.hpp"

#include <algorithm>

#include "json/writer.hpp"

namespace signalbox::dispatch {
namespace {

using journal::Phase;
using journal::RunState;

std::string with_advice(const plugins::Verdict& verdict) {
    if (verdict.advice.empty()) return verdict.reason;
    return verdict.reason + ". " + verdict.advice;
}

void hold(RunState& state, std::string reason) {
    state.phase = Phase::held;
    state.reason = std::move(reason);
}

void retry_or_hold(Next& next, const Ending& ending, const Policy& policy) {
    RunState& state = next.state;
    if (ending.number >= policy.attempts_max) {
        hold(state, "all " + std::to_string(policy.attempts_max) +
                        " attempts are spent; the last: " + with_advice(ending.verdict) +
                        ". Redeliver it once the cause is gone, or cancel it");
        return;
    }
    const std::int64_t delay = std::max(ending.backoff_ms, ending.verdict.retry_after_ms);
    if (state.deadline_ms != 0 && ending.ended_ms + delay >= state.deadline_ms) {
        hold(state, "its deadline passes before the next attempt is due; the last: " +
                        with_advice(ending.verdict) +
                        ". Redeliver it once the cause is gone, or cancel it");
        return;
    }
    next.next_ms = ending.ended_ms + delay;
    state.phase = Phase::retrying;
    state.due_ms = next.next_ms;
    state.reason = ending.verdict.reason;
}

void finish_as_failure(RunState& state, const Ending& ending) {
    state.phase = Phase::finished;
    state.result = "FAILURE";
    state.ended_ms = ending.ended_ms;
    state.reason = with_advice(ending.verdict);
}

}  // namespace

const char* outcome_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::accepted:
            return "accepted";
        case Outcome::retryable:
            return "retryable";
        case Outcome::throttled:
            return "throttled";
        case Outcome::unauthenticated:
            return "unauthenticated";
        case Outcome::permanent:
            return "permanent";
        case Outcome::effect_unknown:
            return "effect_unknown";
    }
    return "effect_unknown";
}

plugins::Verdict verdict_of_failure(const WireReply& reply) {
    plugins::Verdict verdict;
    verdict.reason = reply.message.empty() ? failure_name(reply.failure) : reply.message;
    verdict.outcome = reply.effect == Effect::none ? Outcome::retryable : Outcome::effect_unknown;
    return verdict;
}

RunState opened(RunState state, const journal::OpenAttempt& attempt, bool record) {
    state.phase = Phase::sending;
    state.attempts = attempt.number;
    state.updated_ms = attempt.started_ms;
    state.due_ms = 0;
    state.open.reset();
    if (record) state.open = attempt;
    return state;
}

Next after(const RunState& state, const Ending& ending, const Policy& policy) {
    Next next{state, false, 0};
    const bool waits = state.phase == Phase::sending || state.phase == Phase::queued ||
                       state.phase == Phase::retrying;
    if (!waits || state.attempts > ending.number) return next;

    next.applied = true;
    RunState& after = next.state;
    after.open.reset();
    after.attempts = ending.number;
    after.updated_ms = ending.ended_ms;
    after.due_ms = 0;
    if (after.deadline_ms != 0 && ending.deadline_ms != 0) after.deadline_ms = ending.deadline_ms;
    const plugins::Verdict& verdict = ending.verdict;
    if (verdict.state) {
        after.plugin_state_version = verdict.state->first;
        after.plugin_state = verdict.state->second;
    }
    if (!ending.response.empty()) after.response = ending.response;
    if (!verdict.external_run_id.empty()) after.external_run_id = verdict.external_run_id;
    if (!verdict.external_link.empty())
        after.link = json::write(json::Value(verdict.external_link));

    switch (verdict.outcome) {
        case Outcome::accepted:
            after.phase = Phase::accepted;
            after.effect_possible = true;
            after.reason = verdict.reason;
            if (verdict.finished) {
                after.phase = Phase::finished;
                after.result = *verdict.finished ? "SUCCESS" : "FAILURE";
                after.ended_ms = ending.ended_ms;
                after.reason = with_advice(verdict);
            }
            break;
        case Outcome::retryable:
        case Outcome::throttled:
        case Outcome::unauthenticated:
            retry_or_hold(next, ending, policy);
            break;
        case Outcome::permanent:
            finish_as_failure(after, ending);
            break;
        case Outcome::effect_unknown:
            after.effect_possible = true;
            if (ending.hold_unknown) {
                hold(after, "whether the target got attempt " + std::to_string(ending.number) +
                                " is not known: " + with_advice(verdict) +
                                ". Look at the target; then redeliver it or cancel it");
            } else {
                retry_or_hold(next, ending, policy);
            }
            break;
    }
    return next;
}

RunState unreadable(const RunState& state, const std::string& why, std::int64_t wall_ms) {
    RunState after = state;
    after.updated_ms = wall_ms;
    after.due_ms = 0;
    hold(after, "it was not sent, because it cannot be read: " + why +
                    " Redeliver it from there, or cancel it");
    return after;
}

RunState past_deadline(const RunState& state, std::int64_t wall_ms) {
    RunState after = state;
    after.updated_ms = wall_ms;
    after.due_ms = 0;
    hold(after, "its deadline passed while it waited to be sent" +
                    (state.reason.empty() ? std::string() : " (" + state.reason + ")") +
                    ". Redeliver it if it is still wanted, or cancel it");
    return after;
}

RunState after_restart(const RunState& state, bool hold_unknown, std::int32_t attempts_max,
                       std::int64_t wall_ms) {
    RunState after = state;
    after.updated_ms = wall_ms;
    if (state.phase != Phase::sending) return after;
    after.open.reset();
    after.effect_possible = true;
    const std::string doubt = "Signalbox stopped during attempt " + std::to_string(state.attempts) +
                              ": whether the target got it is not known. Look at the target; then "
                              "redeliver it or cancel it";
    if (state.open && hold_unknown) {
        hold(after, doubt);
        return after;
    }
    if (state.attempts >= attempts_max) {
        hold(after, "all " + std::to_string(attempts_max) + " attempts are spent. " + doubt);
        return after;
    }
    // Sent without an open record (`resend`), or to be sent again: the delivery id is the same.
    after.phase = Phase::retrying;
    after.due_ms = wall_ms;
    return after;
}

}  // namespace signalbox::dispatch
