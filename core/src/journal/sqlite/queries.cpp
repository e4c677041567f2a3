#include "journal/sqlite/queries.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/limits.hpp"
#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::sqlite {
namespace {

/// The condition of the index `runs_unsettled`, word for word: SQLite uses a partial index only for
/// a query that repeats it.
const std::string unsettled_condition = "(phase <> 8 OR result IS NOT 'SUCCESS')";
static_assert(static_cast<int>(Phase::finished) == 8);

/// A function, because Columns may be initialised after a constant of this file would be.
std::string select_run(const std::string& bodies, const std::string& condition) {
    return "SELECT runs.sequence, " + Columns::run + ", " + bodies +
           " FROM runs JOIN bodies USING (sequence) WHERE " + condition;
}

// A lane answers numbers only. The rows of the page are read by them once it is known which they
// are.
const std::string newest_conditions =
    "sequence < ?1 AND (?2 = 0 OR phase = 8) AND (?3 = '' OR result = ?3) "
    "AND (?5 = '' OR connection = ?5) AND (?6 = 0 OR created_ms >= ?6) "
    "AND (?7 = 0 OR created_ms < ?7) AND (?8 = '' OR origin = ?8) "
    "AND (?9 = '' OR action IN (SELECT value FROM json_each(?9))) "
    "ORDER BY sequence DESC LIMIT ?4";

/// The file as of one moment for several statements; the moment ends with the scope.
class Snapshot {
  public:
    Snapshot(Statement& begin, Statement& commit) : commit_(commit) { Query(begin).run(); }
    ~Snapshot() {
        try {
            Query(commit_).run();
        } catch (const std::exception&) {
            // What was read is no less true; a connection that stays inside its transaction fails
            // at the next begin, and is made anew.
        }
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

  private:
    Statement& commit_;
};

Error not_found(const std::string& run_id) {
    return Error{"run_not_found",
                 "There is no run '" + run_id + "' in this journal; check the run's id."};
}

Sequence bound(Sequence before) {
    return before > 0 ? before : std::numeric_limits<Sequence>::max();
}

void take_sequences(Query& query, std::vector<Sequence>& into) {
    while (query.step())
        into.push_back(query.read_integer());
}

/// Of what may be large in a listed run.
std::size_t bytes_of(const Run& run) {
    return run.seed.properties.size() + run.seed.entity.size() + run.seed.method.size() +
           run.state.summary.size();
}

}  // namespace

Queries::Queries(Database& database)
    : begin_(database, "BEGIN"),
      commit_(database, "COMMIT"),
      by_id_(database, select_run(Columns::members + ", payload, " + Columns::first, "id = ?")),
      by_sequence_(database, select_run(Columns::members + ", payload", "runs.sequence = ?")),
      listed_(database, select_run(Columns::members, "runs.sequence = ?")),
      attempts_(database, "SELECT key, " + Columns::attempt +
                              " FROM attempts WHERE key BETWEEN ? AND ? ORDER BY key"),
      number_of_(database, "SELECT sequence FROM runs WHERE id = ?"),
      logs_(database, "SELECT number, " + Columns::log +
                          " FROM logs WHERE sequence = ? AND number > ? ORDER BY number LIMIT ?"),
      last_logs_(database, "SELECT number, " + Columns::log +
                               " FROM logs WHERE sequence = ? ORDER BY number DESC LIMIT ?"),
      newest_(database, "SELECT sequence FROM runs NOT INDEXED WHERE " + newest_conditions),
      newest_of_action_(database,
                        "SELECT sequence FROM runs INDEXED BY runs_by_action "
                        "WHERE action = ?10 AND " +
                            newest_conditions),
      unsettled_(database,
                 "SELECT sequence FROM runs INDEXED BY runs_unsettled WHERE phase = ?1 AND " +
                     unsettled_condition +
                     " AND sequence < ?2 AND (?3 = '' OR action = ?3) AND (?4 = '' OR "
                     "result = ?4) AND (?6 = '' OR connection = ?6) AND (?7 = 0 OR "
                     "created_ms >= ?7) AND (?8 = 0 OR created_ms < ?8) "
                     "AND (?9 = '' OR origin = ?9) "
                     "AND (?10 = '' OR action IN (SELECT value FROM json_each(?10))) "
                     "ORDER BY sequence DESC LIMIT ?5"),
      live_(database,
            "SELECT sequence, connection, due_ms, open_number IS NOT NULL, action, order_key, "
            "deadline_ms FROM runs INDEXED BY runs_unsettled WHERE phase = ? AND " +
                unsettled_condition + " AND sequence > ? AND (phase <> " +
                std::to_string(static_cast<int>(Phase::held)) +
                " OR order_key IS NOT NULL) ORDER BY sequence LIMIT ?"),
      next_action_(database,
                   "SELECT action FROM runs INDEXED BY runs_by_action WHERE action > ? "
                   "ORDER BY action LIMIT 1"),
      nth_of_action_(database,
                     "SELECT sequence FROM runs INDEXED BY runs_by_action WHERE action = ? "
                     "ORDER BY sequence DESC LIMIT 1 OFFSET ?"),
      upstream_(database,
                "SELECT sequence, told, log_number FROM upstream WHERE sequence > ? "
                "ORDER BY sequence LIMIT ?"),
      rejections_(database),
      search_(database) {}

Result<RunWithAttempts> Queries::find(const std::string& run_id) {
    const Snapshot snapshot(begin_, commit_);
    RunWithAttempts found;
    std::optional<Attempt> first;
    {
        Query query(by_id_);
        query.text(run_id);
        if (!query.step()) return not_found(run_id);
        found.run = read_run(query);
        read_members(query, found.run.seed);
        found.run.seed.payload = query.read_bytes();
        first = read_first(query);
    }
    Query query(attempts_);
    query.integer(attempt_key(found.run.sequence, 0))
        .integer(attempt_key(found.run.sequence, attempt_number_max));
    while (query.step())
        found.attempts.push_back(read_attempt(query));
    // A verdict that came after a report had closed the attempt stands in the table, and counts.
    const bool known = !found.attempts.empty() && found.attempts.front().number == 1;
    if (first && !known) found.attempts.insert(found.attempts.begin(), std::move(*first));
    return found;
}

Result<std::vector<Run>> Queries::load(const std::vector<Sequence>& sequences) {
    const Snapshot snapshot(begin_, commit_);  // all as of one commit
    std::vector<Run> runs;
    runs.reserve(sequences.size());
    for (const Sequence sequence : sequences) {
        Query query(by_sequence_);
        query.integer(sequence);
        if (!query.step()) continue;
        runs.push_back(read_run(query));
        read_members(query, runs.back().seed);
        runs.back().seed.payload = query.read_bytes();
    }
    return runs;
}

Result<RunPage> Queries::list(const RunFilter& filter) {
    const std::size_t limit = std::clamp<std::size_t>(filter.limit, 1, limits::list_rows_max);
    const Snapshot snapshot(begin_, commit_);
    std::vector<Sequence> sequences = lanes(filter, limit + 1);
    std::sort(sequences.begin(), sequences.end(), std::greater<>());
    sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end());
    RunPage page;
    if (sequences.size() > limit) {
        sequences.resize(limit);
        page.next = sequences.back();
    }
    std::size_t bytes = 0;
    for (const Sequence sequence : sequences) {
        Query query(listed_);
        query.integer(sequence);
        if (!query.step()) continue;
        page.runs.push_back(read_run(query));
        read_members(query, page.runs.back().seed);
        bytes += bytes_of(page.runs.back());
        if (bytes < limits::list_bytes_max || sequence == sequences.back()) continue;
        page.next = sequence;
        break;
    }
    return page;
}

