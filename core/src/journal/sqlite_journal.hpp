#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "journal/ahead/front.hpp"
#include "journal/ahead/position.hpp"
#include "journal/journal.hpp"
#include "journal/sqlite/checkpointer.hpp"
#include "journal/sqlite/directory_lock.hpp"
#include "journal/open.hpp"
#include "journal/sqlite/readers.hpp"
#include "journal/sqlite/tuning.hpp"
#include "journal/sqlite/writer.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/random.hpp"

namespace signalbox::journal {

/// The journal over one SQLite file: it hands each call to the writer or to the readers. Where a log is before
/// the file, what is written goes to the log's front, and what is read waits until the file has what was
/// committed before.
class SqliteJournal final : public Journal {
  public:
    /// As open_sqlite(), with bounds of the caller's choice.
    static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& directory,
                                                 Executor& executor, const Clock& clock,
                                                 Random& random, LogSink& log,
                                                 const sqlite::Tuning& tuning,
                                                 MetricsSink& metrics = silent_metrics(),
                                                 CommitInto commits = CommitInto::file);
    ~SqliteJournal() override;

    void insert(SharedSeed seed, RunState state, InsertDone done) override;
    void change(Sequence sequence, Decide decide, ChangeDone done) override;
    void change(std::string run_id, Decide decide, ChangeDone done) override;
    void find(std::string run_id, std::function<void(Result<RunWithAttempts>)> done) override;
    void load(std::vector<Sequence> sequences,
              std::function<void(Result<std::vector<Run>>)> done) override;
    void list(RunFilter filter, std::function<void(Result<RunPage>)> done) override;
    void last_logs(std::string run_id,
                   std::function<void(Result<std::vector<LogLine>>)> done) override;
    void logs(std::string run_id, std::int64_t after_number, std::size_t limit,
              std::function<void(Result<std::vector<LogLine>>)> done) override;
    Result<Done> recover(const std::function<void(const LiveRun&)>& each) override;
    void told_upstream(UpstreamRun run, std::function<void(Result<Done>)> done) override;
    void forget_upstream(Sequence sequence, std::function<void(Result<Done>)> done) override;
    void upstream(Sequence after,
                  std::function<void(Result<std::vector<UpstreamRun>>)> done) override;
    void actions(std::string after,
                 std::function<void(Result<std::vector<std::string>>)> done) override;
    void older_than_newest(std::string action, std::size_t newer,
                           std::function<void(Result<Sequence>)> done) override;
    void sweep(SweepStep step, std::function<void(Result<Swept>)> done) override;
    void backup(std::string name, std::function<void(Result<Backup>)> done) override;
    void keep_rejections(std::vector<Rejection> rejections,
                         std::function<void(Result<Done>)> done) override;
    void rejections(std::int64_t before, std::size_t limit,
                    std::function<void(Result<RejectionPage>)> done) override;
    std::string token_key() const override { return token_key_; }
    std::optional<Error> trouble() const override;
    void close() override;

  private:
    SqliteJournal(sqlite::DirectoryLock lock, std::filesystem::path file, std::string token_key,
                  Executor& executor, const Clock& clock, LogSink& log, const sqlite::Tuning& tuning,
                  MetricsSink& metrics);
    /// From now on commits go into a log, which begins after `start`. Throws Failure.
    void put_log_before(ahead::Position start, std::uint32_t salt, LogSink& log, const sqlite::Tuning& tuning,
                        MetricsSink& metrics);

    void write(std::unique_ptr<sqlite::Operation> operation);
    void read(std::unique_ptr<sqlite::Reading> reading);

    // The lock is given up last, once nothing has the file open any more.
    std::optional<sqlite::DirectoryLock> lock_;
    const std::filesystem::path file_;
    const std::string token_key_;
    const Clock& clock_;
    Executor& executor_;
    // Set while a copy is made or checked; shared with what may outlive a call.
    std::shared_ptr<std::atomic<bool>> backing_up_ = std::make_shared<std::atomic<bool>>(false);
    sqlite::Checkpointer checkpointer_;
    sqlite::Writer writer_;
    sqlite::Readers readers_;
    std::unique_ptr<ahead::Front> front_;  // none: every commit goes into the file at once
    std::mutex closing_mutex_;
    bool closed_ = false;
};

}  // namespace signalbox::journal
