#include "journal/sqlite/store.hpp"

#include <sqlite3.h>

#include <utility>

#include "base/limits.hpp"
#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::sqlite {
namespace {

Error not_found(const RunName& name) {
    const auto* id = std::get_if<std::string>(&name);
    const std::string called =
        id != nullptr ? "'" + *id + "'" : "number " + std::to_string(std::get<Sequence>(name));
    return Error{"run_not_found",
                 "There is no run " + called + " in this journal; check the run's id."};
}

Error key_conflict(const std::string& key) {
    return Error{
        "idempotency_conflict",
        "The Idempotency-Key '" + key +
            "' was used for another invocation of this action. Repeat the same body to get "
            "the same run, or choose a new key."};
}

Error exists(const std::string& id) {
    return Error{"run_exists", "There is a run '" + id + "' already; give the new run another id."};
}

Error log_full(const std::string& id) {
    return Error{"run_log_full", "The run '" + id + "' has " +
                                     std::to_string(limits::run_log_lines_max) +
                                     " log lines, which is the most a run may have; this one was "
                                     "not kept."};
}

bool is_attempt_number(std::int64_t number) {
    return number >= 1 && number <= attempt_number_max;
}

Error attempt_number_refused(const std::string& id, std::int64_t number) {
    return Error{"run_attempts_full", "An attempt of the run '" + id + "' has the number " +
                                          std::to_string(number) + "; attempts are numbered 1 to " +
                                          std::to_string(attempt_number_max) +
                                          ". Invoke the action again instead."};
}

/// Does it end the attempt that its run's row has room for?
bool ends_first(const Run& run, const Change& change) {
    const auto& open = run.state.open;
    return open && open->number == 1 && change.attempt && change.attempt->number == 1 &&
           change.state && !change.state->open;
}

std::string update_sql(const std::string& columns) {
    return "UPDATE runs SET " + assignments(columns) + " WHERE sequence = ?";
}

}  // namespace

Store::Store(Database& database)
    : database_(database),
      replay_keys_(database),
      begin_(database, "BEGIN IMMEDIATE"),
      commit_(database, "COMMIT"),
      insert_run_(database, "INSERT INTO runs (" + Columns::run + ", first_room) VALUES (" +
                                placeholders(Columns::run) + ", ?) ON CONFLICT (id) DO NOTHING"),
      insert_bodies_(database,
                     "INSERT INTO bodies (sequence, " + Columns::bodies + ") VALUES (?, " +
                         placeholders(Columns::bodies) + ")"),
      key_holder_(database,
                  "SELECT sequence, idempotency_digest FROM runs "
                  "WHERE client = ? AND action = ? AND idempotency_key = ?"),
      by_sequence_(database, "SELECT sequence, " + Columns::run + " FROM runs WHERE sequence = ?"),
      by_id_(database, "SELECT sequence, " + Columns::run + " FROM runs WHERE id = ?"),
      bodies_(database,
              "SELECT " + Columns::members + ", payload FROM bodies WHERE sequence = ?"),
      update_(database, update_sql(Columns::state)),
      end_first_(database, update_sql(Columns::state + ", " + Columns::first + ", first_room")),
      // A later verdict on an attempt that a report has closed takes the place of what was kept.
      put_attempt_(database, "INSERT OR REPLACE INTO attempts (key, " + Columns::attempt +
                                 ") VALUES (?, " + placeholders(Columns::attempt) + ")"),
      last_log_(database, "SELECT max(number) FROM logs WHERE sequence = ?"),
      put_log_(database, "INSERT INTO logs (sequence, number, " + Columns::log +
                             ") VALUES (?, ?, " + placeholders(Columns::log) + ")"),
      put_upstream_(database, "INSERT INTO upstream (sequence, log_number) VALUES (?, 0)"),
      told_upstream_(database, "UPDATE upstream SET told = ?, log_number = ? WHERE sequence = ?"),
      forget_upstream_(database, "DELETE FROM upstream WHERE sequence = ?"),
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

Result<Inserted> Store::insert(const RunSeed& seed, RunState state) {
    if (const auto holder = holder_of_key(seed)) {
        if (holder->digest != seed.idempotency_digest) return key_conflict(seed.idempotency_key);
        return Inserted{holder->sequence, load_whole(holder->sequence)};
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
        return exists(seed.id);
    }
    wrote_ = true;
    const Sequence sequence = database_.last_insert_rowid();
    {
        const std::string place = place_of_properties(seed);
        Query query(insert_bodies_);
        query.integer(sequence);
        bind_bodies(query, seed, place);
        query.run();
    }
    if (seed.upstream_reports) Query(put_upstream_).integer(sequence).run();
    recent_.keep(Run{sequence, without_bodies(seed), std::move(state)});
    return Inserted{sequence, std::nullopt};
}

Result<Run> Store::change(const RunName& name, const Decide& decide) {
    std::optional<Run> run = find(name);
    if (!run) return not_found(name);
    Change change = decide(*run);
    std::int64_t log_number = 0;
    if (change.log) {
        log_number = log_lines(run->sequence) + 1;
        if (log_number > static_cast<std::int64_t>(limits::run_log_lines_max)) {
            return log_full(run->seed.id);
        }
    }
    if (change.attempt && !is_attempt_number(change.attempt->number)) {
        return attempt_number_refused(run->seed.id, change.attempt->number);
    }
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

std::optional<Store::Holder> Store::holder_of_key(const RunSeed& seed) {
    if (seed.idempotency_key.empty()) return std::nullopt;
    Query query(key_holder_);
    query.text(seed.client).text(seed.action).text(seed.idempotency_key);
    if (!query.step()) return std::nullopt;
    Holder holder;
    holder.sequence = query.read_integer();
    holder.digest = query.read_bytes();
    return holder;
}

std::optional<Run> Store::find(const RunName& name) {
    if (const auto* id = std::get_if<std::string>(&name)) {
        Query query(by_id_);
        query.text(*id);
        return query.step() ? std::optional<Run>(read_run(query)) : std::nullopt;
    }
    const Sequence sequence = std::get<Sequence>(name);
    if (auto recent = recent_.take(sequence)) return recent;
    Query query(by_sequence_);
    query.integer(sequence);
    return query.step() ? std::optional<Run>(read_run(query)) : std::nullopt;
}

Run Store::load_whole(Sequence sequence) {
    std::optional<Run> run = find(sequence);
    if (!run) database_.fail(SQLITE_CORRUPT);  // an index that names a row which is not there
    Query query(bodies_);
    query.integer(sequence);
    if (query.step()) {
        read_members(query, run->seed);
        run->seed.payload = query.read_bytes();
    }
    return *std::move(run);
}

std::int64_t Store::log_lines(Sequence sequence) {
    Query query(last_log_);
    query.integer(sequence);
    return query.step() ? query.read_integer() : 0;
}

void Store::write(const Run& run, const Change& change, std::int64_t log_number) {
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
    if (change.attempt && !in_row) {
        Query query(put_attempt_);
        query.integer(attempt_key(run.sequence, change.attempt->number));
        bind_attempt(query, *change.attempt);
        query.run();
        wrote_ = true;
    }
    if (change.log) {
        Query query(put_log_);
        query.integer(run.sequence).integer(log_number);
        bind_log(query, *change.log);
        query.run();
        wrote_ = true;
    }
}

}  // namespace signalbox::journal::sqlite
