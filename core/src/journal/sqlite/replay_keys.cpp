#include "journal/sqlite/replay_keys.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/limits.hpp"

namespace signalbox::journal::sqlite {
namespace {

Error known(const ReplayKey& key) {
    return Error{"replay_refused", "The source '" + key.source +
                                       "' has sent this message before, and it was taken then; a "
                                       "message is taken once."};
}

Error full(const ReplayKey& key) {
    return Error{"replay_keys_full",
                 "The source '" + key.source + "' has sent " + std::to_string(key.keys_max) +
                     " messages that must still be told from replays, which is the most; nothing "
                     "more of it is taken until the oldest have expired."};
}

std::uint64_t message_of(std::string_view digest) {
    std::uint64_t message = 0;
    std::memcpy(&message, digest.data(), std::min(digest.size(), sizeof message));
    return message;
}

}  // namespace

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
    while (!undo_.empty())
        undo_one();
    next_expiry_ms_.reset();  // rows that were deleted are there again
}

Result<Done> ReplayKeys::keep(const ReplayKey& key, std::int64_t now_ms) {
    load();
    if (next_expiry_ms_.value_or(now_ms) <= now_ms) purge(now_ms);
    const std::uint64_t message = message_of(key.digest);
    Kept& kept = kept_[key.source];
    if (const auto found = kept.find(message); found != kept.end() && found->second > now_ms)
        return known(key);
    // One that has expired is replaced; its row goes with the others that have.
    while (kept.size() - kept.count(message) >= key.keys_max) {
        if (!purge(now_ms)) return full(key);
    }
    Query(insert_).text(key.source).blob(key.digest).integer(key.expires_ms).run();
    last_row_ = database_.last_insert_rowid();
    next_expiry_ms_ = std::min(next_expiry_ms_.value_or(key.expires_ms), key.expires_ms);
    set(key.source, message, key.expires_ms);
    return Done{};
}

void ReplayKeys::take_back() {
    Query(delete_).integer(last_row_).run();
    undo_one();
}

void ReplayKeys::load() {
    if (loaded_) return;
    kept_.clear();  // of a reading that failed
    Query query(all_);
    while (query.step()) {
        const std::string source = query.read_bytes();
        const std::uint64_t message = message_of(query.read_bytes());
        std::int64_t& expires_ms = kept_[source][message];
        expires_ms = std::max(expires_ms, query.read_integer());
    }
    loaded_ = true;
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
            row.message = message_of(query.read_bytes());
            row.expires_ms = query.read_integer();
        }
    }
    for (const Row& row : expired) {
        Query(delete_).integer(row.number).run();
        // The same message may have come again since, and then it is kept for longer.
        const Kept& kept = kept_[row.source];
        const auto found = kept.find(row.message);
        if (found != kept.end() && found->second == row.expires_ms)
            set(row.source, row.message, std::nullopt);
    }
    next_expiry_ms_.reset();
    if (Query next(next_); next.step() && !next.next_is_null()) next_expiry_ms_ = next.read_integer();
    return !expired.empty();
}

void ReplayKeys::set(const std::string& source, std::uint64_t message,
                     std::optional<std::int64_t> expires_ms) {
    Kept& kept = kept_[source];
    Before& before = undo_.emplace_back(Before{source, message, std::nullopt});
    if (const auto found = kept.find(message); found != kept.end()) before.expires_ms = found->second;
    if (expires_ms) {
        kept[message] = *expires_ms;
    } else {
        kept.erase(message);
    }
}

void ReplayKeys::undo_one() {
    const Before before = std::move(undo_.back());
    undo_.pop_back();
    if (before.expires_ms) {
        kept_[before.source][before.message] = *before.expires_ms;
    } else {
        kept_[before.source].erase(before.message);
    }
}

}  // namespace signalbox::journal::sqlite
