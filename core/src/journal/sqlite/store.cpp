#include "journal/sqlite/store.hpp"

#include <utility>

#include "journal/sqlite/refusals.hpp"
#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::sqlite {
namespace {

std::string update_sql(const std::string& columns) {
    return "UPDATE runs SET " + assignments(columns) + " WHERE sequence = ?";
}

}  // namespace

Store::Store(Database& database)
    : database_(database),
      lookups_(database),
      replay_keys_(database),
      begin_(database, "BEGIN IMMEDIATE"),
      commit_(database, "COMMIT"),
      insert_run_(database, "INSERT INTO runs (" + Columns::run + ", first_room) VALUES (" +
                                placeholders(Columns::run) + ", ?) ON CONFLICT (id) DO NOTHING"),
      insert_numbered_(database, "INSERT INTO runs (sequence, " + Columns::run +
                                     ", first_room) VALUES (?, " + placeholders(Columns::run) + ", ?)"),
      insert_ended_(database, "INSERT INTO runs (sequence, " + Columns::run + ", " + Columns::first +
                                  ") VALUES (?, " + placeholders(Columns::run + ", " + Columns::first) +
                                  ")"),
      insert_bodies_(database,
                     "INSERT INTO bodies (sequence, " + Columns::bodies + ") VALUES (?, " +
                         placeholders(Columns::bodies) + ")"),
      update_(database, update_sql(Columns::state)),
      end_first_(database, update_sql(Columns::state + ", " + Columns::first + ", first_room")),
      // A later verdict on an attempt that a report has closed takes the place of what was kept.
      put_attempt_(database, "INSERT OR REPLACE INTO attempts (key, " + Columns::attempt +
                                 ") VALUES (?, " + placeholders(Columns::attempt) + ")"),
      put_log_(database, "INSERT INTO logs (sequence, number, " + Columns::log +
                             ") VALUES (?, ?, " + placeholders(Columns::log) + ")"),
      put_upstream_(database, "INSERT INTO upstream (sequence, log_number) VALUES (?, 0)"),
      told_upstream_(database, "UPDATE upstream SET told = ?, log_number = ? WHERE sequence = ?"),
      forget_upstream_(database, "DELETE FROM upstream WHERE sequence = ?"),
      put_position_(database, "INSERT OR REPLACE INTO meta (name, value) VALUES ('log_position', ?)"),
      rejections_(database) {}

void Store::begin() {
    wrote_ = false;
    Query(begin_).run();
}

void Store::commit() {
    Query(commit_).run();
    replay_keys_.accept();
}

void Store::forget() {
    recent_.clear();
    replay_keys_.forget();
}

Result<Inserted> Store::insert(const SharedSeed& shared, RunState state) {
    const RunSeed& seed = *shared;
    if (const auto holder = lookups_.holder_of_key(seed)) {
        if (holder->digest != seed.idempotency_digest) return key_conflict_error(seed.idempotency_key);
        return Inserted{holder->sequence, lookups_.load_whole(holder->sequence)};
    }
    // Before the run: what is refused here must leave none, and what fails later rolls both back.
    if (seed.replay) {
        if (auto kept = replay_keys_.keep(*seed.replay, seed.created_ms); !kept) return kept.error();
        wrote_ = true;
    }
    {
        const std::string approval = approval_column(state);
        Query query(insert_run_);
        bind_seed(query, seed);
        bind_state(query, state, approval);
        bind_room(query, state);
        query.run();
    }
    if (database_.changes() == 0) {
        if (seed.replay) replay_keys_.take_back();
        return exists_error(seed.id);
    }
    wrote_ = true;
    const Sequence sequence = database_.last_insert_rowid();
    put_bodies(sequence, seed);
    if (seed.upstream_reports) Query(put_upstream_).integer(sequence).run();
    recent_.keep(Run{sequence, without_bodies(seed), std::move(state)});
    return Inserted{sequence, std::nullopt};
}

Result<Run> Store::change(const RunName& name, const Decide& decide) {
    std::optional<Run> run = find(name);
    if (!run) return not_found_error(name);
    Change change = decide(*run);
    const std::int64_t log_number = change.log ? lookups_.log_lines(run->sequence) + 1 : 0;
    if (auto refusal = refusal_of(change, run->seed.id, log_number)) return *std::move(refusal);
    write(*run, change, log_number);
    if (change.state) run->state = *std::move(change.state);
    recent_.keep(*run);
    run->logged = log_number;
    return *std::move(run);
}

