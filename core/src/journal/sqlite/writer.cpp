#include "journal/sqlite/writer.hpp"

#include <utility>

#include "base/thread.hpp"
#include "journal/sqlite/commit_figures.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/refusals.hpp"
#include "journal/sqlite/schema.hpp"

namespace signalbox::journal::sqlite {

Writer::Writer(std::filesystem::path file, Executor& executor, Checkpointer& checkpointer,
               LogSink& log, const Clock& clock, MetricsSink& metrics)
    : file_(std::move(file)),
      executor_(executor),
      checkpointer_(checkpointer),
      log_(log),
      clock_(clock),
      metrics_(metrics),
      queue_(std::make_shared<WriteQueue>(executor)),
      trouble_(log) {
    open();
    thread_ = start_thread("journal-writer", [this] { work(); });
}

Writer::~Writer() {
    close();
}

void Writer::close() {
    queue_->close();
    if (thread_.joinable()) thread_.join();
}

void Writer::finish() {
    try {
        if (database_) database_->checkpoint(Database::CheckpointMode::truncate);
    } catch (const Failure& failure) {
        // Nothing is lost: the next opening finds it in the log.
        log_.write({LogLevel::warning, "journal_checkpoint_failed", failure.error().message, {}});
    }
    store_.reset();
    database_.reset();
}

void Writer::work() {
    WriteQueue::Batch batch;
    while (queue_->take(batch)) {
        if (!batch.empty()) {
            commit(batch);
            executor_.post([told = std::make_shared<WriteQueue::Batch>(std::move(batch))] {
                for (auto& operation : *told)
                    operation->tell();
            });
            batch.clear();
            ++batches_since_chore_;
        }
        do_chore();
        if (database_) checkpointer_.after_commit(database_->wal_bytes());
    }
    fail_chores(closed_error());
}

void Writer::do_chore() {
    auto chore = queue_->take_chore(batches_since_chore_);
    if (!chore) return;
    batches_since_chore_ = 0;
    try {
        if (!store_) open();
        if (!chore->step(*database_, *store_)) return queue_->put_back(std::move(chore));
    } catch (const Failure& failure) {
        chore->fail(failure.error());
        if (failure.may_have_committed()) overwrite_commit();
        recover_connection(failure.error(), failure.damages_connection());
    } catch (const std::exception& fault) {
        const Error error{"journal_unavailable",
                          "The journal gave up its upkeep: " + std::string(fault.what()) + "."};
        chore->fail(error);
        recover_connection(error, false);
    }
    executor_.post([told = std::shared_ptr<Chore>(std::move(chore))] { told->tell(); });
}

void Writer::fail_chores(const Error& error) {
    for (auto& chore : queue_->drop_chores()) {
        chore->fail(error);
        executor_.post([told = std::shared_ptr<Chore>(std::move(chore))] { told->tell(); });
    }
}

void Writer::commit(WriteQueue::Batch& batch) {
    const std::int64_t begun_us = clock_.steady_us();
    const bool committed = try_commit(batch);
    count_commit(metrics_, committed, batch.size(), clock_.steady_us() - begun_us);
}

bool Writer::try_commit(WriteQueue::Batch& batch) {
    try {
        if (!store_) open();
        store_->begin();
        for (auto& operation : batch)
            operation->apply(*store_);
        store_->commit();
    } catch (const Failure& failure) {
        if (failure.may_have_committed()) overwrite_commit();
        abandon(batch, failure.error(), failure.damages_connection());
        return false;
    } catch (const std::exception& fault) {
        // Out of memory, or a deciding function that breaks its promise not to throw.
        abandon(batch,
                Error{"journal_unavailable",
                      "The journal gave up a batch of changes: " + std::string(fault.what()) + "."},
                false);
        return false;
    }
    // A batch that wrote nothing proves nothing about the disk.
    if (store_->wrote()) trouble_.clear();
    return true;
}

void Writer::abandon(WriteQueue::Batch& batch, const Error& error, bool damaged) {
    recover_connection(error, damaged);
    for (auto& operation : batch)
        operation->fail(error);
    trouble_.set(error);
}

void Writer::recover_connection(const Error& error, bool damaged) {
    if (database_) database_->roll_back();
    if (store_) store_->forget();
    if (damaged || (database_ && database_->in_transaction())) {
        fail_chores(error);  // they may hold something of the connection
        store_.reset();
        database_.reset();
    }
}

void Writer::overwrite_commit() {
    if (!database_) return;
    database_->roll_back();
    // Where the sync failed, the batch stands in the log with its commit mark, and only the shared
    // memory says that it does not count: the next to open the file without it would find the batch
    // and bring it back, though its callers were told otherwise. So another commit is written over
    // it, on this connection, before anything is closed. Should its own sync fail, it was written
    // all the same.
    try {
        database_->execute(
            "BEGIN IMMEDIATE;"
            "INSERT OR REPLACE INTO meta (name, value) VALUES ('overwritten', randomblob(8));"
            "COMMIT;");
    } catch (const Failure&) {
        database_->roll_back();
    }
}

void Writer::open() {
    database_ = connect(file_, Role::writer);
    store_ = std::make_unique<Store>(*database_);
}

}  // namespace signalbox::journal::sqlite
