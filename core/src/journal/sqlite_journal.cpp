#include "journal/sqlite_journal.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "base/encoding.hpp"
#include "journal/ahead/segments.hpp"
#include "journal/ahead/taking_over.hpp"
#include "journal/open.hpp"
#include "journal/sqlite/backup.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/refusals.hpp"
#include "journal/sqlite/restored.hpp"
#include "journal/sqlite/schema.hpp"
#include "journal/sqlite/sweeper.hpp"

namespace signalbox::journal {

using namespace sqlite;

namespace {

/// A read whose answer is a `Value`.
template <class Value>
class ReadingOf final : public Reading {
  public:
    using Ask = std::function<Result<Value>(Queries&)>;
    using Tell = std::function<void(Result<Value>)>;

    ReadingOf(Ask ask, Tell done) : ask_(std::move(ask)), done_(std::move(done)) {}
    void answer(Queries& queries) override { outcome_.emplace(ask_(queries)); }
    void fail(const Error& error) override { outcome_.emplace(error); }
    void tell() override {
        if (done_) done_(*std::move(outcome_));
    }

  private:
    Ask ask_;
    Tell done_;
    std::optional<Result<Value>> outcome_;
};

}  // namespace

Result<std::unique_ptr<Journal>> SqliteJournal::open(const std::filesystem::path& directory,
                                                     Executor& executor, const Clock& clock,
                                                     Random& random, LogSink& log,
                                                     const Tuning& tuning,
                                                     MetricsSink& metrics, CommitInto commits) {
    auto lock = DirectoryLock::take(
        directory, [] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
    if (!lock) return lock.error();
    if (is_anyones(directory)) {
        log.write({LogLevel::warning,
                   "journal_directory_open",
                   "whoever has an account here can put another journal in this one's place: chmod o-w it",
                   {{"directory", directory.string()}}});
    }
    std::filesystem::path file = directory / "journal.sqlite";
    if (auto made = make_private_file(file); !made) return made.error();
    auto token_key = prepare(file, clock, random);
    if (!token_key) return token_key.error();
    auto restored = hold_if_restored(file, clock, [&file] { return ahead::remove_segments(file); });
    if (!restored) return restored.error();
    if (*restored) {
        log.write({LogLevel::warning,
                   "journal_restored",
                   "what waited in the backup is held, as it may have been sent since",
                   {{"backup_of", to_iso8601((*restored)->made_ms)},
                    {"held", std::to_string((*restored)->held)}}});
    }
    const std::uint32_t salt = ahead::salt_of(*token_key);
    ahead::Position position;
    if (commits == CommitInto::log || ahead::has_segments(file)) {
        auto end = ahead::take_over_all(file, salt);
        if (!end) return end.error();
        position = *end;
        // One that stays is of no harm: its frames are older than the position that the file keeps.
        if (commits == CommitInto::file) static_cast<void>(ahead::remove_segments(file));
    }
    try {
        std::unique_ptr<SqliteJournal> journal(new SqliteJournal(
            std::move(*lock), file, *std::move(token_key), executor, clock, log, tuning, metrics));
        if (commits == CommitInto::log)
            journal->put_log_before(position, salt, log, tuning, metrics);
        return std::unique_ptr<Journal>(std::move(journal));
    } catch (const Failure& failure) {
        return failure.error();
    }
}

SqliteJournal::SqliteJournal(DirectoryLock lock, std::filesystem::path file, std::string token_key,
                             Executor& executor, const Clock& clock, LogSink& log,
                             const Tuning& tuning, MetricsSink& metrics)
    : lock_(std::move(lock)),
      file_(std::move(file)),
      token_key_(std::move(token_key)),
      clock_(clock),
      executor_(executor),
      checkpointer_(file_, tuning, log),
      writer_(file_, executor, checkpointer_, log, clock, metrics),
      readers_(file_, executor) {}

SqliteJournal::~SqliteJournal() {
    close();
}

void SqliteJournal::put_log_before(ahead::Position start, std::uint32_t salt, LogSink& log,
                                   const Tuning& tuning, MetricsSink& metrics) {
    front_ = std::make_unique<ahead::Front>(file_, start, salt, writer_, executor_, log, tuning, clock_,
                                            metrics);
}

void SqliteJournal::write(std::unique_ptr<Operation> operation) {
    if (front_) return front_->submit(std::move(operation));
    writer_.submit(std::move(operation));
}

void SqliteJournal::read(std::unique_ptr<Reading> reading) {
    if (!front_) return readers_.submit(std::move(reading));
    front_->when_filed([this, shared = std::make_shared<std::unique_ptr<Reading>>(std::move(reading))](
                           const Error* failure) {
        if (failure == nullptr) return readers_.submit(std::move(*shared));
        (*shared)->fail(*failure);
        executor_.post([told = std::shared_ptr<Reading>(std::move(*shared))] { told->tell(); });
    });
}

std::optional<Error> SqliteJournal::trouble() const {
    if (front_) {
        if (auto error = front_->trouble()) return error;
    }
    return writer_.trouble();
}

void SqliteJournal::insert(SharedSeed seed, RunState state, InsertDone done) {
    write(std::make_unique<Insertion>(std::move(seed), std::move(state), std::move(done)));
}

void SqliteJournal::change(Sequence sequence, Decide decide, ChangeDone done) {
    write(std::make_unique<Changing>(sequence, std::move(decide), std::move(done)));
}

void SqliteJournal::change(std::string run_id, Decide decide, ChangeDone done) {
    write(
        std::make_unique<Changing>(std::move(run_id), std::move(decide), std::move(done)));
}

void SqliteJournal::find(std::string run_id, std::function<void(Result<RunWithAttempts>)> done) {
    read(std::make_unique<ReadingOf<RunWithAttempts>>(
        [run_id = std::move(run_id)](Queries& queries) { return queries.find(run_id); },
        std::move(done)));
}

void SqliteJournal::load(std::vector<Sequence> sequences,
                         std::function<void(Result<std::vector<Run>>)> done) {
    read(std::make_unique<ReadingOf<std::vector<Run>>>(
        [sequences = std::move(sequences)](Queries& queries) { return queries.load(sequences); },
        std::move(done)));
}

void SqliteJournal::list(RunFilter filter, std::function<void(Result<RunPage>)> done) {
    read(std::make_unique<ReadingOf<RunPage>>(
        [filter = std::move(filter)](Queries& queries) { return queries.list(filter); },
        std::move(done)));
}

void SqliteJournal::logs(std::string run_id, std::int64_t after_number, std::size_t limit,
                         std::function<void(Result<std::vector<LogLine>>)> done) {
    read(std::make_unique<ReadingOf<std::vector<LogLine>>>(
        [run_id = std::move(run_id), after_number, limit](Queries& queries) {
            return queries.logs(run_id, after_number, limit);
        },
        std::move(done)));
}

void SqliteJournal::last_logs(std::string run_id,
                              std::function<void(Result<std::vector<LogLine>>)> done) {
    read(std::make_unique<ReadingOf<std::vector<LogLine>>>(
        [run_id = std::move(run_id)](Queries& queries) { return queries.last_logs(run_id); },
        std::move(done)));
}

void SqliteJournal::told_upstream(UpstreamRun run, std::function<void(Result<Done>)> done) {
    write(std::make_unique<TellingUpstream>(std::move(run), false, std::move(done)));
}

void SqliteJournal::forget_upstream(Sequence sequence, std::function<void(Result<Done>)> done) {
    write(
        std::make_unique<TellingUpstream>(UpstreamRun{sequence, {}, 0}, true, std::move(done)));
}

void SqliteJournal::upstream(Sequence after,
                             std::function<void(Result<std::vector<UpstreamRun>>)> done) {
    read(std::make_unique<ReadingOf<std::vector<UpstreamRun>>>(
        [after](Queries& queries) { return queries.upstream(after); }, std::move(done)));
}

void SqliteJournal::actions(std::string after,
                            std::function<void(Result<std::vector<std::string>>)> done) {
    read(std::make_unique<ReadingOf<std::vector<std::string>>>(
        [after = std::move(after)](Queries& queries) { return queries.actions(after); },
        std::move(done)));
}

void SqliteJournal::older_than_newest(std::string action, std::size_t newer,
                                      std::function<void(Result<Sequence>)> done) {
    read(std::make_unique<ReadingOf<Sequence>>(
        [action = std::move(action), newer](Queries& queries) {
            return queries.older_than_newest(action, newer);
        },
        std::move(done)));
}

void SqliteJournal::keep_rejections(std::vector<Rejection> rejections,
                                    std::function<void(Result<Done>)> done) {
    write(std::make_unique<Rejecting>(std::move(rejections), std::move(done)));
}

void SqliteJournal::rejections(std::int64_t before, std::size_t limit,
                               std::function<void(Result<RejectionPage>)> done) {
    read(std::make_unique<ReadingOf<RejectionPage>>(
        [before, limit](Queries& queries) { return queries.rejections(before, limit); },
        std::move(done)));
}

void SqliteJournal::sweep(SweepStep step, std::function<void(Result<Swept>)> done) {
    auto sweeping = std::make_unique<Sweeping>(std::move(step), std::move(done));
    if (front_) return front_->submit(std::move(sweeping));
    writer_.submit(std::move(sweeping));
}

void SqliteJournal::backup(std::string name, std::function<void(Result<Backup>)> done) {
    auto files = backup_files(file_, name);
    if (files && backing_up_->exchange(true)) {
        files =
            Error{"backup_running", "A backup is being made already; wait until it is finished"};
    }
    if (!files) {
        return executor_.post([done = std::move(done), error = files.error()] { done(error); });
    }
    // What is committed while the copy is made belongs into it, so it goes into the file at once.
    const auto unfiled = front_ ? front_->unfiled() : nullptr;
    if (unfiled) unfiled->hurry(true);
    auto finish = [unfiled, flag = backing_up_, done = std::move(done)](Result<Backup> sealed) {
        if (unfiled) unfiled->hurry(false);
        flag->store(false);
        done(std::move(sealed));
    };
    auto seal = [this, files = *files, finish](Result<Done> copied) {
        if (!copied) return finish(copied.error());
        // It is of the copy alone, so the journal's file need not have everything first; a disk that the copy has
        // filled would never let it.
        readers_.submit(std::make_unique<ReadingOf<Backup>>(
            [files, now_ms = clock_.wall_ms()](Queries&) { return seal_backup(files, now_ms); },
            [files, finish](Result<Backup> sealed) {
                if (!sealed) discard_backup(files);  // it may not have come to sealing it
                finish(std::move(sealed));
            }));
    };
    read(std::make_unique<ReadingOf<Done>>(
        [files = *files](Queries&) { return begin_backup(files); },
        [this, files = *files, finish, seal](Result<Done> begun) {
            if (!begun) return finish(begun.error());
            writer_.submit(std::make_unique<Copying>(files, seal));
        }));
}

Result<Done> SqliteJournal::recover(const std::function<void(const LiveRun&)>& each) {
    const std::lock_guard lock(closing_mutex_);
    if (closed_) return closed_error();
    if (front_) {
        if (auto filed = front_->file_all(); !filed) return filed.error();
    }
    try {
        const auto database = connect(file_, Role::reader);
        Queries queries(*database);
        sqlite::recover(queries, each);
        return Done{};
    } catch (const Failure& failure) {
        return failure.error();
    }
}

void SqliteJournal::close() {
    const std::lock_guard lock(closing_mutex_);
    if (closed_) return;
    closed_ = true;
    if (front_) front_->close();
    writer_.close();
    readers_.close();
    checkpointer_.stop();
    writer_.finish();
    lock_.reset();
}

Result<std::unique_ptr<Journal>> open_sqlite(const std::filesystem::path& directory,
                                             Executor& executor, const Clock& clock, Random& random,
                                             LogSink& log, MetricsSink& metrics,
                                             CommitInto commits) {
    return SqliteJournal::open(directory, executor, clock, random, log, {}, metrics, commits);
}

}  // namespace signalbox::journal
