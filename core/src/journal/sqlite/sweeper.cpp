#include "journal/sqlite/sweeper.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::sqlite {

Sweeper::Sweeper(Database& database)
    : database_(database),
      rows_(
          database,
          "SELECT sequence, phase, created_ms, ended_ms, idempotency_key IS NOT NULL FROM runs "
          "INDEXED BY runs_by_action WHERE action = ? AND sequence > ? ORDER BY sequence LIMIT ?"),
      newest_(database, "SELECT max(sequence) FROM runs"),
      delete_lines_(database,
                    "DELETE FROM logs WHERE sequence = ?1 AND number < ?2 + "
                    "(SELECT min(number) FROM logs WHERE sequence = ?1)"),
      delete_attempts_(database, "DELETE FROM attempts WHERE key BETWEEN ? AND ?"),
      delete_upstream_(database, "DELETE FROM upstream WHERE sequence = ?"),
      delete_bodies_(database, "DELETE FROM bodies WHERE sequence = ?"),
      delete_run_(database, "DELETE FROM runs WHERE sequence = ?") {}

std::vector<Sweeper::Row> Sweeper::rows_of(const SweepStep& step) {
    Query query(rows_);
    query.text(step.action)
        .integer(step.after)
        .integer(static_cast<std::int64_t>(limits::sweep_runs_max));
    std::vector<Row> rows;
    while (query.step()) {
        Row row;
        row.sequence = query.read_integer();
        row.phase = static_cast<Phase>(query.read_integer());
        row.created_ms = query.read_integer();
        row.ended_ms = query.read_integer();
        row.keyed = query.read_integer() != 0;
        rows.push_back(row);
    }
    return rows;
}

bool Sweeper::remove(Sequence sequence) {
    constexpr auto lines_max = static_cast<std::int64_t>(limits::sweep_lines_max);
    Query(delete_lines_).integer(sequence).integer(lines_max).run();
    if (database_.changes() == lines_max) return false;
    Query(delete_attempts_)
        .integer(attempt_key(sequence, 0))
        .integer(attempt_key(sequence, attempt_number_max))
        .run();
    Query(delete_upstream_).integer(sequence).run();
    Query(delete_bodies_).integer(sequence).run();
    Query(delete_run_).integer(sequence).run();
    return true;
}

Swept Sweeper::sweep(const SweepStep& step) {
    const std::vector<Row> rows = rows_of(step);
    Sequence newest = 0;
    {
        Query query(newest_);
        if (query.step()) newest = query.read_integer();
    }
    Swept swept;
    bool any_old = false;
    for (const Row& row : rows) {
        const std::int64_t ended_ms = std::max(row.created_ms, row.ended_ms);
        any_old =
            any_old || row.sequence < step.counted_out || row.created_ms < step.ended_before_ms;
        // The newest run stays, so that its number is never given again.
        if (!is_final(row.phase) || row.sequence == newest) continue;
        if (row.sequence > step.counted_out && ended_ms >= step.ended_before_ms) continue;
        if (row.keyed && row.created_ms >= step.keyed_before_ms) continue;
        if (!remove(row.sequence)) {
            swept.next = row.sequence - 1;
            return swept;
        }
        ++swept.deleted;
    }
    // Runs are created in the order of their numbers, so nothing old enough follows a whole page in
    // which nothing was; a page and not a run, because clocks are set back now and then.
    if (rows.size() == limits::sweep_runs_max && any_old) swept.next = rows.back().sequence;
    return swept;
}

bool Sweeping::step(Database& database, Store& store) {
    Sweeper sweeper(database);
    store.begin();
    const Swept swept = sweeper.sweep(step_);
    store.commit();
    outcome_.emplace(swept);
    return true;
}

void Sweeping::tell() {
    if (done_) done_(*std::move(outcome_));
}

}  // namespace signalbox::journal::sqlite
