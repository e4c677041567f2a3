#pragma once

#include <cstddef>
#include <vector>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"

namespace signalbox::journal::sqlite {

/// Finds the few runs that carry an external run id, an identity or an entity, each by an index of its
/// own. One thread at a time; throws Failure when SQLite fails.
class RunSearch {
  public:
    explicit RunSearch(Database& database);

    /// Whether the filter names what is searched for here.
    static bool serves(const RunFilter& filter);
    /// The newest `count` numbers that fit all of the filter.
    std::vector<Sequence> find(const RunFilter& filter, std::size_t count);

  private:
    Statement by_external_run_id_;
    Statement by_entity_;
    Statement by_user_;
};

/// A list as a JSON array, for json_each(); empty for none.
std::string json_list(const std::optional<std::vector<std::string>>& names);

}  // namespace signalbox::journal::sqlite
