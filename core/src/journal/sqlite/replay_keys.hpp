#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"

namespace signalbox::journal::sqlite {

/// The messages from outside that were taken, so that none is taken twice. Inside the writer's transaction;
/// functions throw Failure. [writer thread]
class ReplayKeys {
  public:
    explicit ReplayKeys(Database& database);

    /// Errors: `replay_refused` (it is kept already and has not expired at `now_ms`), `replay_keys_full`;
    /// then it was not kept. Some of what has expired, of any source, is deleted on the way.
    Result<Done> keep(const ReplayKey& key, std::int64_t now_ms);
    /// Forgets one that is kept.
    void drop(const ReplayKey& key);
    /// The transaction was rolled back.
    void forget() { counts_.clear(); }

  private:
    std::size_t& count_of(const std::string& source);
    /// 0: it is not kept.
    std::int64_t expiry_of(const ReplayKey& key);
    /// True: there may be more.
    bool purge(std::int64_t now_ms);

    Statement count_;
    Statement expired_;
    Statement held_;
    Statement delete_;
    Statement insert_;
    std::map<std::string, std::size_t> counts_;  // read once: counting a million rows takes a while
};

}  // namespace signalbox::journal::sqlite