std::vector<Sequence> Queries::lanes(const RunFilter& filter, std::size_t count) {
    if (RunSearch::serves(filter)) return search_.find(filter, count);
    // Only finished runs have a result, and those that succeeded are in no index by phase.
    const bool only_succeeded = filter.result == "SUCCESS";
    std::vector<Phase> phases = filter.phases;
    if (phases.empty()) {
        if (filter.result.empty()) {
            std::vector<Sequence> found;
            newest_lane(filter, false, count, found);
            return found;
        }
        phases.push_back(Phase::finished);
    }
    std::sort(phases.begin(), phases.end());
    phases.erase(std::unique(phases.begin(), phases.end()), phases.end());
    std::vector<Sequence> found;
    for (const Phase phase : phases) {
        if (phase == Phase::finished && (filter.result.empty() || only_succeeded)) {
            newest_lane(filter, true, count, found);
        } else if (!only_succeeded) {
            unsettled_lane(filter, phase, count, found);
        }
    }
    return found;
}

void Queries::unsettled_lane(const RunFilter& filter, Phase phase, std::size_t count,
                             std::vector<Sequence>& into) {
    const std::string actions = json_list(filter.actions);
    Query query(unsettled_);
    query.integer(static_cast<std::int64_t>(phase))
        .integer(bound(filter.before))
        .text(filter.action)
        .text(filter.result)
        .integer(static_cast<std::int64_t>(count))
        .text(filter.connection)
        .integer(filter.created_from_ms)
        .integer(filter.created_before_ms)
        .text(filter.origin)
        .text(actions);
    take_sequences(query, into);
}

