#include "journal/sqlite/readers.hpp"

#include <string>
#include <utility>

#include "base/limits.hpp"
#include "base/thread.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/refusals.hpp"
#include "journal/sqlite/schema.hpp"

namespace signalbox::journal::sqlite {
namespace {

/// A reader's connection, made when it is first needed and made anew after a failure.
class Connection {
  public:
    explicit Connection(const std::filesystem::path& file) : file_(file) {}

    void answer(Reading& reading) {
        try {
            if (!queries_) open();
            reading.answer(*queries_);
        } catch (const Failure& failure) {
            close();
            reading.fail(failure.error());
        } catch (const std::exception& fault) {
            close();
            reading.fail(Error{"journal_unavailable", "The journal could not be read: " +
                                                          std::string(fault.what()) + "."});
        }
    }

  private:
    void open() {
        database_ = connect(file_, Role::reader);
        queries_ = std::make_unique<Queries>(*database_);
    }

    void close() {
        queries_.reset();
        database_.reset();
    }

    const std::filesystem::path& file_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Queries> queries_;
};

}  // namespace

Readers::Readers(std::filesystem::path file, Executor& executor)
    : file_(std::move(file)), executor_(executor) {
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        threads_[i] = start_thread("journal-read-" + std::to_string(i + 1), [this] { work(); });
    }
}

Readers::~Readers() {
    close();
}

void Readers::submit(std::unique_ptr<Reading> reading) {
    {
        const std::lock_guard lock(mutex_);
        if (!closing_ && waiting_.size() < limits::journal_reads_max) {
            waiting_.push_back(std::move(reading));
            wake_.notify_one();
            return;
        }
        reading->fail(closing_ ? closed_error() : busy_error("reads", limits::journal_reads_max));
    }
    executor_.post([told = std::shared_ptr<Reading>(std::move(reading))] { told->tell(); });
}

void Readers::close() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        wake_.notify_all();
    }
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void Readers::work() {
    Connection connection(file_);
    while (std::unique_ptr<Reading> reading = take()) {
        connection.answer(*reading);
        executor_.post([told = std::shared_ptr<Reading>(std::move(reading))] { told->tell(); });
    }
}

std::unique_ptr<Reading> Readers::take() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !waiting_.empty() || closing_; });
    if (waiting_.empty()) return nullptr;
    std::unique_ptr<Reading> reading = std::move(waiting_.front());
    waiting_.pop_front();
    return reading;
}

}  // namespace signalbox::journal::sqlite
