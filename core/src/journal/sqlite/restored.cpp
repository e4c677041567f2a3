#include "journal/sqlite/restored.hpp"

#include "base/encoding.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/rows.hpp"
#include "journal/sqlite/schema.hpp"

namespace signalbox::journal::sqlite {
namespace {

constexpr const char* interrupted = "the journal was restored from a backup made in this attempt";

/// An attempt that was open in the backup ended some way that nobody knows.
void close_attempts(Database& database, std::int64_t now_ms) {
    Statement close(
        database,
        "INSERT OR REPLACE INTO attempts (key, started_ms, ended_ms, dns_ms, connect_ms, tls_ms, "
        "send_ms, wait_ms, read_ms, response_status, outcome, reason, next_ms, method, url, head, "
        "body) SELECT sequence * ? + open_number, open_started_ms, ?, -1, -1, -1, -1, -1, -1, 0, "
        "'effect_unknown', ?, 0, coalesce(open_method, ''), coalesce(open_url, ''), "
        "coalesce(open_head, ''), open_body FROM runs "
        "WHERE open_number IS NOT NULL AND phase IN (1, 2, 3)");
    Query(close).integer(attempt_number_max + 1).integer(now_ms).text(interrupted).run();
}

std::int64_t hold_runs(Database& database, std::int64_t made_ms, std::int64_t now_ms) {
    const std::string reason =
        "the journal was restored from a backup of " + to_iso8601(made_ms) +
        ": whether this run was sent after that is not known. Look at the target; then redeliver "
        "it or cancel it";
    Statement hold(database,
                   "UPDATE runs SET phase = 7, effect_possible = 1, due_ms = 0, updated_ms = ?, "
                   "reason = ?, open_number = NULL, open_started_ms = NULL, open_method = NULL, "
                   "open_url = NULL, open_head = NULL, open_body = NULL WHERE phase IN (1, 2, 3)");
    static_assert(static_cast<int>(Phase::queued) == 1 && static_cast<int>(Phase::sending) == 2 &&
                  static_cast<int>(Phase::retrying) == 3 && static_cast<int>(Phase::held) == 7);
    Query(hold).integer(now_ms).text(reason).run();
    return database.changes();
}

/// It waits for a person as it is; but that person may have said yes before.
void warn_approvers(Database& database, std::int64_t made_ms) {
    const std::string reason =
        "the journal was restored from a backup of " + to_iso8601(made_ms) +
        ": whether this run was approved and sent after that is not known. Look at the target "
        "before you approve it";
    Statement warn(database, "UPDATE runs SET reason = ? WHERE phase = 0");
    static_assert(static_cast<int>(Phase::waiting_approval) == 0);
    Query(warn).text(reason).run();
}

/// The log that lay beside the file went on from the journal that was lost, and is deleted. Should it be put there
/// again, its frames are older than the position that is kept from here on.
void forget_log(Database& database) {
    database.execute(
        "INSERT OR REPLACE INTO meta (name, value) VALUES ('log_position', (coalesce((SELECT "
        "CAST(substr(value, 1, instr(value, ' ')) AS INTEGER) FROM meta WHERE name = 'log_position'), 0) "
        "+ 1099511627776) || ' 0')");
}

Result<std::optional<Restored>> hold_all(Database& database, std::int64_t now_ms, const DeleteLog& delete_log) {
    Restored restored;
    restored.made_ms = database.integer_of("SELECT value FROM meta WHERE name = 'backup_ms'");
    if (restored.made_ms == 0) return std::optional<Restored>();
    const std::string verdict = database.text_of("PRAGMA quick_check(1)");
    if (verdict != "ok") {
        return Error{"journal_corrupt", "The restored journal " + database.file().string() +
                                            " is damaged (" + verdict +
                                            "). Put another backup in its place."};
    }
    // First: once this is no backup any more, a log is what comes after it. And the same backup may have been here
    // before, with a log that goes on from the same position.
    if (auto deleted = delete_log(); !deleted) return deleted.error();
    database.execute("BEGIN IMMEDIATE");
    close_attempts(database, now_ms);
    restored.held = hold_runs(database, restored.made_ms, now_ms);
    warn_approvers(database, restored.made_ms);
    forget_log(database);
    database.execute("DELETE FROM meta WHERE name = 'backup_ms'");
    database.execute("COMMIT");
    return std::optional<Restored>(restored);
}

}  // namespace

void mark_as_backup(Database& copy, std::int64_t now_ms) {
    Statement put(copy, "INSERT OR REPLACE INTO meta (name, value) VALUES ('backup_ms', ?)");
    Query(put).integer(now_ms).run();
}

Result<std::optional<Restored>> hold_if_restored(const std::filesystem::path& file,
                                                 const Clock& clock, const DeleteLog& delete_log) {
    try {
        const auto database = connect(file, Role::writer);
        return hold_all(*database, clock.wall_ms(), delete_log);
    } catch (const Failure& failure) {
        return failure.error();
    }
}

}  // namespace signalbox::journal::sqlite
