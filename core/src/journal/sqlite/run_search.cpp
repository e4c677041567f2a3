#include "journal/sqlite/run_search.hpp"

#include <limits>

#include "json/writer.hpp"

namespace signalbox::journal::sqlite {
namespace {

std::string select_by(const char* index, const char* key) {
    return std::string("SELECT sequence FROM runs INDEXED BY ") + index + " WHERE " + key +
           " AND sequence < ?1 AND (?2 = '' OR phase IN (SELECT value FROM json_each(?2))) "
           "AND (?3 = '' OR result = ?3) AND (?4 = '' OR connection = ?4) "
           "AND (?5 = 0 OR created_ms >= ?5) AND (?6 = 0 OR created_ms < ?6) "
           "AND (?7 = '' OR action = ?7) "
           "AND (?8 = '' OR action IN (SELECT value FROM json_each(?8))) "
           "AND (?9 = '' OR origin = ?9) AND (?10 = '' OR external_run_id = ?10) "
           "AND (?11 = '' OR entity_id = ?11) AND (?12 = '' OR user = ?12) "
           "ORDER BY sequence DESC LIMIT ?13";
}

std::string json_list(const std::vector<Phase>& phases) {
    if (phases.empty()) return {};
    json::Array list;
    for (const Phase phase : phases)
        list.push_back(static_cast<std::int64_t>(phase));
    return json::write(json::Value(std::move(list)));
}

}  // namespace

std::string json_list(const std::optional<std::vector<std::string>>& names) {
    if (!names) return {};
    json::Array list;
    for (const std::string& name : *names)
        list.push_back(json::String(name));
    return json::write(json::Value(std::move(list)));
}

RunSearch::RunSearch(Database& database)
    : by_external_run_id_(database,
                          select_by("runs_by_external_run_id", "external_run_id = ?10")),
      by_entity_(database, select_by("runs_by_entity", "entity_id = ?11")),
      by_user_(database, select_by("runs_by_user", "user = ?12")) {}

bool RunSearch::serves(const RunFilter& filter) {
    return !filter.external_run_id.empty() || !filter.entity_id.empty() || !filter.user.empty();
}

std::vector<Sequence> RunSearch::find(const RunFilter& filter, std::size_t count) {
    Statement& statement = !filter.external_run_id.empty() ? by_external_run_id_
                           : !filter.entity_id.empty()     ? by_entity_
                                                           : by_user_;
    const std::string phases = json_list(filter.phases);
    const std::string actions = json_list(filter.actions);
    Query query(statement);
    query.integer(filter.before > 0 ? filter.before : std::numeric_limits<Sequence>::max())
        .text(phases)
        .text(filter.result)
        .text(filter.connection)
        .integer(filter.created_from_ms)
        .integer(filter.created_before_ms)
        .text(filter.action)
        .text(actions)
        .text(filter.origin)
        .text(filter.external_run_id)
        .text(filter.entity_id)
        .text(filter.user)
        .integer(static_cast<std::int64_t>(count));
    std::vector<Sequence> found;
    while (query.step())
        found.push_back(query.read_integer());
    return found;
}

}  // namespace signalbox::journal::sqlite
