#include "journal/sqlite/replay_keys.hpp"

#include <vector>

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

}  // namespace

ReplayKeys::ReplayKeys(Database& database)
    : count_(database, "SELECT count(*) FROM replay_keys WHERE source = ?"),
      expired_(database,
               "SELECT source, digest FROM replay_keys INDEXED BY replay_keys_by_expiry "
               "WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?"),
      held_(database, "SELECT expires_ms FROM replay_keys WHERE source = ? AND digest = ?"),
      delete_(database, "DELETE FROM replay_keys WHERE source = ? AND digest = ?"),
      insert_(database, "INSERT INTO replay_keys (source, digest, expires_ms) VALUES (?, ?, ?)") {}

Result<Done> ReplayKeys::keep(const ReplayKey& key, std::int64_t now_ms) {
    purge(now_ms);
    const std::int64_t expires_ms = expiry_of(key);
    if (expires_ms > now_ms) return known(key);
    if (expires_ms != 0) drop(key);
    while (count_of(key.source) >= key.keys_max) {
        if (!purge(now_ms)) return full(key);
    }
    Query(insert_).text(key.source).blob(key.digest).integer(key.expires_ms).run();
    ++count_of(key.source);
    return Done{};
}

void ReplayKeys::drop(const ReplayKey& key) {
    --count_of(key.source);  // before the deletion, in case it has to be read
    Query(delete_).text(key.source).blob(key.digest).run();
}

std::int64_t ReplayKeys::expiry_of(const ReplayKey& key) {
    Query query(held_);
    query.text(key.source).blob(key.digest);
    return query.step() ? query.read_integer() : 0;
}

std::size_t& ReplayKeys::count_of(const std::string& source) {
    const auto found = counts_.find(source);
    if (found != counts_.end()) return found->second;
    Query query(count_);
    query.text(source);
    const std::int64_t rows = query.step() ? query.read_integer() : 0;
    return counts_.emplace(source, static_cast<std::size_t>(rows)).first->second;
}

bool ReplayKeys::purge(std::int64_t now_ms) {
    std::vector<ReplayKey> expired;
    {
        Query query(expired_);
        query.integer(now_ms).integer(static_cast<std::int64_t>(limits::replay_purge_max));
        while (query.step()) {
            ReplayKey& key = expired.emplace_back();
            key.source = query.read_bytes();
            key.digest = query.read_bytes();
        }
    }
    for (const ReplayKey& key : expired)
        drop(key);
    return !expired.empty();
}

}  // namespace signalbox::journal::sqlite
