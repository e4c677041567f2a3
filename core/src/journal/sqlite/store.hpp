#pragma once

#include <optional>
#include <string>
#include <vector>

#include "journal/changes.hpp"
#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/lookups.hpp"
#include "journal/sqlite/recent_runs.hpp"
#include "journal/sqlite/rejection_rows.hpp"
#include "journal/sqlite/replay_keys.hpp"
#include "journal/sqlite/transaction.hpp"

namespace signalbox::journal::sqlite {

/// What the writer does to the file, inside a transaction that it keeps. [writer thread]. Functions
/// throw Failure when SQLite fails, after which the transaction is to be rolled back.
class Store final : public Transaction {
  public:
    /// Prepares its statements on `database`, which must outlive it.
    explicit Store(Database& database);

    void begin();
    void commit();
    /// To be called when the transaction was rolled back.
    void forget();
    /// Something was written since begin().
    bool wrote() const { return wrote_; }

    Result<Inserted> insert(const SharedSeed& seed, RunState state) override;
    Result<Run> change(const RunName& name, const Decide& decide) override;
    void keep(const std::vector<Rejection>& rejections) override;
    void told_upstream(const UpstreamRun& run) override;
    void forget_upstream(Sequence sequence) override;

    /// Writes what commits that are on disk elsewhere came to, and that all up to `position` is here now.
    void take_over(const Changes& changes, const std::string& position);

  private:
    std::optional<Run> find(const RunName& name);
    void insert_new(const ChangedRun& run);
    /// False: there is no such run.
    bool update(const ChangedRun& run);
    void put_bodies(Sequence sequence, const RunSeed& seed);
    void put_attempt(Sequence sequence, const Attempt& attempt);
    void put_line(Sequence sequence, const LogLine& line);
    void write(const Run& run, Change& change, std::int64_t log_number);

    Database& database_;
    bool wrote_ = false;
    Lookups lookups_;
    RecentRuns recent_;
    ReplayKeys replay_keys_;
    Statement begin_;
    Statement commit_;
    Statement insert_run_;
    Statement insert_numbered_;
    Statement insert_ended_;
    Statement insert_bodies_;
    Statement update_;
    Statement end_first_;
    Statement put_attempt_;
    Statement put_log_;
    Statement put_upstream_;
    Statement told_upstream_;
    Statement forget_upstream_;
    Statement put_position_;
    RejectionWriting rejections_;
};

}  // namespace signalbox::journal::sqlite
