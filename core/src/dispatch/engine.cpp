#include "dispatch/engine.hpp"

#include <algorithm>

#include "base/limits.hpp"

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
/// Runs fetched from the journal at once.
constexpr std::size_t kLoadMax = 64;

bool waits(Phase phase) {
    return phase == Phase::queued || phase == Phase::retrying;
}

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
    Sequence sequence = 0;
    RunSeed seed;
    RunState state;
    Composed composed;
    journal::OpenAttempt attempt;
    bool hold_unknown = true;
    bool was_opened = false;  // set by the deciding function, read after the commit
    ExchangeId exchange = 0;
    journal::Attempt ended;
    Ending ending;
    Next next;  // set by the deciding function, read after the commit
};

Engine::Engine(Executor& executor, const Clock& clock, Random& random, journal::Journal& journal,
               Transport& transport, LogSink& log, MetricsSink& metrics)
    : executor_(executor),
      clock_(clock),
      random_(random),
      journal_(journal),
      transport_(transport),
      log_(log),
      metrics_(metrics) {}

Engine::~Engine() = default;

void Engine::add(Target target) {
    std::string name = target.name;
    lanes_.emplace(std::move(name), std::make_unique<Lane>(std::move(target), clock_.steady_ms()));
}

Lane* Engine::lane_of(const std::string& connection) {
    const auto found = lanes_.find(connection);
    return found == lanes_.end() ? nullptr : found->second.get();
}

void Engine::begin(const FlightPtr& flight) {
    ++flights_;
    flight->hold_unknown = flight->lane->target.policy.hold && !flight->composed.safe;
    flight->attempt.request = flight->composed.record;
}

void Engine::end(const FlightPtr&) {
    --flights_;
    if (flights_ == 0 && idle_) std::exchange(idle_, nullptr)();
}

Result<Composed> Engine::preview(const RunSeed& seed) const {
    const auto found = lanes_.find(seed.connection);
    if (found == lanes_.end())
        return Error{"unknown_connection", "no connection '" + seed.connection + "'"};
    return compose(found->second->target, seed, RunState{}, 1, seed.created_ms);
}

void Engine::accept(RunSeed seed, AcceptDone done) {
    if (draining_)
        return done(Error{"shutting_down", "Signalbox is shutting down; try again shortly"});
    Lane* lane = lane_of(seed.connection);
    if (!lane) return done(Error{"unknown_connection", "no connection '" + seed.connection + "'"});

    RunState state;
    state.phase = Phase::queued;
    state.due_ms = state.updated_ms = seed.created_ms;

    // Composed even where no slot is free: what the target's plugin refuses is refused before the
    // 202.
    auto composed = compose(lane->target, seed, state, 1, seed.created_ms);
    if (!composed) return done(std::move(composed).error());
    if (composed->done) {
        return done(Error{"plugin_broken", "plugin '" + lane->target.plugin_id +
                                               "' planned nothing to send for a new run"});
    }

    if (!lane->take_unqueued(clock_.steady_ms())) {
        const std::int64_t due_ms = state.due_ms;
        journal_.insert(std::move(seed), std::move(state),
                        [this, lane, due_ms, done = std::move(done)](auto inserted) {
                            if (!answered(inserted, Phase::queued, done)) return;
                            wait(*lane, inserted->sequence, due_ms);
                            pump(*lane);
                        });
        return;
    }

    auto flight = std::make_shared<Flight>();
    flight->lane = lane;
    flight->seed = seed;
    flight->composed = std::move(*composed);
    flight->attempt.number = 1;
    flight->attempt.started_ms = seed.created_ms;
    begin(flight);
    measure(*lane);
    flight->state = opened(std::move(state), flight->attempt, flight->hold_unknown);
    journal_.insert(std::move(seed), flight->state,
                    [this, flight, done = std::move(done)](auto inserted) {
                        if (answered(inserted, Phase::sending, done)) {
                            flight->sequence = inserted->sequence;
                            return fly(flight);
                        }
                        flight->lane->release();
                        end(flight);
                        pump(*flight->lane);
                    });
}

