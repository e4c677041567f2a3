#include "journal/sqlite/replay_keys.hpp"

#include <algorithm>
#include <vector>

#include "base/limits.hpp"

namespace signalbox::journal::sqlite {

ReplayKeys::ReplayKeys(Database& database)
    : database_(database),
      all_(database, "SELECT source, digest, expires_ms FROM replay_keys"),
      expired_(database,
               "SELECT rowid, source, digest, expires_ms FROM replay_keys "
               "INDEXED BY replay_keys_by_expiry WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?"),
      next_(database, "SELECT min(expires_ms) FROM replay_keys"),
      delete_(database, "DELETE FROM replay_keys WHERE rowid = ?"),
      insert_(database, "INSERT INTO replay_keys (source, digest, expires_ms) VALUES (?, ?, ?)") {}

void ReplayKeys::forget() {
    known_.undo();
    next_expiry_ms_.reset();  // rows that were deleted are there again
}

Result<Done> ReplayKeys::keep(const ReplayKey& key, std::int64_t now_ms) {
    load();
    purge_rows(now_ms);
    if (auto refusal = known_.refusal_of(key, now_ms)) return *std::move(refusal);
    // One that has expired is replaced; its row goes with the others that have.
    while (known_.is_full(key)) {
        if (!purge(now_ms)) return keys_full_error(key);
    }
    put(key);
    known_.keep(key);
    return Done{};
}

void ReplayKeys::put(const ReplayKey& key) {
    Query(insert_).text(key.source).blob(key.digest).integer(key.expires_ms).run();
    last_row_ = database_.last_insert_rowid();
    next_expiry_ms_ = std::min(next_expiry_ms_.value_or(key.expires_ms), key.expires_ms);
}

void ReplayKeys::take_back() {
    Query(delete_).integer(last_row_).run();
    known_.undo_one();
}

void ReplayKeys::load() {
    if (loaded_) return;
    known_.clear();  // of a reading that failed
    read_all([this](const std::string& source, std::uint64_t message, std::int64_t expires_ms) {
        known_.load(source, message, expires_ms);
    });
    loaded_ = true;
}

void ReplayKeys::read_all(const Each& each) {
    Query query(all_);
    while (query.step()) {
        const std::string source = query.read_bytes();
        const std::uint64_t message = KnownMessages::message_of(query.read_bytes());
        each(source, message, query.read_integer());
    }
}

void ReplayKeys::purge_rows(std::int64_t now_ms) {
    if (next_expiry_ms_.value_or(now_ms) <= now_ms) purge(now_ms);
}

bool ReplayKeys::purge(std::int64_t now_ms) {
    struct Row {
        std::int64_t number = 0;
        std::string source;
        std::uint64_t message = 0;
        std::int64_t expires_ms = 0;
    };
    std::vector<Row> expired;
    {
        Query query(expired_);
        query.integer(now_ms).integer(static_cast<std::int64_t>(limits::replay_purge_max));
        while (query.step()) {
            Row& row = expired.emplace_back();
            row.number = query.read_integer();
            row.source = query.read_bytes();
            row.message = KnownMessages::message_of(query.read_bytes());
            row.expires_ms = query.read_integer();
        }
    }
    for (const Row& row : expired) {
        Query(delete_).integer(row.number).run();
        known_.expire(row.source, row.message, row.expires_ms);
    }
    next_expiry_ms_.reset();
    if (Query next(next_); next.step() && !next.next_is_null()) next_expiry_ms_ = next.read_integer();
    return !expired.empty();
}

}  // namespace signalbox::journal::sqlite
