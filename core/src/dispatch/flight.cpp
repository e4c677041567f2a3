// An attempt's road, from the slot that was taken for it to its committed close.
#include "dispatch/flight.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "dispatch/live.hpp"
#include "dispatch/response.hpp"

namespace signalbox::dispatch {

using journal::Change;
using journal::Run;

void Engine::fly(const FlightPtr& flight) {
    const Target& target = *flight->target;
    if (target.connection->blocking()) return deliver(flight);
    if (!target.connection->has_step()) return send(flight);
    credentials_.get(target, [this, flight](const plugins::Credential& credential, bool fresh) {
        fly_with(flight, credential, fresh);
    });
}

void Engine::fly_with(const FlightPtr& flight, const plugins::Credential& credential, bool fresh) {
    if (!credential.granted) {
        plugins::Verdict verdict = credential.why_not;
        verdict.reason = "no credential for connection '" + flight->seed->connection +
                         "': " + verdict.reason;
        return landed_with(flight, std::move(verdict), {});
    }
    flight->kept_credential = !fresh;
    auto composed = compose(*flight->target, *flight->seed, flight->state,
                            flight->attempt.number, flight->attempt.started_ms, credential.bytes);
    if (!composed) {
        plugins::Verdict verdict;
        verdict.outcome = Outcome::permanent;
        verdict.reason = "no request can be made of it: " + composed.error().message;
        return landed_with(flight, std::move(verdict), {});
    }
    flight->composed = std::move(*composed);
    send(flight);
}

void Engine::deliver(const FlightPtr& flight) {
    const Target& target = *flight->target;
    const auto& filling = flight->composed.filling;
    BlockingJob job{target.connection,
                    target.plugin_id,
                    filling ? filling->filled(*flight->seed) : *flight->seed,
                    flight->state.plugin_state_version,
                    flight->state.plugin_state,
                    target.public_url,
                    flight->attempt.number,
                    flight->attempt.started_ms,
                    timeout_ms(*flight)};
    flight->exchange =
        blocking_->deliver(std::move(job), [this, flight](Delivered delivered) {
            deliveries_.erase(flight->exchange);
            WireReply reply;
            reply.failure = delivered.failure;
            reply.effect = delivered.effect;
            reply.message = std::move(delivered.message);
            reply.times.wait = delivered.took_ms;
            auto verdict = delivered.verdict ? std::move(*delivered.verdict)
                                             : verdict_of_failure(reply);
            landed_with(flight, std::move(verdict), reply);
        });
    deliveries_.emplace(flight->exchange, flight);
}

/// No attempt lasts past its run's deadline.
std::int64_t Engine::timeout_ms(const Flight& flight) const {
    const std::int64_t most_ms = flight.target->policy.timeout_ms;
    if (flight.deadline_ms == 0) return most_ms;
    return std::clamp<std::int64_t>(flight.deadline_ms - clock_.steady_ms(), 1, most_ms);
}

void Engine::send(const FlightPtr& flight) {
    WireRequest request = to_wire(*flight->target, flight->composed, flight->seed->payload);
    request.timeout_ms = timeout_ms(*flight);
    flight->exchange = transport_.send(std::move(request), [this, flight](WireReply reply) {
        exchanges_.erase(flight->exchange);
        landed(flight, std::move(reply));
    });
    exchanges_.emplace(flight->exchange, flight);
}

plugins::Verdict Engine::judge(Flight& flight, const WireReply& reply) {
    if (reply.failure != Failure::none) return verdict_of_failure(reply);
    plugins::ResponseView response;
    response.status = reply.status;
    response.headers = &reply.headers;
    response.body = reply.body;
    response.wall_ms = clock_.wall_ms();
    const Target& target = *flight.target;
    plugins::RunView view = view_of(target, *flight.seed, flight.state, flight.attempt.number,
                                    flight.attempt.started_ms);
    if (flight.composed.filling) flight.composed.filling->dress(view);
    auto verdict = target.connection->judge(view, response);
    if (verdict) return std::move(*verdict);
    // The target answered and nobody can say what: that is an effect unknown, never a silent
    // success.
    plugins::Verdict broken;
    broken.outcome = Outcome::effect_unknown;
    broken.reason = "the target answered " + std::to_string(reply.status) + ", but plugin '" +
                    target.plugin_id + "' failed to judge it: " + verdict.error().message;
    return broken;
}

void Engine::landed(const FlightPtr& flight, WireReply reply) {
    plugins::Verdict verdict = judge(*flight, reply);
    if (verdict.outcome == Outcome::unauthenticated) {
        credentials_.drop(flight->seed->connection);
        if (flight->kept_credential) {
            // It may have been revoked before its time: one that is new decides.
            verdict.outcome = Outcome::retryable;
            verdict.reason += "; the next attempt fetches a new credential";
        }
    }
    landed_with(flight, std::move(verdict), reply);
}

void Engine::landed_with(const FlightPtr& flight, plugins::Verdict verdict,
                         const WireReply& reply) {
    const std::int64_t now_ms = clock_.wall_ms();
    Ending& ending = flight->ending;
    ending.verdict = std::move(verdict);
    // A target's reply may repeat what it was sent.
    ending.response = response_of(reply, ending.verdict, flight->composed, flight->target->censor);
    if (flight->composed.filling) flight->composed.filling->censor(ending.verdict);
    flight->composed.censor.censor(ending.verdict);
    flight->target->censor.censor(ending.verdict);
    const Policy& policy = *flight->policy;
    ending.verdict.retry_after_ms =
        std::min(ending.verdict.retry_after_ms, policy.retry_after_max_ms);
    ending.number = flight->attempt.number;
    ending.ended_ms = now_ms;
    ending.hold_unknown = flight->hold_unknown;
    if (flight->deadline_ms != 0)
        ending.deadline_ms = now_ms + flight->deadline_ms - clock_.steady_ms();
    if (ending.verdict.outcome != Outcome::accepted) {
        ending.backoff_ms = backoff_ms(policy, ending.number, random_);
    }

    journal::Attempt& ended = flight->ended;
    ended.number = flight->attempt.number;
    ended.started_ms = flight->attempt.started_ms;
    ended.ended_ms = now_ms;
    ended.phases = {reply.times.dns,  reply.times.connect, reply.times.tls,
                    reply.times.send, reply.times.wait,    reply.times.read};
    ended.request = std::move(flight->attempt.request);
    ended.response_status = reply.status;
    ended.address = reply.address;
    ended.tls_version = reply.tls_version;
    ended.outcome = outcome_name(ending.verdict.outcome);
    ended.reason = ending.verdict.reason;
    note(*flight);
    measure(*flight);
    if (reply.failure == Failure::cancelled || reply.failure == Failure::refused) {
        // It says nothing of the target: somebody ended it, or our own rules did not let it out.
        flight->lane->breaker.withdrawn();
    } else {
        learn(*flight);
    }
    close(flight);
}

/// What an attempt's end says of its target, for the attempts after it.
void Engine::learn(const Flight& flight) {
    Lane& lane = *flight.lane;
    const plugins::Verdict& verdict = flight.ending.verdict;
    const std::int64_t now_ms = clock_.steady_ms();
    // Where the target says when it wants the next request, the lane waits for that.
    if (verdict.retry_after_ms > 0) lane.pause(now_ms + verdict.retry_after_ms);
    switch (verdict.outcome) {
        case Outcome::accepted:
        case Outcome::throttled:
        case Outcome::permanent:
            if (lane.breaker.succeeded()) note_connection(flight, "connection_resumed");
            return;
        case Outcome::retryable:
        case Outcome::effect_unknown:
            if (lane.breaker.failed(now_ms, false)) note_connection(flight, "connection_paused");
            return;
        case Outcome::unauthenticated:
            if (lane.breaker.failed(now_ms, true)) note_connection(flight, "connection_paused");
            return;
    }
}

void Engine::close(const FlightPtr& flight) {
    flight->seed = {};
    flight->state = {};
    flight->composed = {};
    // The decision is taken on the writer's thread, from the run as it stands there: a report may
    // have ended it meanwhile, and then the verdict is only recorded.
    journal_.change(
        flight->sequence,
        [flight](const Run& run) {
            flight->next = after(run.state, flight->ending, *flight->policy);
            Change change;
            change.attempt = flight->ended;
            change.attempt->next_ms = flight->next.next_ms;
            if (flight->next.applied) change.state = flight->next.state;
            const std::string& response = flight->ending.verdict.response;
            if (!response.empty()) {
                change.log.emplace();
                change.log->created_ms = flight->ending.ended_ms;
                change.log->created_by = flight->target->plugin_id;
                change.log->message = response;
            }
            return change;
        },
        [this, flight](const Result<Run>& result) { closed(flight, result); });
    // The slot is free for an open that follows this close into the journal.
    flight->lane->release();
    pump(*flight->lane);
}

void Engine::closed(const FlightPtr& flight, const Result<Run>& result) {
    if (!result && result.error().code == "run_log_full") {
        // The verdict matters more than the reply's text.
        flight->lane->retake();
        flight->ending.verdict.response.clear();
        return close(flight);
    }
    if (!result && result.error().code != "run_not_found") {
        flight->lane->retake();
        if (draining_) return end(flight);
        executor_.at(clock_.steady_ms() + limits::journal_pause_ms, [this, flight] { close(flight); });
        return;
    }
    if (result && flight->next.applied && flight->next.next_ms != 0) {
        queue(*flight->lane, live_of(*result));
    }
    if (result) moved(*result);
    end(flight);
    pump(*flight->lane);
}

void Engine::start(Lane& lane, const Lane::Taken& taken, FreshRuns::Fresh run) {
    if (!waits(run.state.phase) || draining_) return lane.give_back();
    if (taken.deadline_ms != 0 && taken.deadline_ms <= clock_.steady_ms()) {
        lane.give_back();
        return expire(taken.sequence);
    }
    auto flight = std::make_shared<Flight>();
    flight->lane = &lane;
    flight->sequence = taken.sequence;
    flight->seed = std::move(run.seed);
    flight->state = std::move(run.state);
    flight->deadline_ms = taken.deadline_ms;
    flight->attempt.number = flight->state.attempts + 1;
    flight->attempt.started_ms = clock_.wall_ms();
    auto composed = compose(*lane.target, *flight->seed, flight->state, flight->attempt.number,
                            flight->attempt.started_ms);
    if (composed) {
        flight->composed = std::move(*composed);
        begin(flight);
        return open(flight);
    }
    // It was planned once, or it would not be here: the config or the plugin has changed since.
    begin(flight);
    flight->ending.number = flight->ended.number = flight->attempt.number;
    flight->ending.ended_ms = flight->ended.ended_ms = flight->attempt.started_ms;
    flight->ended.started_ms = flight->attempt.started_ms;
    flight->ending.verdict.outcome = Outcome::permanent;
    flight->ending.verdict.reason =
        "no request can be made of it any more: " + composed.error().message;
    flight->ended.outcome = outcome_name(Outcome::permanent);
    flight->ended.reason = flight->ending.verdict.reason;
    note(*flight);
    metrics_.add(Counter::attempts, {lane.target->name, flight->ended.outcome}, 1);
    close(flight);
}

void Engine::open(const FlightPtr& flight) {
    journal_.change(
        flight->sequence,
        [flight](const Run& run) {
            Change change;
            flight->was_opened = waits(run.state.phase);
            if (flight->was_opened) {
                change.state = opened(run.state, flight->attempt, flight->hold_unknown);
            }
            return change;
        },
        [this, flight](Result<Run>&& result) {
            if (result && flight->was_opened) {
                flight->state = std::move(result->state);
                return fly(flight);
            }
            flight->lane->give_back();
            if (!result && result.error().code != "run_not_found") {
                wait_for_journal(*flight->lane,
                                 live_of(*flight->seed, flight->state, flight->sequence),
                                 flight->deadline_ms);
            }
            end(flight);
            pump(*flight->lane);
        });
}

}  // namespace signalbox::dispatch
