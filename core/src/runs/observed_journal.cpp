#include "runs/observed_journal.hpp"

#include <memory>
#include <utility>

#include "base/limits.hpp"
#include "dispatch/outcome.hpp"
#include "runs/view.hpp"

namespace signalbox::runs {
namespace {

using journal::Change;
using journal::Phase;
using journal::Run;
using journal::RunState;
using journal::Sequence;

bool is_waiting(Phase phase) {
    return phase == Phase::queued || phase == Phase::retrying;
}

/// Port's word as text that lives for ever.
std::string_view lasting_status(const RunState& state) {
    if (state.phase == Phase::finished) return state.result == "SUCCESS" ? "SUCCESS" : "FAILURE";
    if (state.phase == Phase::waiting_approval) return "WAITING_FOR_APPROVAL";
    if (state.phase == Phase::declined) return "DECLINED";
    if (state.phase == Phase::cancelled) return "CANCELLED";
    return "IN_PROGRESS";
}

/// What an event says of a run's state.
struct Said {
    Phase phase = Phase::queued;
    std::string_view status;
    std::int32_t attempt = 0;
    std::int64_t next_ms = 0;
    std::string reason;
    std::string status_label;
};

Said said_of(const RunState& state) {
    return {state.phase,
            lasting_status(state),
            state.attempts,
            is_waiting(state.phase) ? state.due_ms : 0,
            state.reason,
            state.status_label};
}

RunEvent event_of(const journal::RunSeed& seed, Said said) {
    RunEvent event;
    event.run_id = seed.id;
    event.action = seed.action;
    event.connection = seed.connection;
    event.phase = journal::phase_name(said.phase);
    event.status = said.status;
    event.attempt = said.attempt;
    event.reason = std::move(said.reason);
    event.status_label = std::move(said.status_label);
    event.next_ms = said.next_ms;
    return event;
}

}  // namespace

RunEventKind kind_of(Phase before, const RunState& after, const Change& change) {
    const Phase phase = after.phase;
    if (journal::is_final(phase) && !journal::is_final(before)) {
        if (phase == Phase::cancelled) return RunEventKind::cancelled;
        return phase == Phase::declined ? RunEventKind::declined : RunEventKind::finished;
    }
    if (phase == Phase::held && before != Phase::held) return RunEventKind::held;
    if (change.log) return RunEventKind::logged;
    if (change.attempt && change.attempt->outcome != dispatch::outcome_reported) {
        return change.state && is_waiting(phase) ? RunEventKind::retry_planned
                                                 : RunEventKind::closed;
    }
    if (phase == Phase::sending && is_waiting(before)) return RunEventKind::opened;
    if (phase == Phase::confirmed) return RunEventKind::reported;
    if (phase == Phase::waiting_approval && change.state) return RunEventKind::approval_given;
    if (is_waiting(phase)) {
        if (before == Phase::waiting_approval) return RunEventKind::approved;
        if (before == Phase::sending) return RunEventKind::retry_planned;
        if (!is_waiting(before)) return RunEventKind::redelivered;
    }
    return RunEventKind::changed;
}

/// What the deciding function saw and wanted, carried from the writer to the loop.
struct ObservedJournal::Seen {
    Phase before = Phase::queued;
    bool wrote = false;
    RunEventKind kind = RunEventKind::changed;
    std::int32_t attempt = 0;
    std::string outcome;
    std::string reason;
    std::string log_message;
};

ObservedJournal::ObservedJournal(journal::Journal& journal, Feed& feed, MetricsSink& metrics,
                                 const Clock& clock)
    : journal_(journal), feed_(feed), metrics_(metrics), clock_(clock) {}

void ObservedJournal::insert(journal::SharedSeed seed, RunState state, journal::InsertDone done) {
    // The state goes to the journal now, and whether anybody is to be told is known after the commit.
    Said said = said_of(state);
    journal_.insert(seed, std::move(state),
                    [this, seed, said = std::move(said),
                     done = std::move(done)](Result<journal::Inserted>&& inserted) {
                        if (inserted && !inserted->existing) {
                            metrics_.add(Counter::runs_accepted, {seed->connection, {}}, 1);
                            feed_.publish(clock_.wall_ms(), [&] {
                                RunEvent event = event_of(*seed, said);
                                event.kind = RunEventKind::accepted;
                                return event;
                            });
                            if (seed->upstream_reports && told_) told_(inserted->sequence, true);
                        }
                        done(std::move(inserted));
                    });
}

template <class Name>
void ObservedJournal::observe(Name name, journal::Decide decide, journal::ChangeDone done) {
    auto seen = std::make_shared<Seen>();
    journal_.change(
        std::move(name),
        [decide = std::move(decide), seen](const Run& run) {
            *seen = {};  // a batch that is begun anew asks again
            Change change = decide(run);
            seen->before = run.state.phase;
            seen->wrote = change.state || change.attempt || change.log;
            if (!seen->wrote) return change;
            const RunState& after = change.state ? *change.state : run.state;
            seen->kind = kind_of(run.state.phase, after, change);
            if (change.attempt) {
                seen->attempt = change.attempt->number;
                seen->outcome = change.attempt->outcome;
                seen->reason = change.attempt->reason;
            }
            if (change.log) seen->log_message = change.log->message;
            return change;
        },
        [this, seen, done = std::move(done)](Result<Run>&& run) {
            if (run && seen->wrote) tell(*run, *seen);
            done(std::move(run));
        });
}

void ObservedJournal::change(Sequence sequence, journal::Decide decide, journal::ChangeDone done) {
    observe(sequence, std::move(decide), std::move(done));
}

void ObservedJournal::change(std::string run_id, journal::Decide decide, journal::ChangeDone done) {
    observe(std::move(run_id), std::move(decide), std::move(done));
}

void ObservedJournal::tell(const Run& run, Seen& seen) {
    const bool was_held = seen.before == Phase::held;
    const bool is_held = run.state.phase == Phase::held;
    if (is_held && !was_held) metrics_.add(Counter::runs_held, {run.seed.connection, {}}, 1);
    note_held(run);
    if (journal::is_final(run.state.phase) && !journal::is_final(seen.before)) {
        metrics_.add(Counter::runs_finished, {run.seed.connection, lasting_status(run.state)}, 1);
    }
    feed_.publish(clock_.wall_ms(), [&] {
        RunEvent event = event_of(run.seed, said_of(run.state));
        event.kind = seen.kind;
        if (seen.attempt != 0) {
            event.attempt = seen.attempt;
            event.outcome = std::move(seen.outcome);
            if (event.reason.empty()) event.reason = std::move(seen.reason);
        }
        event.log_number = run.logged;
        event.log_message = std::move(seen.log_message);
        return event;
    });
    if (told_) told_(run.sequence, false);
}

void ObservedJournal::count_held() {
    counting_ = true;
    count_held_page(0);
}

void ObservedJournal::count_held_page(Sequence before) {
    journal::RunFilter filter;
    filter.phases = {Phase::held};
    filter.before = before;
    filter.limit = limits::list_rows_max;
    journal_.list(std::move(filter), [this](Result<journal::RunPage> page) {
        if (page) {
            for (const Run& run : page->runs) {
                if (changed_while_counting_.count(run.sequence) == 0) held_.insert(run.sequence);
            }
            if (page->next != 0) return count_held_page(page->next);
        }
        // Where the journal cannot be read it says so itself; the gauge shows what changes from
        // here.
        counting_ = false;
        changed_while_counting_.clear();
        show_held();
    });
}

void ObservedJournal::note_held(const Run& run) {
    if (counting_) changed_while_counting_.insert(run.sequence);
    const bool is_held = run.state.phase == Phase::held;
    if (is_held ? held_.insert(run.sequence).second : held_.erase(run.sequence) != 0) show_held();
}

void ObservedJournal::show_held() {
    metrics_.set(Gauge::runs_held_now, {}, static_cast<double>(held_.size()));
}

}  // namespace signalbox::runs
