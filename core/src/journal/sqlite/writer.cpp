#include "journal/sqlite/writer.hpp"

#include <utility>

#include "base/limits.hpp"
#include "base/thread.hpp"
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
      metrics_(metrics) {
    open();
    thread_ = std::thread([this] { work(); });
}

Writer::~Writer() {
    close();
}

void Writer::submit(std::unique_ptr<Operation> operation) {
    {
        const std::lock_guard lock(mutex_);
        const std::size_t bytes = operation->bytes();
        const bool many = waiting_.size() >= limits::journal_queue_max;
        // What carries no bytes of its own, such as the close of an attempt, frees memory: it is let in.
        const bool large = bytes != 0 && waiting_bytes_ + bytes > limits::journal_queue_bytes_max;
        if (!closing_ && !many && !large) {
            waiting_bytes_ += bytes;
            waiting_.push_back(std::move(operation));
            // The thread sleeps only with nothing waiting, so only the first one has to wake it.
            if (waiting_.size() == 1) wake_.notify_one();
            return;
        }
        operation->fail(closing_ ? closed_error()
                        : many   ? busy_error("changes", limits::journal_queue_max)
                                 : busy_error("bytes", limits::journal_queue_bytes_max));
    }
    executor_.post([told = std::shared_ptr<Operation>(std::move(operation))] { told->tell(); });
}

std::optional<Error> Writer::trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
}

void Writer::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        wake_.notify_one();
    }
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
    enter_thread("journal-writer");
    while (true) {
        Batch batch = take();
        if (batch.empty()) return;
        commit(batch);
        executor_.post([told = std::make_shared<Batch>(std::move(batch))] {
            for (auto& operation : *told)
                operation->tell();
        });
        if (database_) checkpointer_.after_commit(database_->wal_bytes());
    }
}

Writer::Batch Writer::take() {
    Batch batch;
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    std::size_t bytes = 0;
    while (!waiting_.empty() && batch.size() < limits::journal_batch_max &&
           bytes < limits::journal_batch_bytes_max) {
        bytes += waiting_.front()->bytes();
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    waiting_bytes_ -= bytes;
    return batch;
}

void Writer::commit(Batch& batch) {
    const std::int64_t begun_us = clock_.steady_us();
    const bool committed = try_commit(batch);
    metrics_.add(Counter::journal_commits, {{}, committed ? "ok" : "failed"}, 1);
    if (!committed) return;
    metrics_.add(Counter::journal_operations, {}, batch.size());
    metrics_.observe(Histogram::journal_batch_operations, {}, static_cast<double>(batch.size()));
    metrics_.observe(Histogram::journal_commit_ms, {},
                     static_cast<double>(clock_.steady_us() - begun_us) / 1000.0);
}

bool Writer::try_commit(Batch& batch) {
    try {
        if (!store_) open();
        store_->begin();
        for (auto& operation : batch)
            operation->apply(*store_);
        store_->commit();
    } catch (const Failure& failure) {
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
    if (store_->wrote()) clear_trouble();
    return true;
}

void Writer::abandon(Batch& batch, const Error& error, bool damaged) {
    if (database_) database_->roll_back();
    if (store_) store_->forget();
    if (damaged || (database_ && database_->in_transaction())) {
        store_.reset();
        database_.reset();
    }
    for (auto& operation : batch)
        operation->fail(error);
    set_trouble(error);
}

void Writer::open() {
    database_ = connect(file_, Role::writer);
    store_ = std::make_unique<Store>(*database_);
}

void Writer::set_trouble(const Error& error) {
    {
        const std::lock_guard lock(mutex_);
        const bool known = trouble_.has_value();
        trouble_ = error;
        if (known) return;
    }
    log_.write({LogLevel::error, "journal_failing", error.message, {{"error", error.code}}});
}

void Writer::clear_trouble() {
    {
        const std::lock_guard lock(mutex_);
        if (!trouble_) return;
        trouble_.reset();
    }
    log_.write({LogLevel::info, "journal_works_again", "", {}});
}

}  // namespace signalbox::journal::sqlite
