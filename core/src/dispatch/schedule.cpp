// The engine's schedule: who waits where, and whose turn it is.
#include <algorithm>

#include "base/limits.hpp"
#include "dispatch/engine.hpp"
#include "dispatch/live.hpp"

namespace signalbox::dispatch {

using journal::Change;
using journal::Phase;
using journal::Run;
using journal::RunSeed;
using journal::RunState;
using journal::Sequence;

namespace {

/// How long to leave the journal alone after it refused a write or a read.
constexpr std::int64_t kJournalPauseMs = 1'000;
/// Runs a lane may start before the next lane has its turn. Every run costs one.
constexpr std::size_t kQuantum = 16;
/// Runs started before the loop sees to its sockets again.
constexpr std::size_t kTurnMax = 64;

}  // namespace

journal::LiveRun live_of(const RunSeed& seed, const RunState& state, Sequence sequence) {
    journal::LiveRun live;
    live.sequence = sequence;
    live.connection = seed.connection;
    live.phase = state.phase;
    live.due_ms = state.due_ms;
    live.open = state.open.has_value();
    live.action = seed.action;
    live.order_key = seed.order_key;
    live.deadline_ms = state.deadline_ms;
    return live;
}

Error backlog_full(std::size_t waiting_max) {
    return Error{"backlog_full", std::to_string(waiting_max) +
                                     " runs wait for delivery, which is the most that are taken; "
                                     "try again later"};
}

void Engine::enlist(Lane& lane, const journal::LiveRun& run) {
    if (!run.order_key.empty() && !lane.ordering.enter(run)) return;
    queue(lane, run);
}

void Engine::queue(Lane& lane, const journal::LiveRun& run) {
    // Waiting is counted on the steady clock: setting the machine's clock neither rushes nor stalls
    // it.
    const std::int64_t wall_ms = clock_.wall_ms();
    const std::int64_t steady_ms = clock_.steady_ms();
    const std::int64_t delay_ms = std::max<std::int64_t>(0, run.due_ms - wall_ms);
    const std::int64_t deadline_ms =
        run.deadline_ms == 0 ? 0 : steady_ms + std::max<std::int64_t>(0, run.deadline_ms - wall_ms);
    lane.wait(run, steady_ms + delay_ms, deadline_ms, steady_ms);
}

void Engine::wait_for_journal(Lane& lane, const journal::LiveRun& run) {
    const std::int64_t now_ms = clock_.steady_ms();
    lane.wait(run, now_ms + kJournalPauseMs, 0, now_ms);
}

void Engine::due(const Run& run) {
    if (Lane* lane = lane_of(run.seed.connection)) {
        enlist(*lane, live_of(run));
        pump(*lane);
    }
}

void Engine::moved(const Run& run) {
    Lane* lane = run.seed.order_key.empty() ? nullptr : lane_of(run.seed.connection);
    if (!lane) return;
    switch (run.state.phase) {
        case Phase::waiting_approval:
        case Phase::queued:
        case Phase::sending:
        case Phase::retrying:
            return;
        case Phase::held:
            if (!lane->target->policy_of(run.seed.action).order_skips) return;
            break;
        default:
            break;
    }
    const auto next = lane->ordering.leave(run.seed.action, run.seed.order_key, run.sequence);
    // One that is held where it stands comes back by a person's hand.
    if (!next || !waits(next->phase)) return;
    queue(*lane, *next);
    pump(*lane);
}

void Engine::pump(Lane& lane) {
    if (draining_) return measure(lane);
    if (!lane.in_turn) {
        lane.in_turn = true;
        turns_.push_back(&lane);
    }
    turn();
    measure(lane);
}

void Engine::turn() {
    if (turning_ || draining_) return;
    turning_ = true;
    std::size_t started = 0;
    while (!turns_.empty() && started < kTurnMax && flights_ < bounds_.under_way_max) {
        Lane& lane = *turns_.front();
        turns_.pop_front();
        lane.in_turn = false;
        started += visit(lane);
    }
    turning_ = false;
    if (turns_.empty() || turn_posted_ || flights_ >= bounds_.under_way_max) return;
    turn_posted_ = true;
    executor_.post([this] {
        turn_posted_ = false;
        turn();
    });
}

std::size_t Engine::visit(Lane& lane) {
    const std::int64_t now_ms = clock_.steady_ms();
    while (const auto sequence = lane.take_expired(now_ms))
        expire(*sequence);
    std::vector<Sequence> ready;
    const std::size_t most = std::min(kQuantum, bounds_.under_way_max - flights_);
    while (ready.size() < most) {
        const auto sequence = lane.take_waiting(now_ms);
        if (!sequence) break;
        ready.push_back(*sequence);
    }
    if (!ready.empty()) load(lane, ready);
    if (ready.size() == most && lane.any_due(now_ms)) {
        lane.in_turn = true;
        turns_.push_back(&lane);
    }
    set_timer(lane);
    return ready.size();
}

void Engine::load(Lane& lane, const std::vector<Sequence>& ready) {
    flights_ += ready.size();
    journal_.load(ready, [this, &lane, ready](Result<std::vector<Run>> loaded) {
        if (!loaded) {
            for (const Sequence sequence : ready) {
                lane.give_back();
                journal::LiveRun run;
                run.sequence = sequence;
                wait_for_journal(lane, run);
            }
        } else {
            // A run that is no longer there, or no longer waits, gives its slot back.
            for (std::size_t i = loaded->size(); i < ready.size(); ++i)
                lane.give_back();
            for (Run& run : *loaded)
                start(lane, std::move(run));
        }
        pump(lane);
        landed_or_dropped(ready.size());
    });
}

void Engine::set_timer(Lane& lane) {
    if (lane.timer != 0) executor_.cancel(std::exchange(lane.timer, 0));
    // One that stands in the round is visited again anyway.
    if (lane.in_turn) return;
    if (const auto at_ms = lane.next_try_ms(clock_.steady_ms())) {
        lane.timer = executor_.at(*at_ms, [this, &lane] {
            lane.timer = 0;
            pump(lane);
        });
    }
}

void Engine::expire(Sequence sequence) {
    const std::int64_t now_ms = clock_.wall_ms();
    journal_.change(
        sequence,
        [now_ms](const Run& run) {
            Change change;
            if (waits(run.state.phase)) change.state = past_deadline(run.state, now_ms);
            return change;
        },
        [this](Result<Run> result) {
            // Where the journal refused, its turn in the queue comes to the same.
            if (result) moved(*result);
        });
}

void Engine::take_up(const journal::LiveRun& run) {
    Lane* lane = lane_of(run.connection);
    if (run.phase == Phase::sending || !lane) {
        // Its place in the line is taken now, because those after it come next.
        if (lane && !run.order_key.empty()) lane->ordering.enter(run);
        return settle_interrupted(lane, run);
    }
    if (run.phase == Phase::held) {
        if (!lane->target->policy_of(run.action).order_skips) lane->ordering.enter(run);
        return;
    }
    enlist(*lane, run);
    // The first pump of each lane comes from the loop, once for all that was taken up.
    if (lane->timer == 0) {
        lane->timer = executor_.at(clock_.steady_ms(), [this, lane] {
            lane->timer = 0;
            pump(*lane);
        });
    }
}

void Engine::settle_interrupted(Lane* lane, const journal::LiveRun& live) {
    const bool hold = lane ? lane->target->policy.hold : true;
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
            if (!result || !lane) return;
            if (waits(result->state.phase)) enlist(*lane, live_of(*result));
            moved(*result);
            pump(*lane);
        });
}

}  // namespace signalbox::dispatch
