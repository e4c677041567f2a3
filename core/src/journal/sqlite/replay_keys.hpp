#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/known_messages.hpp"

namespace signalbox::journal::sqlite {

/// The messages from outside that were taken, so that none is taken twice. The file has them in the order in
/// which they came; they are looked up in memory, which is read from the file at the first message (decision
/// 19). Inside the writer's transaction; functions throw Failure. [writer thread]
class ReplayKeys {
  public:
    explicit ReplayKeys(Database& database);

    /// The transaction was committed: what was done stands.
    void accept() { known_.accept(); }
    /// It was rolled back.
    void forget();

    /// Errors: `replay_refused` (it is kept already and has not expired at `now_ms`), `replay_keys_full`;
    /// then it was not kept. Some of what has expired, of any source, is deleted on the way.
    Result<Done> keep(const ReplayKey& key, std::int64_t now_ms);
    /// Takes back the keep() before, of the same transaction.
    void take_back();

    // For whoever looks them up elsewhere: the rows alone.

    /// Adds a row for it.
    void put(const ReplayKey& key);
    /// Deletes some of what has expired.
    void purge_rows(std::int64_t now_ms);
    /// Every row of the file, in the order in which they came.
    using Each = std::function<void(const std::string& source, std::uint64_t message, std::int64_t expires_ms)>;
    void read_all(const Each& each);

  private:
    void load();
    /// True: there may be more.
    bool purge(std::int64_t now_ms);

    Database& database_;
    Statement all_;
    Statement expired_;
    Statement next_;
    Statement delete_;
    Statement insert_;
    bool loaded_ = false;
    KnownMessages known_;
    std::optional<std::int64_t> next_expiry_ms_;  ///< none of the file's rows expires before; none: not known
    std::int64_t last_row_ = 0;
};

}  // namespace signalbox::journal::sqlite
