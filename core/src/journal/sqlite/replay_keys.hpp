#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"

namespace signalbox::journal::sqlite {

/// The messages from outside that were taken, so that none is taken twice. The file has them in the order in
/// which they came; they are looked up in memory, which has some 30 bytes of each and is read from the file at
/// the first message (decision 19). There a message is told from others by the first 64 bits of its digest,
/// which is a hash: a new one is taken for one of a million others once in 10^13. Inside the writer's
/// transaction; functions throw Failure. [writer thread]
class ReplayKeys {
  public:
    explicit ReplayKeys(Database& database);

    /// The transaction was committed: what was done stands.
    void accept() { undo_.clear(); }
    /// It was rolled back.
    void forget();

    /// Errors: `replay_refused` (it is kept already and has not expired at `now_ms`), `replay_keys_full`;
    /// then it was not kept. Some of what has expired, of any source, is deleted on the way.
    Result<Done> keep(const ReplayKey& key, std::int64_t now_ms);
    /// Takes back the keep() before, of the same transaction.
    void take_back();

  private:
    using Kept = boost::unordered_flat_map<std::uint64_t, std::int64_t>;  // when it expires
    struct Before {
        std::string source;
        std::uint64_t message = 0;
        std::optional<std::int64_t> expires_ms;  ///< none: it was not kept
    };
    void load();
    /// True: there may be more.
    bool purge(std::int64_t now_ms);
    void set(const std::string& source, std::uint64_t message, std::optional<std::int64_t> expires_ms);
    void undo_one();

    Database& database_;
    Statement all_;
    Statement expired_;
    Statement next_;
    Statement delete_;
    Statement insert_;
    bool loaded_ = false;
    std::map<std::string, Kept> kept_;  // by source
    std::vector<Before> undo_;
    std::optional<std::int64_t> next_expiry_ms_;  ///< none of the file's rows expires before; none: not known
    std::int64_t last_row_ = 0;
};

}  // namespace signalbox::journal::sqlite
