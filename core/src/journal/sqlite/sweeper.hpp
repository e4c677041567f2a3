#pragma once

#include "journal/journal.hpp"
#include "journal/sqlite/chore.hpp"
#include "journal/sqlite/database.hpp"

namespace signalbox::journal::sqlite {

/// Deletes runs for retention: journal.hpp, SweepStep. [writer thread], inside a transaction of the
/// caller's. Throws Failure.
class Sweeper {
  public:
    explicit Sweeper(Database& database);

    Swept sweep(const SweepStep& step);

  private:
    struct Row {
        Sequence sequence = 0;
        Phase phase = Phase::queued;
        std::int64_t created_ms = 0;
        std::int64_t ended_ms = 0;
        bool keyed = false;
    };
    std::vector<Row> rows_of(const SweepStep& step);
    /// False: it has more log lines than one step deletes, and stands yet.
    bool remove(Sequence sequence);

    Database& database_;
    Statement rows_;
    Statement newest_;
    Statement delete_lines_;
    Statement delete_attempts_;
    Statement delete_upstream_;
    Statement delete_bodies_;
    Statement delete_run_;
};

/// One step of retention as the writer's chore, in a transaction of its own.
class Sweeping final : public Chore {
  public:
    using Done = std::function<void(Result<Swept>)>;
    Sweeping(SweepStep step, Done done) : step_(std::move(step)), done_(std::move(done)) {}

    bool step(Database& database, Store& store) override;
    void fail(const Error& error) override { outcome_.emplace(error); }
    void tell() override;

  private:
    SweepStep step_;
    Done done_;
    std::optional<Result<Swept>> outcome_;
};

}  // namespace signalbox::journal::sqlite