void Engine::fly(const FlightPtr& flight) {
    flight->exchange =
        transport_.send(to_wire(flight->lane->target, flight->composed, flight->seed.payload),
                        [this, flight](WireReply reply) {
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
    const Target& target = flight.lane->target;
    auto verdict =
        target.connection->judge(view_of(target, flight.seed, flight.state, flight.attempt.number,
                                         flight.attempt.started_ms),
                                 response);
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
    const std::int64_t now_ms = clock_.wall_ms();
    Ending& ending = flight->ending;
    ending.verdict = judge(*flight, reply);
    ending.number = flight->attempt.number;
    ending.ended_ms = now_ms;
    ending.hold_unknown = flight->hold_unknown;
    if (ending.verdict.outcome != Outcome::accepted) {
        ending.backoff_ms = backoff_ms(flight->lane->target.policy, ending.number, random_);
    }

    journal::Attempt& ended = flight->ended;
    ended.number = flight->attempt.number;
    ended.started_ms = flight->attempt.started_ms;
    ended.ended_ms = now_ms;
    ended.phases = {reply.times.dns,  reply.times.connect, reply.times.tls,
                    reply.times.send, reply.times.wait,    reply.times.read};
    ended.request = std::move(flight->attempt.request);
    ended.response_status = reply.status;
    ended.outcome = outcome_name(ending.verdict.outcome);
    ended.reason = ending.verdict.reason;
    note(*flight);
    measure(*flight);
    close(flight);
}

void Engine::close(const FlightPtr& flight) {
    // The decision is taken on the writer's thread, from the run as it stands there: a report may
    // have ended it meanwhile, and then the verdict is only recorded.
    journal_.change(
        flight->sequence,
        [flight](const Run& run) {
            flight->next = after(run.state, flight->ending, flight->lane->target.policy);
            Change change;
            change.attempt = flight->ended;
            change.attempt->next_ms = flight->next.next_ms;
            if (flight->next.applied) change.state = flight->next.state;
            return change;
        },
        [this, flight](Result<Run> result) { closed(flight, std::move(result)); });
    // The slot is free for an open that follows this close into the journal.
    flight->lane->release();
    pump(*flight->lane);
}

void Engine::closed(const FlightPtr& flight, Result<Run> result) {
    if (!result && result.error().code != "run_not_found") {
        flight->lane->retake();
        if (draining_) return end(flight);
        executor_.at(clock_.steady_ms() + kJournalPauseMs, [this, flight] { close(flight); });
        return;
    }
    if (result && flight->next.applied && flight->next.next_ms != 0) {
        wait(*flight->lane, flight->sequence, flight->next.next_ms);
    }
    end(flight);
    pump(*flight->lane);
}

void Engine::wait(Lane& lane, Sequence sequence, std::int64_t due_wall_ms) {
    // Waiting is counted on the steady clock: setting the machine's clock neither rushes nor stalls
    // it.
    const std::int64_t delay_ms = std::max<std::int64_t>(0, due_wall_ms - clock_.wall_ms());
    lane.wait(sequence, clock_.steady_ms() + delay_ms);
}

void Engine::due(const std::string& connection, Sequence sequence, std::int64_t due_wall_ms) {
    if (Lane* lane = lane_of(connection)) {
        wait(*lane, sequence, due_wall_ms);
        pump(*lane);
    }
}

void Engine::pump(Lane& lane) {
    if (draining_) return measure(lane);
    const std::int64_t now_ms = clock_.steady_ms();
    std::vector<Sequence> ready;
    while (ready.size() < kLoadMax) {
        const auto sequence = lane.take_waiting(now_ms);
        if (!sequence) break;
        ready.push_back(*sequence);
    }
    if (!ready.empty()) {
        flights_ += ready.size();
        journal_.load(ready, [this, &lane, ready](Result<std::vector<Run>> loaded) {
            flights_ -= ready.size();
            if (!loaded) {
                for (const Sequence sequence : ready) {
                    lane.release();
                    lane.wait(sequence, clock_.steady_ms() + kJournalPauseMs);
                }
            } else {
                // A run that is no longer there, or no longer waits, gives its slot back.
                for (std::size_t i = loaded->size(); i < ready.size(); ++i)
                    lane.release();
                for (Run& run : *loaded)
                    start(lane, std::move(run));
            }
            pump(lane);
            if (flights_ == 0 && idle_) std::exchange(idle_, nullptr)();
        });
    }
    if (lane.timer != 0) executor_.cancel(std::exchange(lane.timer, 0));
    if (const auto at_ms = lane.next_try_ms(now_ms)) {
        lane.timer = executor_.at(*at_ms, [this, &lane] {
            lane.timer = 0;
            pump(lane);
        });
    }
    measure(lane);
}

void Engine::start(Lane& lane, Run run) {
    if (!waits(run.state.phase) || draining_) return lane.release();
    auto flight = std::make_shared<Flight>();
    flight->lane = &lane;
    flight->sequence = run.sequence;
    flight->seed = std::move(run.seed);
    flight->state = std::move(run.state);
    flight->attempt.number = flight->state.attempts + 1;
    flight->attempt.started_ms = clock_.wall_ms();
    auto composed = compose(lane.target, flight->seed, flight->state, flight->attempt.number,
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
    metrics_.add(Counter::attempts, {lane.target.name, flight->ended.outcome}, 1);
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
            flight->lane->release();
            if (!result && result.error().code != "run_not_found") {
                flight->lane->wait(flight->sequence, clock_.steady_ms() + kJournalPauseMs);
            }
            end(flight);
            pump(*flight->lane);
        });
}

void Engine::take_up(const journal::LiveRun& run) {
    Lane* lane = lane_of(run.connection);
    if (run.phase == Phase::sending || !lane) return settle_interrupted(lane, run);
    wait(*lane, run.sequence, run.due_ms);
    // The first pump of each lane comes from the loop, once for all that was taken up.
    if (lane->timer == 0) {
        lane->timer = executor_.at(clock_.steady_ms(), [this, lane] {
            lane->timer = 0;
            pump(*lane);
        });
    }
}

void Engine::settle_interrupted(Lane* lane, const journal::LiveRun& live) {
    const bool hold = lane ? lane->target.policy.hold : true;
    const std::int64_t now_ms = clock_.wall_ms();
    journal_.change(
        live.sequence,
        [hold, lane, now_ms](const Run& run) {
            Change change;
            if (run.state.open) {
                journal::Attempt ended;
                ended.number = run.state.open->number;
                ended.started_ms = run.state.open->started_ms;
                ended.ended_ms = now_ms;
                ended.request = run.state.open->request;
                ended.outcome = outcome_name(Outcome::effect_unknown);
                ended.reason = "Signalbox stopped during this attempt";
                change.attempt = std::move(ended);
            }
            change.state = after_restart(run.state, hold, now_ms);
            if (!lane && change.state->phase != Phase::held) {
                change.state->phase = Phase::held;
                change.state->reason =
                    "its connection '" + run.seed.connection +
                    "' is not in the config any more. Put it back and redeliver, "
                    "or cancel it";
            }
            return change;
        },
        [this, lane](Result<Run> result) {
            if (!result || !lane || !waits(result->state.phase)) return;
            wait(*lane, result->sequence, result->state.due_ms);
            pump(*lane);
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
}

void Engine::measure(const Flight& flight) const {
    const journal::Attempt& ended = flight.ended;
    const std::string& connection = flight.lane->target.name;
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
    const MetricLabels labels{lane.target.name, {}};
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
                     lane.waiting() == 0
                         ? 0
                         : static_cast<double>(clock_.wall_ms() + from_now_ms));
    }
}

void Engine::note(const Flight& flight) const {
    const Outcome outcome = flight.ending.verdict.outcome;
    if (outcome == Outcome::accepted) return;
    LogEvent event;
    event.level = LogLevel::warning;
    event.name = "attempt_failed";
    event.fields = {{"run", flight.seed.id},
                    {"action", flight.seed.action},
                    {"connection", flight.seed.connection},
                    {"attempt", std::to_string(flight.attempt.number)},
                    {"outcome", outcome_name(outcome)},
                    {"reason", flight.ending.verdict.reason}};
    log_.write(event);
}

}  // namespace signalbox::dispatch
