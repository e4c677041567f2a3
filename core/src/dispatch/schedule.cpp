// The engine's schedule: who waits where, and whose turn it is.
#include <algorithm>
#include <limits>

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
    // Behind another it is not due, but its deadline passes there too.
    if (!run.order_key.empty() && !lane.ordering.enter(run))
        return lane.watch(run.sequence, deadline_of(run));
    queue(lane, run);
}

std::int64_t Engine::deadline_of(const journal::LiveRun& run) const {
    if (run.deadline_ms == 0) return 0;
    return clock_.steady_ms() + std::max<std::int64_t>(0, run.deadline_ms - clock_.wall_ms());
}

void Engine::queue(Lane& lane, const journal::LiveRun& run) {
    // Waiting is counted on the steady clock: setting the machine's clock neither rushes nor stalls
    // it.
    const std::int64_t steady_ms = clock_.steady_ms();
    const std::int64_t delay_ms = std::max<std::int64_t>(0, run.due_ms - clock_.wall_ms());
    lane.wait(run, steady_ms + delay_ms, deadline_of(run), steady_ms);
}

void Engine::wait_for_journal(Lane& lane, const journal::LiveRun& run, std::int64_t deadline_ms) {
    const std::int64_t now_ms = clock_.steady_ms();
    lane.wait(run, now_ms + limits::journal_pause_ms, deadline_ms, now_ms);
}

void Engine::due(const Run& run) {
    fresh_.drop(run.sequence);
    if (Lane* lane = lane_of(run.seed.connection)) {
        enlist(*lane, live_of(run));
        pump(*lane);
    }
}

void Engine::moved(const Run& run) {
    if (!waits(run.state.phase)) fresh_.drop(run.sequence);
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
    while (!turns_.empty() && started < kTurnMax) {
        Lane& lane = *turns_.front();
        turns_.pop_front();
        lane.in_turn = false;
        started += visit(lane);
    }
    turning_ = false;
    if (turns_.empty() || turn_posted_) return;
    turn_posted_ = true;
    executor_.post([this] {
        turn_posted_ = false;
        turn();
    });
}

/// How many attempts more of this connection the whole has room for. Half of all places are divided
/// among the connections, and each one's part is kept free for it: those that hang with all their
/// slots leave room for every other.
std::size_t Engine::room_for(const Lane& lane) const {
    if (flights_ >= bounds_.under_way_max) return 0;
    const std::size_t free = bounds_.under_way_max - flights_;
    const std::size_t part = std::max<std::size_t>(1, bounds_.under_way_max / 2 / lanes_.size());
    const std::size_t kept = part * (lanes_.size() - 1);
    const auto in_flight = static_cast<std::size_t>(std::max(0, lane.in_flight()));
    const std::size_t of_its_part = in_flight < part ? part - in_flight : 0;
    return std::min(free, std::max(of_its_part, free > kept ? free - kept : 0));
}

/// Lets those back into the round for whom there is room, the one that has waited longest first.
void Engine::make_room() {
    for (std::size_t refused = 0; refused < crowded_.size();) {
        Lane* lane = crowded_.front();
        crowded_.pop_front();
        if (room_for(*lane) == 0) {
            crowded_.push_back(lane);
            ++refused;
            continue;
        }
        refused = 0;
        turns_.push_back(lane);
        turn();
    }
}

std::size_t Engine::visit(Lane& lane) {
    const std::int64_t now_ms = clock_.steady_ms();
    expire_due(lane);
    std::vector<Lane::Taken> ready;
    const std::size_t room = room_for(lane);
    const std::size_t most = std::min(kQuantum, room);
    while (ready.size() < most) {
        const auto taken = lane.take_waiting(now_ms);
        if (!taken) break;
        ready.push_back(*taken);
    }
    if (ready.size() == most && lane.any_due(now_ms)) {
        lane.in_turn = true;
        (room <= kQuantum ? crowded_ : turns_).push_back(&lane);
    }
    const std::size_t started = ready.size();
    std::erase_if(ready, [&](const Lane::Taken& taken) {
        auto run = fresh_.take(taken.sequence);
        if (run) start(lane, taken, std::move(*run));
        return run.has_value();
    });
    if (!ready.empty()) load(lane, ready);
    set_timer(lane);
    return started;
}