void Store::keep(const std::vector<Rejection>& rejections) {
    rejections_.put(rejections);
    wrote_ = true;
}

void Store::told_upstream(const UpstreamRun& run) {
    Query(told_upstream_).optional_blob(run.told).integer(run.log_number).integer(run.sequence).run();
    wrote_ = true;
}

void Store::forget_upstream(Sequence sequence) {
    Query(forget_upstream_).integer(sequence).run();
    wrote_ = true;
}

std::optional<Run> Store::find(const RunName& name) {
    if (const auto* sequence = std::get_if<Sequence>(&name)) {
        if (auto recent = recent_.take(*sequence)) return recent;
    }
    return lookups_.find(name);
}

void Store::write(const Run& run, Change& change, std::int64_t log_number) {
    const bool in_row = ends_first(run, change);
    if (change.state) {
        const std::string approval = approval_column(*change.state);
        Query query(in_row ? end_first_ : update_);
        bind_state(query, *change.state, approval);
        if (in_row) {
            bind_attempt(query, *change.attempt);
            bind_room(query, *change.state);
        }
        query.integer(run.sequence).run();
        wrote_ = true;
    }
    if (change.attempt && !in_row) put_attempt(run.sequence, *change.attempt);
    if (change.log) {
        change.log->number = log_number;
        put_line(run.sequence, *change.log);
    }
}

void Store::put_bodies(Sequence sequence, const RunSeed& seed) {
    const std::string place = place_of_properties(seed);
    Query query(insert_bodies_);
    query.integer(sequence);
    bind_bodies(query, seed, place);
    query.run();
}

void Store::put_attempt(Sequence sequence, const Attempt& attempt) {
    Query query(put_attempt_);
    query.integer(attempt_key(sequence, attempt.number));
    bind_attempt(query, attempt);
    query.run();
    wrote_ = true;
}

void Store::put_line(Sequence sequence, const LogLine& line) {
    Query query(put_log_);
    query.integer(sequence).integer(line.number);
    bind_log(query, line);
    query.run();
    wrote_ = true;
}

void Store::take_over(const Changes& changes, const std::string& position) {
    wrote_ = true;
    for (const ChangedRun* run : changes.runs()) {
        if (run->is_new) {
            insert_new(*run);
        } else if (!update(*run)) {
            continue;  // retention has deleted it since
        }
        for (const Attempt& attempt : run->attempts)
            put_attempt(run->sequence, attempt);
        for (const LogLine& line : run->lines)
            put_line(run->sequence, line);
    }
    for (const ToldUpstream& told : changes.told()) {
        if (told.ended) {
            forget_upstream(told.run.sequence);
        } else {
            told_upstream(told.run);
        }
    }
    if (!changes.rejections().empty()) keep(changes.rejections());
    Query(put_position_).text(position).run();
}

void Store::insert_new(const ChangedRun& run) {
    const RunSeed& seed = *run.seed;
    {
        const std::string approval = approval_column(run.state);
        Query query(run.first ? insert_ended_ : insert_numbered_);
        query.integer(run.sequence);
        bind_seed(query, seed);
        bind_state(query, run.state, approval);
        if (run.first) {
            bind_attempt(query, *run.first);
        } else {
            bind_room(query, run.state);
        }
        query.run();
    }
    put_bodies(run.sequence, seed);
    if (seed.upstream_reports) Query(put_upstream_).integer(run.sequence).run();
    if (seed.replay) {
        replay_keys_.purge_rows(seed.created_ms);
        replay_keys_.put(*seed.replay);
    }
}

bool Store::update(const ChangedRun& run) {
    if (!run.state_changed) return lookups_.find(run.sequence).has_value();
    const std::string approval = approval_column(run.state);
    Query query(run.first ? end_first_ : update_);
    bind_state(query, run.state, approval);
    if (run.first) {
        bind_attempt(query, *run.first);
        bind_room(query, run.state);
    }
    query.integer(run.sequence).run();
    return database_.changes() != 0;
}

}  // namespace signalbox::journal::sqlite