void Queries::newest_lane(const RunFilter& filter, bool finished_only, std::size_t count,
                          std::vector<Sequence>& into) {
    const std::string actions = json_list(filter.actions);
    Query query(filter.action.empty() ? newest_ : newest_of_action_);
    query.integer(bound(filter.before))
        .integer(finished_only ? 1 : 0)
        .text(filter.result)
        .integer(static_cast<std::int64_t>(count))
        .text(filter.connection)
        .integer(filter.created_from_ms)
        .integer(filter.created_before_ms)
        .text(filter.origin)
        .text(actions);
    if (!filter.action.empty()) query.text(filter.action);
    take_sequences(query, into);
}

std::optional<Sequence> Queries::sequence_of(const std::string& run_id) {
    Query query(number_of_);
    query.text(run_id);
    if (!query.step()) return std::nullopt;
    return query.read_integer();
}

Result<std::vector<LogLine>> Queries::logs(const std::string& run_id, std::int64_t after_number,
                                           std::size_t limit) {
    const Snapshot snapshot(begin_, commit_);
    const auto sequence = sequence_of(run_id);
    if (!sequence) return not_found(run_id);
    Query query(logs_);
    query.integer(*sequence)
        .integer(after_number)
        .integer(
            static_cast<std::int64_t>(std::clamp<std::size_t>(limit, 1, limits::list_rows_max)));
    std::vector<LogLine> lines;
    for (std::size_t bytes = 0; bytes < limits::list_bytes_max && query.step();) {
        lines.push_back(read_log(query));
        bytes += lines.back().message.size();
    }
    return lines;
}

Result<std::vector<LogLine>> Queries::last_logs(const std::string& run_id) {
    const Snapshot snapshot(begin_, commit_);
    const auto sequence = sequence_of(run_id);
    if (!sequence) return not_found(run_id);
    Query query(last_logs_);
    query.integer(*sequence).integer(static_cast<std::int64_t>(limits::list_rows_max));
    std::vector<LogLine> lines;
    std::size_t bytes = 0;
    while (query.step()) {
        LogLine line = read_log(query);
        bytes += line.message.size();
        if (!lines.empty() && bytes > limits::page_log_bytes_max) break;
        lines.push_back(std::move(line));
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
}

Result<std::vector<std::string>> Queries::actions(const std::string& after) {
    // A jump through the index for each action, because a DISTINCT would walk all of its rows.
    std::vector<std::string> found;
    std::string last = after;
    while (found.size() < limits::list_rows_max) {
        Query query(next_action_);
        query.text(last);
        if (!query.step()) break;
        found.push_back(query.read_bytes());
        last = found.back();
    }
    return found;
}

Result<Sequence> Queries::older_than_newest(const std::string& action, std::size_t newer) {
    Query query(nth_of_action_);
    query.text(action).integer(static_cast<std::int64_t>(newer));
    return query.step() ? Sequence{query.read_integer()} : Sequence{0};
}

Result<std::vector<UpstreamRun>> Queries::upstream(Sequence after) {
    Query query(upstream_);
    query.integer(after).integer(static_cast<std::int64_t>(limits::list_rows_max));
    std::vector<UpstreamRun> runs;
    while (query.step()) {
        UpstreamRun& run = runs.emplace_back();
        run.sequence = query.read_integer();
        run.told = query.read_bytes();
        run.log_number = query.read_integer();
    }
    return runs;
}

std::vector<LiveRun> Queries::live(Phase phase, Sequence after) {
    Query query(live_);
    query.integer(static_cast<std::int64_t>(phase))
        .integer(after)
        .integer(static_cast<std::int64_t>(limits::list_rows_max));
    std::vector<LiveRun> runs;
    while (query.step()) {
        LiveRun run;
        run.phase = phase;
        run.sequence = query.read_integer();
        run.connection = query.read_bytes();
        run.due_ms = query.read_integer();
        run.open = query.read_integer() != 0;
        run.action = query.read_bytes();
        run.order_key = query.read_bytes();
        run.deadline_ms = query.read_integer();
        runs.push_back(std::move(run));
    }
    return runs;
}

}  // namespace signalbox::journal::sqlite
