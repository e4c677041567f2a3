#include "journal/sqlite/lookups.hpp"

#include <sqlite3.h>

#include <utility>

#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::sqlite {

Lookups::Lookups(Database& database)
    : database_(database),
      key_holder_(database,
                  "SELECT sequence, idempotency_digest FROM runs "
                  "WHERE client = ? AND action = ? AND idempotency_key = ?"),
      by_sequence_(database, "SELECT sequence, " + Columns::run + " FROM runs WHERE sequence = ?"),
      by_id_(database, "SELECT sequence, " + Columns::run + " FROM runs WHERE id = ?"),
      bodies_(database,
              "SELECT " + Columns::members + ", payload FROM bodies WHERE sequence = ?"),
      last_log_(database, "SELECT max(number) FROM logs WHERE sequence = ?") {}

std::optional<Run> Lookups::find(const RunName& name) {
    const auto* id = std::get_if<std::string>(&name);
    Query query(id != nullptr ? by_id_ : by_sequence_);
    if (id != nullptr) {
        query.text(*id);
    } else {
        query.integer(std::get<Sequence>(name));
    }
    return query.step() ? std::optional<Run>(read_run(query)) : std::nullopt;
}

Run Lookups::load_whole(Sequence sequence) {
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

std::optional<KeyHolder> Lookups::holder_of_key(const RunSeed& seed) {
    if (seed.idempotency_key.empty()) return std::nullopt;
    Query query(key_holder_);
    query.text(seed.client).text(seed.action).text(seed.idempotency_key);
    if (!query.step()) return std::nullopt;
    KeyHolder holder;
    holder.sequence = query.read_integer();
    holder.digest = query.read_bytes();
    return holder;
}

std::int64_t Lookups::log_lines(Sequence sequence) {
    Query query(last_log_);
    query.integer(sequence);
    return query.step() ? query.read_integer() : 0;
}

}  // namespace signalbox::journal::sqlite
