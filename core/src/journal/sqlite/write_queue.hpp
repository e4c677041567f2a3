#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/executor.hpp"
#include "journal/sqlite/chore.hpp"
#include "journal/sqlite/operation.hpp"

namespace signalbox::journal::sqlite {

/// What waits for the writer. An operation is on offer at the end of the executor's round: so what one round
/// submits shares a commit, and a commit for the first of it does not begin beside the rest. Any thread,
/// but for take() and take_chore(), which are the writer's.
class WriteQueue : public std::enable_shared_from_this<WriteQueue> {
  public:
    using Batch = std::vector<std::unique_ptr<Operation>>;

    /// `executor` must outlive the calls.
    explicit WriteQueue(Executor& executor) : executor_(executor) {}

    /// Refusals (`journal_busy`, `journal_unavailable` once closed) are told on the executor.
    void submit(std::unique_ptr<Operation> operation);
    void submit(std::unique_ptr<Chore> chore);

    /// Waits for operations or a chore, then puts what is on offer into `batch`, as much as one commit may
    /// have. False: closed and drained.
    bool take(Batch& batch);
    /// None while there are operations that go first: a chore's turn comes when none waits, or when
    /// `batches` were committed since the last one.
    std::unique_ptr<Chore> take_chore(std::size_t batches);
    void put_back(std::unique_ptr<Chore> chore);
    /// All of them; what they were is the caller's to tell.
    std::deque<std::unique_ptr<Chore>> drop_chores();

    /// From here on everything is refused, and what waits is on offer.
    void close();

  private:
    void offer();

    Executor& executor_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Operation>> waiting_;
    std::size_t waiting_bytes_ = 0;
    std::size_t offered_ = 0;  ///< of `waiting_`, from the front
    bool is_offering_ = false;  ///< an offer() is posted
    std::deque<std::unique_ptr<Chore>> chores_;
    bool is_closed_ = false;
};

}  // namespace signalbox::journal::sqlite
