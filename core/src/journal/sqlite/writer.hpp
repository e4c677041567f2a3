#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "base/executor.hpp"
#include "base/meter.hpp"
#include "journal/sqlite/checkpointer.hpp"
#include "journal/sqlite/store.hpp"
#include "journal/sqlite/trouble.hpp"
#include "journal/sqlite/write_queue.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/metrics.hpp"

namespace signalbox::journal::sqlite {

/// The one thread that writes. It takes what is on offer, commits it as one transaction and posts the
/// outcomes as one task. While it commits the next batch gathers.
class Writer {
  public:
    /// Opens its connection. What is passed must outlive it. Throws Failure.
    Writer(std::filesystem::path file, Executor& executor, Checkpointer& checkpointer,
           LogSink& log, const Clock& clock = system_clock(),
           MetricsSink& metrics = silent_metrics());
    ~Writer();  ///< closes
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// WriteQueue says what becomes of it. Any thread.
    void submit(std::unique_ptr<Operation> operation) { queue_->submit(std::move(operation)); }
    /// As submit(), for work that nobody waits for: its steps are done while no operation waits, and
    /// one after every limits::journal_batches_per_chore_step batches where there is always one.
    void submit(std::unique_ptr<Chore> chore) { queue_->submit(std::move(chore)); }

    /// None while commits work; else why the last one failed. Any thread.
    std::optional<Error> trouble() const { return trouble_.get(); }

    /// Commits what waits and ends the thread; the connection stays open for finish(). Any thread;
    /// later calls do nothing.
    void close();

    /// Copies the log into the file and gives up the connection. After close(), with no other
    /// connection left.
    void finish();

  private:
    void work();
    void commit(WriteQueue::Batch& batch);
    bool try_commit(WriteQueue::Batch& batch);
    void do_chore();
    void fail_chores(const Error& error);
    void abandon(WriteQueue::Batch& batch, const Error& error, bool damaged);
    void recover_connection(const Error& error, bool damaged);
    void overwrite_commit();
    void open();

    const std::filesystem::path file_;
    Executor& executor_;
    Checkpointer& checkpointer_;
    LogSink& log_;
    const Clock& clock_;
    MetricsSink& metrics_;

    /// The executor may hold it a little longer than the writer lives.
    const std::shared_ptr<WriteQueue> queue_;
    Trouble trouble_;

    // Of the writer's thread alone, once it runs.
    std::size_t batches_since_chore_ = 0;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Store> store_;

    std::thread thread_;
};

}  // namespace signalbox::journal::sqlite
