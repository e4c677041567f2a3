#include "dispatch/engine.hpp"

#include <algorithm>

#include "dispatch/flight.hpp"
#include "dispatch/live.hpp"

namespace signalbox::dispatch {
namespace {

using journal::Phase;
using journal::RunSeed;
using journal::RunState;

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

}  // namespace

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
    if (!target.connection) target.connection = lane.target->connection;
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
    flight->policy = &flight->target->policy_of(flight->seed->action);
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
                    [this, flight, done = std::move(done)](Result<journal::Inserted>&& inserted) {
                        if (answered(inserted, Phase::sending, done)) {
                            flight->sequence = inserted->sequence;
                            return fly(flight);
                        }
                        flight->lane->give_back();
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

}  // namespace signalbox::dispatch
