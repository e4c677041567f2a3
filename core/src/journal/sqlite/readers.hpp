#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "base/executor.hpp"
#include "journal/sqlite/queries.hpp"

namespace signalbox::journal::sqlite {

/// One read that waits for a reader, then for its `done` function to be told.
class Reading {
  public:
    virtual ~Reading() = default;
    /// [reader thread] Reads and keeps the outcome. Throws Failure.
    virtual void answer(Queries& queries) = 0;
    virtual void fail(const Error& error) = 0;
    /// [executor] Tells the outcome. Once.
    virtual void tell() = 0;
};

/// Two threads with a connection each. A read sees the last commit before it begins.
class Readers {
  public:
    Readers(std::filesystem::path file, Executor& executor);
    ~Readers();  ///< closes
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    /// Any thread. Refusals (`journal_busy`, `journal_unavailable` once closed) are told on the
    /// executor too.
    void submit(std::unique_ptr<Reading> reading);

    /// Answers what waits, then ends the threads and their connections. Any thread; later calls do
    /// nothing.
    void close();

  private:
    void work();
    std::unique_ptr<Reading> take();

    const std::filesystem::path file_;
    Executor& executor_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Reading>> waiting_;
    bool closing_ = false;

    std::array<std::thread, 2> threads_;
};

}  // namespace signalbox::journal::sqlite