void Engine::load(Lane& lane, const std::vector<Lane::Taken>& ready) {
    flights_ += ready.size();
    std::vector<Sequence> sequences;
    for (const Lane::Taken& taken : ready)
        sequences.push_back(taken.sequence);
    journal_.load(std::move(sequences), [this, &lane, ready](Result<std::vector<Run>> loaded) {
        if (!loaded) {
            not_loaded(lane, ready, loaded.error());
        } else {
            auto run = loaded->begin();
            for (const Lane::Taken& taken : ready) {
                if (run != loaded->end() && run->sequence == taken.sequence) {
                    start(lane, taken, {std::move(run->seed), std::move(run->state)});
                    ++run;
                } else {
                    lane.give_back();  // it is no longer there
                }
            }
        }
        pump(lane);
        landed_or_dropped(ready.size());
    });
}

void Engine::set_timer(Lane& lane) {
    if (lane.timer != 0) executor_.cancel(std::exchange(lane.timer, 0));
    // One that stands in the round or waits for room is visited again anyway.
    const auto at_ms =
        lane.in_turn ? lane.next_expiry_ms() : lane.next_try_ms(clock_.steady_ms());
    if (!at_ms) return;
    lane.timer = executor_.at(*at_ms, [this, &lane] {
        lane.timer = 0;
        if (draining_) return;
        expire_due(lane);
        pump(lane);
        if (lane.in_turn && lane.timer == 0) set_timer(lane);
    });
}

void Engine::not_loaded(Lane& lane, const std::vector<Lane::Taken>& ready, const Error& error) {
    const bool damage = error.code == "journal_corrupt";
    for (const Lane::Taken& taken : ready) {
        // One that is damaged must not keep those beside it from being sent.
        if (damage && ready.size() > 1) {
            load(lane, {taken});
            continue;
        }
        lane.give_back();
        if (damage) {
            hold_damaged(lane, taken, error);
        } else {
            journal::LiveRun run;
            run.sequence = taken.sequence;
            wait_for_journal(lane, run, taken.deadline_ms);
        }
    }
}

void Engine::hold_damaged(Lane& lane, const Lane::Taken& taken, const Error& error) {
    const std::int64_t now_ms = clock_.wall_ms();
    journal_.change(
        taken.sequence,
        [now_ms, why = error.message](const Run& run) {
            Change change;
            if (waits(run.state.phase)) change.state = unreadable(run.state, why, now_ms);
            return change;
        },
        [this, &lane, taken](Result<Run> result) {
            if (result) return moved(*result);
            if (result.error().code == "run_not_found") return;
            journal::LiveRun run;
            run.sequence = taken.sequence;
            wait_for_journal(lane, run, taken.deadline_ms);
            pump(lane);
        });
}

void Engine::expire_due(Lane& lane) {
    while (const auto sequence = lane.take_expired(clock_.steady_ms()))
        expire(*sequence);
}

void Engine::expire(Sequence sequence) {
    fresh_.drop(sequence);
    const std::int64_t now_ms = clock_.wall_ms();
    journal_.change(
        sequence,
        [now_ms](const Run& run) {
            Change change;
            if (waits(run.state.phase)) change.state = past_deadline(run.state, now_ms);
            return change;
        },
        [this, sequence](Result<Run> result) {
            if (result) return moved(*result);
            if (draining_ || result.error().code == "run_not_found") return;
            executor_.at(clock_.steady_ms() + limits::journal_pause_ms,
                         [this, sequence] { expire(sequence); });
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
    const std::int32_t attempts_max =
        lane ? lane->target->policy_of(live.action).attempts_max
             : std::numeric_limits<std::int32_t>::max();
    const std::int64_t now_ms = clock_.wall_ms();
    journal_.change(
        live.sequence,
        [hold, attempts_max, lane, now_ms](const Run& run) {
            Change change;
            // A report may have come meanwhile.
            if (run.state.phase != Phase::sending && !waits(run.state.phase)) return change;
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
            change.state = after_restart(run.state, hold, attempts_max, now_ms);
            if (!lane && change.state->phase != Phase::held) {
                change.state->phase = Phase::held;
                change.state->reason =
                    "its connection '" + run.seed.connection +
                    "' is not in the config any more. Put it back and redeliver, "
                    "or cancel it";
            }
            return change;
        },
        [this, lane, live](Result<Run> result) {
            if (!result) {
                if (draining_ || result.error().code == "run_not_found") return;
                // Until then it counts as being sent, and nobody else can do anything for it.
                executor_.at(clock_.steady_ms() + limits::journal_pause_ms,
                             [this, lane, live] { settle_interrupted(lane, live); });
                return;
            }
            if (!lane) return;
            if (waits(result->state.phase)) enlist(*lane, live_of(*result));
            moved(*result);
            pump(*lane);
        });
}

}  // namespace signalbox::dispatch
