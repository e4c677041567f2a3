#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "base/executor.hpp"
#include "base/meter.hpp"
#include "journal/ahead/draft.hpp"
#include "journal/ahead/position.hpp"
#include "journal/ahead/segments.hpp"
#include "journal/ahead/unfiled.hpp"
#include "journal/sqlite/trouble.hpp"
#include "journal/sqlite/tuning.hpp"
#include "journal/sqlite/write_queue.hpp"
#include "journal/sqlite/writer.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/metrics.hpp"

namespace signalbox::journal::ahead {

/// Where the log is before the file: a thread that makes each commit in the log, one write and one sync, and
/// has the file's writer take over what it came to later, each run once, when it is most often over. An
/// operation is told its outcome when the log has it.
class Front {
  public:
    /// Goes on after `start`, up to which the file has everything. What is passed must outlive it. Throws
    /// sqlite::Failure.
    Front(const std::filesystem::path& file, Position start, std::uint32_t salt, sqlite::Writer& writer,
          Executor& executor, LogSink& log, const sqlite::Tuning& tuning, const Clock& clock,
          MetricsSink& metrics);
    ~Front();  ///< closes
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    /// WriteQueue says what becomes of it. Any thread.
    void submit(std::unique_ptr<sqlite::Operation> operation) { queue_->submit(std::move(operation)); }
    /// As submit(), for what deletes from the file: it is done between two commits, once the file has all before.
    void submit(std::unique_ptr<sqlite::Chore> chore) { queue_->submit(std::move(chore)); }
    /// Unfiled says when; for who reads the file. Any thread.
    void when_filed(Unfiled::Then then) { unfiled_->when_filed(std::move(then)); }
    /// Waits until the file has what was committed before. Any thread but the writer's.
    Result<Done> file_all() { return unfiled_->await_all(); }
    /// For what may outlive this.
    const std::shared_ptr<Unfiled>& unfiled() const { return unfiled_; }
    /// None while commits and taking over work; else why the last one failed. Any thread.
    std::optional<Error> trouble() const;

    /// Commits what waits, ends the thread and waits until the file has everything, or cannot have it: then the
    /// log does, and the next opening takes it over. Before the writer is closed. Later calls do nothing.
    void close();

  private:
    void work();
    void commit(sqlite::WriteQueue::Batch& batch);
    /// Commits the operations from `applied` on, as many as one frame takes, and moves `applied` behind them. An
    /// error is that of all of these.
    std::optional<Error> commit_frame(sqlite::WriteQueue::Batch& batch, std::size_t& applied);
    void do_chore();

    Executor& executor_;
    const Clock& clock_;
    MetricsSink& metrics_;
    sqlite::Trouble trouble_;
    /// The writer's queue may hold who takes over a little longer than this lives.
    const std::shared_ptr<Unfiled> unfiled_;
    const std::shared_ptr<sqlite::WriteQueue> queue_;
    sqlite::Writer& writer_;

    // Of the thread alone, once it runs.
    const std::size_t frame_bytes_full_;  // the rest of a batch goes into another frame
    const std::size_t frame_bytes_max_;
    std::size_t batches_since_chore_ = 0;
    Draft draft_;
    Segments segments_;

    std::thread thread_;
};

}  // namespace signalbox::journal::ahead
