#include "dispatch/engine.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/trace.hpp"
#include "dispatch/live.hpp"
#include "dispatch/response.hpp"

namespace signalbox::dispatch {
namespace {

using journal::Change;
using journal::Phase;
using journal::Run;
using journal::RunSeed;
using journal::RunState;
using journal::Sequence;

/// How long to leave the journal alone after it refused a write or a read.
constexpr std::int64_t kJournalPauseMs = 1'000;
/// Tells the caller what the insertion came to; true if a run was added.
bool answered(Result<journal::Inserted>& inserted, Phase phase, const AcceptDone& done) {
    if (!inserted) {
        done(inserted.error());
        return false;
    }
    const bool added = !inserted->existing;
    done(Accepted{phase, std::move(inserted->existing)});
    return added;
}

/// `sending`, and under `hold` with the attempt open: from here on bytes may leave.
RunState opened(RunState state, const journal::OpenAttempt& attempt, bool record) {
    state.phase = Phase::sending;
    state.attempts = attempt.number;
    state.updated_ms = attempt.started_ms;
    state.due_ms = 0;
    state.open.reset();
    if (record) state.open = attempt;
    return state;
}

}  // namespace

/// One attempt, from its slot to its committed close.
struct Engine::Flight {
    Lane* lane = nullptr;
    std::shared_ptr<const Target> target;  // the lane's when this began: a reload does not change it
    Sequence sequence = 0;
    journal::SharedSeed seed;
    RunState state;
    Composed composed;
    journal::OpenAttempt attempt;
    bool hold_unknown = true;
    bool was_opened = false;  // set by the deciding function, read after the commit
    ExchangeId exchange = 0;
    bool kept_credential = false;  // it was sent with one that was fetched earlier
    std::int64_t deadline_ms = 0;  // the run's, on the steady clock; 0: none
    journal::Attempt ended;
    Ending ending;
    Next next;  // set by the deciding function, read after the commit
};

Engine::Engine(Executor& executor, const Clock& clock, Random& random, journal::Journal& journal,
               Transport& transport, LogSink& log, MetricsSink& metrics, Bounds bounds)
    : executor_(executor),
      clock_(clock),
      random_(random),
      journal_(journal),
      transport_(transport),
      log_(log),
      metrics_(metrics),
      credentials_(clock, transport),
      bounds_(bounds) {}

Engine::~Engine() = default;

void Engine::add(Target target) {
    std::string name = target.name;
    lanes_.emplace(std::move(name), std::make_unique<Lane>(std::move(target), clock_.steady_ms()));
}

void Engine::replace(Target target) {
    const auto found = lanes_.find(target.name);
    if (found == lanes_.end()) return add(std::move(target));
    Lane& lane = *found->second;
    credentials_.drop(target.name);
    lane.retarget(std::move(target), clock_.steady_ms());
    pump(lane);
}

Lane* Engine::lane_of(const std::string& connection) {
    const auto found = lanes_.find(connection);
    return found == lanes_.end() ? nullptr : found->second.get();
}

void Engine::begin(const FlightPtr& flight) {
    ++flights_;
    flight->target = flight->lane->target;
    flight->hold_unknown = flight->target->policy.hold && !flight->composed.safe;
    flight->attempt.request = flight->composed.record;
}

void Engine::end(const FlightPtr&) {
    landed_or_dropped(1);
}

void Engine::landed_or_dropped(std::size_t count) {
    flights_ -= count;
    if (flights_ == 0 && idle_) return std::exchange(idle_, nullptr)();
    // Somebody may wait for room in the whole, not in a lane of its own.
    if (!crowded_.empty()) make_room();
}

Result<Composed> Engine::preview(const RunSeed& seed) const {
    const auto found = lanes_.find(seed.connection);
    if (found == lanes_.end())
        return Error{"unknown_connection", "no connection '" + seed.connection + "'"};
    return compose(*found->second->target, seed, RunState{}, 1, seed.created_ms);
}

void Engine::accept(journal::SharedSeed seed, AcceptDone done) {
    if (draining_)
        return done(Error{"shutting_down", "Signalbox is shutting down; try again shortly"});
    Lane* lane = lane_of(seed->connection);
    if (!lane) return done(Error{"unknown_connection", "no connection '" + seed->connection + "'"});
    if (waiting() >= bounds_.waiting_max) return done(backlog_full(bounds_.waiting_max));

    RunState state;
    state.phase = Phase::queued;
    state.due_ms = state.updated_ms = seed->created_ms;
    const std::int64_t allowed_ms = lane->target->policy_of(seed->action).deadline_ms;
    if (allowed_ms != 0) state.deadline_ms = seed->created_ms + allowed_ms;

    // Composed even where no slot is free: what the target's plugin refuses is refused before the
    // 202.
    auto composed = compose(*lane->target, *seed, state, 1, seed->created_ms);
    if (!composed) return done(std::move(composed).error());
    if (composed->done) {
        return done(Error{"plugin_broken", "plugin '" + lane->target->plugin_id +
                                               "' planned nothing to send for a new run"});
    }

    // A run with an order key has to learn its place in the line first, which is its number's.
    const bool goes_now = seed->order_key.empty() && turns_.empty() &&
                          room_for(*lane) != 0 && lane->take_unqueued(clock_.steady_ms());
    if (!goes_now) {
        FreshRuns::Fresh run{seed, state};
        journal_.insert(
            std::move(seed), std::move(state),
            [this, lane, run = std::move(run), done = std::move(done)](auto inserted) mutable {
                if (!answered(inserted, Phase::queued, done)) return;
                const journal::LiveRun live = live_of(*run.seed, run.state, inserted->sequence);
                fresh_.keep(inserted->sequence, std::move(run));
                enlist(*lane, live);
                pump(*lane);
            });
        return;
    }

    auto flight = std::make_shared<Flight>();
    flight->lane = lane;
    flight->seed = seed;
    flight->composed = std::move(*composed);
    flight->attempt.number = 1;
    flight->attempt.started_ms = seed->created_ms;
    if (allowed_ms != 0) flight->deadline_ms = clock_.steady_ms() + allowed_ms;
    begin(flight);
    measure(*lane);
    flight->state = opened(state, flight->attempt, false);  // what its record says is in the attempt
    journal_.insert(std::move(seed),
                    opened(std::move(state), flight->attempt, flight->hold_unknown),
                    [this, flight, done = std::move(done)](auto inserted) {
                        if (answered(inserted, Phase::sending, done)) {
                            flight->sequence = inserted->sequence;
                            return fly(flight);
                        }
                        flight->lane->give_back();
                        end(flight);
                        pump(*flight->lane);
                    });
}

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
    const Policy& policy = flight->target->policy_of(flight->seed->action);
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
    if (reply.failure == Failure::cancelled) {
        flight->lane->breaker.withdrawn();  // it says nothing of the target
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
    // The decision is taken on the writer's thread, from the run as it stands there: a report may
    // have ended it meanwhile, and then the verdict is only recorded.
    journal_.change(
        flight->sequence,
        [flight](const Run& run) {
            flight->next = after(run.state, flight->ending,
                                 flight->target->policy_of(flight->seed->action));
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
        [this, flight](Result<Run> result) { closed(flight, std::move(result)); });
    // The slot is free for an open that follows this close into the journal.
    flight->lane->release();
    pump(*flight->lane);
}

void Engine::closed(const FlightPtr& flight, Result<Run> result) {
    if (!result && result.error().code == "run_log_full") {
        // The verdict matters more than the reply's text.
        flight->lane->retake();
        flight->ending.verdict.response.clear();
        return close(flight);
    }
    if (!result && result.error().code != "run_not_found") {
        flight->lane->retake();
        if (draining_) return end(flight);
        executor_.at(clock_.steady_ms() + kJournalPauseMs, [this, flight] { close(flight); });
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
        [this, flight](Result<Run> result) {
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

std::int64_t Engine::overdue_ms() const {
    std::int64_t most_ms = 0;
    for (const auto& [name, lane] : lanes_) {
        most_ms = std::max(most_ms, lane->overdue_ms(clock_.steady_ms()));
    }
    return most_ms;
}

void Engine::drain(std::function<void()> idle) {
    draining_ = true;
    if (flights_ == 0) return idle();
    if (!idle_) return void(idle_ = std::move(idle));
    idle_ = [first = std::move(idle_), then = std::move(idle)] {
        first();
        then();
    };
}

void Engine::cancel_all() {
    std::vector<ExchangeId> open;
    for (const auto& [exchange, flight] : exchanges_)
        open.push_back(exchange);
    for (const ExchangeId exchange : open)
        transport_.cancel(exchange);
    credentials_.cancel_all();
    std::vector<ExchangeId> delivered;
    for (const auto& [exchange, flight] : deliveries_)
        delivered.push_back(exchange);
    for (const ExchangeId exchange : delivered)
        blocking_->cancel(exchange);
}

std::size_t Engine::waiting() const {
    std::size_t waiting = 0;
    for (const auto& [name, lane] : lanes_)
        waiting += lane->waiting();
    return waiting;
}

void Engine::note_connection(const Flight& flight, std::string_view event_name) const {
    const Outcome outcome = flight.ending.verdict.outcome;
    LogEvent event;
    event.level = event_name == "connection_resumed"    ? LogLevel::info
                  : outcome == Outcome::unauthenticated ? LogLevel::error
                                                        : LogLevel::warning;
    event.name = event_name;
    event.fields = {{"connection", flight.target->name},
                    {"outcome", outcome_name(outcome)},
                    {"reason", flight.ending.verdict.reason}};
    log_.write(event);
}

void Engine::measure(const Flight& flight) const {
    const journal::Attempt& ended = flight.ended;
    const std::string& connection = flight.target->name;
    metrics_.add(Counter::attempts, {connection, ended.outcome}, 1);
    metrics_.observe(
        Histogram::attempt_ms, {connection, ended.outcome},
        static_cast<double>(std::max<std::int64_t>(0, ended.ended_ms - ended.started_ms)));
    const auto phase = [&](Histogram histogram, double ms) {
        if (ms >= 0) metrics_.observe(histogram, {connection, {}}, ms);
    };
    phase(Histogram::attempt_dns_ms, ended.phases.dns);
    phase(Histogram::attempt_connect_ms, ended.phases.connect);
    phase(Histogram::attempt_tls_ms, ended.phases.tls);
    phase(Histogram::attempt_send_ms, ended.phases.send);
    phase(Histogram::attempt_wait_ms, ended.phases.wait);
    phase(Histogram::attempt_read_ms, ended.phases.read);
}

void Engine::measure(Lane& lane) {
    const MetricLabels labels{lane.target->name, {}};
    if (lane.shown.in_flight != lane.in_flight()) {
        lane.shown.in_flight = lane.in_flight();
        metrics_.set(Gauge::runs_in_flight, labels, lane.in_flight());
    }
    if (lane.shown.waiting != lane.waiting()) {
        lane.shown.waiting = lane.waiting();
        metrics_.set(Gauge::runs_waiting, labels, static_cast<double>(lane.waiting()));
    }
    if (lane.shown.first_due_ms != lane.first_due_ms()) {
        lane.shown.first_due_ms = lane.first_due_ms();
        // A moment rather than an age: an age would be wrong as soon as it was written.
        const std::int64_t from_now_ms = lane.first_due_ms() - clock_.steady_ms();
        metrics_.set(Gauge::oldest_due_unix_ms, labels,
                     lane.waiting() == 0 ? 0 : static_cast<double>(clock_.wall_ms() + from_now_ms));
    }
}

void Engine::note(const Flight& flight) const {
    const Outcome outcome = flight.ending.verdict.outcome;
    if (outcome == Outcome::accepted) return;
    LogEvent event;
    event.level = LogLevel::warning;
    event.name = "attempt_failed";
    event.fields = {{"run", flight.seed->id},
                    {"trace", trace_id(flight.seed->trace, flight.seed->id)},
                    {"action", flight.seed->action},
                    {"connection", flight.seed->connection},
                    {"attempt", std::to_string(flight.attempt.number)},
                    {"outcome", outcome_name(outcome)},
                    {"reason", flight.ending.verdict.reason}};
    log_.write(event);
}

}  // namespace signalbox::dispatch
