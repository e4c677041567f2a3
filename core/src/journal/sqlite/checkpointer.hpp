#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "journal/sqlite/database.hpp"
#include "journal/sqlite/tuning.hpp"
#include "signalbox/log.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// Copies the write-ahead log into the journal's file on a thread and a connection of its own, so
/// that no commit waits for it. Without a pause of the writer the log is never found wholly copied
/// under load and never begins anew: that is what the second bound is for.
class Checkpointer {
  public:
    /// `log` must outlive it. The connection is made when it is first needed.
    Checkpointer(std::filesystem::path file, Tuning tuning, LogSink& log);
    ~Checkpointer();  ///< stops
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// [writer thread, between transactions] The log has grown to `wal_bytes`. Wakes the thread past
    /// the first bound. Past the second, waits until a restart of the log has been tried: once the
    /// thread has copied what was there and little is left, and at the latest two steps further on.
    void after_commit(std::size_t wal_bytes);

    /// Ends the thread and its connection. Any thread; later calls do nothing.
    void stop();

  private:
    enum class Wanted { nothing, passive, restart };

    void work();
    void run(Database::CheckpointMode mode);
    void report(const Error* error);

    const std::filesystem::path file_;
    const Tuning tuning_;
    LogSink& log_;

    std::mutex mutex_;
    std::condition_variable wake_;     // the thread waits for work
    std::condition_variable resumed_;  // the writer waits for a restart
    Wanted wanted_ = Wanted::nothing;
    bool stopping_ = false;
    std::size_t wal_bytes_ = 0;
    std::size_t passive_at_bytes_;
    std::size_t restart_at_bytes_;
    bool caught_up_ = false;  // past `restart_at_bytes_` a passive one is over: little is left to copy

    // Of the thread alone.
    std::unique_ptr<Database> database_;
    bool failing_ = false;

    std::thread thread_;
};

}  // namespace signalbox::journal::sqlite
