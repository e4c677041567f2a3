#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/transaction.hpp"

namespace signalbox::journal::sqlite {

/// The run that holds an idempotency key: its number and the digest of what it was invoked with.
struct KeyHolder {
    Sequence sequence = 0;
    std::string digest;
};

/// What a writer has to read of the file before it writes. Throws Failure.
class Lookups {
  public:
    explicit Lookups(Database& database);

    /// Without its bodies.
    std::optional<Run> find(const RunName& name);
    /// Bodies included; its number was just found.
    Run load_whole(Sequence sequence);
    std::optional<KeyHolder> holder_of_key(const RunSeed& seed);
    /// The number of its last log line; 0: it has none.
    std::int64_t log_lines(Sequence sequence);

  private:
    Database& database_;
    Statement key_holder_;
    Statement by_sequence_;
    Statement by_id_;
    Statement bodies_;
    Statement last_log_;
};

}  // namespace signalbox::journal::sqlite
