#include "journal/sqlite/write_queue.hpp"

#include <utility>

#include "base/limits.hpp"
#include "journal/sqlite/refusals.hpp"

namespace signalbox::journal::sqlite {

void WriteQueue::submit(std::unique_ptr<Operation> operation) {
    {
        const std::lock_guard lock(mutex_);
        const std::size_t bytes = operation->bytes();
        const bool many = waiting_.size() >= limits::journal_queue_max;
        // What carries no bytes of its own, such as the close of an attempt, frees memory: it is let in.
        const bool large = bytes != 0 && waiting_bytes_ + bytes > limits::journal_queue_bytes_max;
        if (!is_closed_ && !many && !large) {
            waiting_bytes_ += bytes;
            waiting_.push_back(std::move(operation));
            if (is_offering_) return;
            executor_.at_round_end([queue = shared_from_this()] { queue->offer(); });
            is_offering_ = true;
            return;
        }
        operation->fail(is_closed_ ? closed_error()
                        : many     ? busy_error("changes", limits::journal_queue_max)
                                   : busy_error("bytes", limits::journal_queue_bytes_max));
    }
    executor_.post([told = std::shared_ptr<Operation>(std::move(operation))] { told->tell(); });
}

void WriteQueue::submit(std::unique_ptr<Chore> chore) {
    {
        const std::lock_guard lock(mutex_);
        if (!is_closed_) {
            chores_.push_back(std::move(chore));
            wake_.notify_one();
            return;
        }
        chore->fail(closed_error());
    }
    executor_.post([told = std::shared_ptr<Chore>(std::move(chore))] { told->tell(); });
}

void WriteQueue::offer() {
    const std::lock_guard lock(mutex_);
    is_offering_ = false;
    // The writer sleeps only with nothing on offer.
    if (std::exchange(offered_, waiting_.size()) == 0) wake_.notify_one();
}

bool WriteQueue::take(Batch& batch) {
    std::unique_lock lock(mutex_);
    // A chore does not go before an operation that waits: that would be on offer in the middle of it.
    wake_.wait(lock, [this] {
        return offered_ != 0 || (!chores_.empty() && waiting_.empty()) || is_closed_;
    });
    std::size_t bytes = 0;
    while (offered_ != 0 && batch.size() < limits::journal_batch_max &&
           bytes < limits::journal_batch_bytes_max) {
        bytes += waiting_.front()->bytes();
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        --offered_;
    }
    waiting_bytes_ -= bytes;
    return !batch.empty() || !is_closed_;
}

std::unique_ptr<Chore> WriteQueue::take_chore(std::size_t batches) {
    const std::lock_guard lock(mutex_);
    if (chores_.empty() || is_closed_) return nullptr;
    if (!waiting_.empty() && batches < limits::journal_batches_per_chore_step) return nullptr;
    auto chore = std::move(chores_.front());
    chores_.pop_front();
    return chore;
}

void WriteQueue::put_back(std::unique_ptr<Chore> chore) {
    const std::lock_guard lock(mutex_);
    chores_.push_back(std::move(chore));
}

std::deque<std::unique_ptr<Chore>> WriteQueue::drop_chores() {
    const std::lock_guard lock(mutex_);
    return std::exchange(chores_, {});
}

void WriteQueue::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    offered_ = waiting_.size();
    wake_.notify_one();
}

}  // namespace signalbox::journal::sqlite
