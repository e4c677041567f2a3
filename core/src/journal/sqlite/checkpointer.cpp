#include "journal/sqlite/checkpointer.hpp"

#include <utility>

#include "base/thread.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/schema.hpp"

namespace signalbox::journal::sqlite {

Checkpointer::Checkpointer(std::filesystem::path file, Tuning tuning, LogSink& log)
    : file_(std::move(file)),
      tuning_(tuning),
      log_(log),
      passive_at_bytes_(tuning.wal_checkpoint_bytes),
      restart_at_bytes_(tuning.wal_pause_bytes),
      thread_(start_thread("journal-ckpt", [this] { work(); })) {}

Checkpointer::~Checkpointer() {
    stop();
}

void Checkpointer::after_commit(std::size_t wal_bytes) {
    std::unique_lock lock(mutex_);
    if (wal_bytes < wal_bytes_) {  // it began anew
        passive_at_bytes_ = tuning_.wal_checkpoint_bytes;
        restart_at_bytes_ = tuning_.wal_pause_bytes;
        caught_up_ = false;
    }
    wal_bytes_ = wal_bytes;
    const bool late = wal_bytes >= restart_at_bytes_ + 2 * tuning_.wal_checkpoint_bytes;
    if (std::exchange(caught_up_, false) || late) {
        // Should a reader or the disk stand in the way, the next pause comes one step later, not
        // with every commit.
        restart_at_bytes_ = wal_bytes + tuning_.wal_checkpoint_bytes;
        passive_at_bytes_ = wal_bytes + tuning_.wal_checkpoint_bytes;
        wanted_ = Wanted::restart;
        wake_.notify_one();
        resumed_.wait(lock, [this] { return wanted_ != Wanted::restart || stopping_; });
    } else if (wal_bytes >= passive_at_bytes_) {
        passive_at_bytes_ = wal_bytes + tuning_.wal_checkpoint_bytes;
        wanted_ = Wanted::passive;
        wake_.notify_one();
    }
}

void Checkpointer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
        resumed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Checkpointer::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return wanted_ != Wanted::nothing || stopping_; });
        if (stopping_) break;
        const Wanted doing = std::exchange(wanted_, Wanted::nothing);
        // The writer waits as long as a restart is wanted, so that stays said until it has been
        // tried.
        if (doing == Wanted::restart) wanted_ = Wanted::restart;
        lock.unlock();
        run(doing == Wanted::restart ? Database::CheckpointMode::restart
                                     : Database::CheckpointMode::passive);
        lock.lock();
        if (doing == Wanted::restart) {
            wanted_ = Wanted::nothing;
            caught_up_ = false;
            resumed_.notify_all();
        } else {
            caught_up_ = wal_bytes_ >= restart_at_bytes_;
        }
    }
    database_.reset();
}

void Checkpointer::run(Database::CheckpointMode mode) {
    try {
        if (!database_) database_ = connect(file_, Role::checkpointer);
        database_->checkpoint(mode);
        report(nullptr);
    } catch (const Failure& failure) {
        database_.reset();
        report(&failure.error());
    }
}

void Checkpointer::report(const Error* error) {
    const bool fails = error != nullptr;
    if (fails == failing_) return;
    failing_ = fails;
    if (fails) {
        log_.write({LogLevel::error, "journal_checkpoint_failed", error->message, {}});
    } else {
        log_.write({LogLevel::info, "journal_checkpoint_works_again", "", {}});
    }
}

}  // namespace signalbox::journal::sqlite
