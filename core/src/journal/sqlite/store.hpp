#pragma once

#include <optional>
#include <string>
#include <variant>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/recent_runs.hpp"
#include "journal/sqlite/rejection_rows.hpp"
#include "journal/sqlite/replay_keys.hpp"

namespace signalbox::journal::sqlite {

/// How a run is named by whoever wants to change it.
using RunName = std::variant<Sequence, std::string>;

/// What the writer does to the file, inside a transaction that it keeps. [writer thread]. Functions
/// throw Failure when SQLite fails, after which the transaction is to be rolled back.
class Store {
  public:
    /// Prepares its statements on `database`, which must outlive it.
    explicit Store(Database& database);

    void begin();
    void commit();
    /// To be called when the transaction was rolled back.
    void forget();
    /// Something was written since begin().
    bool wrote() const { return wrote_; }

    /// Errors: `idempotency_conflict`, `run_exists`, `replay_refused`, `replay_keys_full`; then no run was
    /// written.
    Result<Inserted> insert(const RunSeed& seed, RunState state);

    /// The run after the change, without its bodies. Errors: `run_not_found`, `run_log_full`; then
    /// nothing was written.
    Result<Run> change(const RunName& name, const Decide& decide);

    void keep(const std::vector<Rejection>& rejections);
    /// Nothing where the run's reports are at their end already.
    void told_upstream(const UpstreamRun& run);
    void forget_upstream(Sequence sequence);

  private:
    /// The run that holds the seed's idempotency key: its number and digest.
    struct Holder {
        Sequence sequence = 0;
        std::string digest;
    };
    std::optional<Holder> holder_of_key(const RunSeed& seed);
    std::optional<Run> find(const RunName& name);
    Run load_whole(Sequence sequence);
    std::int64_t log_lines(Sequence sequence);
    void write(const Run& run, const Change& change, std::int64_t log_number);

    Database& database_;
    bool wrote_ = false;
    RecentRuns recent_;
    ReplayKeys replay_keys_;
    Statement begin_;
    Statement commit_;
    Statement insert_run_;
    Statement insert_bodies_;
    Statement key_holder_;
    Statement by_sequence_;
    Statement by_id_;
    Statement bodies_;
    Statement update_;
    Statement end_first_;
    Statement put_attempt_;
    Statement last_log_;
    Statement put_log_;
    Statement put_upstream_;
    Statement told_upstream_;
    Statement forget_upstream_;
    RejectionWriting rejections_;
};

}  // namespace signalbox::journal::sqlite
