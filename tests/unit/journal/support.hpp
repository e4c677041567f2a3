#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "journal/journal.hpp"
#include "journal/open.hpp"
#include "journal/sqlite/tuning.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/random.hpp"

namespace signalbox::journal::test {

/// Which of the two journals this run of the suite is for.
extern const CommitInto commits;

/// Keeps what is posted until the test runs it, on the test's thread.
class Inbox final : public Executor {
  public:
    void post(Task task) override;
    TimerId at(std::int64_t, Task) override { return 0; }
    void cancel(TimerId) override {}

    /// Runs what comes in until `done`; fails the test case if that takes a minute.
    void run_until(const std::function<bool()>& done);
    /// Runs what is there.
    void run_posted();
    /// Tasks run so far.
    std::size_t tasks() const { return tasks_; }
    /// Tasks that are there.
    std::size_t waiting() const {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> waiting_;
    std::size_t tasks_ = 0;
};

class StillClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return 1'700'000'000'000; }
    std::int64_t steady_ms() const override { return 1'000; }
    std::int64_t steady_us() const override { return 1'000'000; }
};

/// Bytes that grow from a start, so that two draws differ.
class CountingRandom final : public Random {
  public:
    void fill(std::uint8_t* bytes, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i)
            bytes[i] = next_++;
    }

  private:
    std::uint8_t next_ = 7;
};

class KeptLog final : public LogSink {
  public:
    void write(const LogEvent& event) override;
    std::size_t count(const std::string& name) const;

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> names_;
};

/// A directory of the test's own, gone with it.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path journal() const { return path_ / "journal"; }
    std::filesystem::path file() const { return journal() / "journal.sqlite"; }
    std::filesystem::path wal() const { return journal() / "journal.sqlite-wal"; }

  private:
    std::filesystem::path path_;
};

/// Small enough that a test goes round the log's files and takes over many portions.
sqlite::Tuning small_log();

/// A journal in a folder, with calls that wait for their answer.
class Desk {
  public:
    Folder folder;
    Inbox inbox;
    StillClock clock;
    CountingRandom random;
    KeptLog log;
    std::unique_ptr<Journal> journal;
    CommitInto into = commits;  ///< of the next opening

    Desk() { open(); }
    explicit Desk(const sqlite::Tuning& tuning) : tuning_(tuning) { open(); }
    /// For a folder that is made ready first; then open().
    struct Closed {};
    explicit Desk(Closed, const sqlite::Tuning& tuning = {}) : tuning_(tuning) {}

    /// The error of an opening that did not work; none if it did.
    std::optional<Error> try_open();
    void open();
    void reopen();

    Result<Inserted> insert(RunSeed seed, RunState state = {});
    Result<Run> change(Sequence sequence, Decide decide);
    Result<Run> change(const std::string& id, Decide decide);
    Result<RunWithAttempts> find(const std::string& id);
    Result<std::vector<Run>> load(std::vector<Sequence> sequences);
    Result<RunPage> list(RunFilter filter);
    Result<std::vector<LogLine>> logs(const std::string& id, std::int64_t after = 0,
                                      std::size_t limit = 100);
    std::vector<LiveRun> recover();
    Result<std::vector<std::string>> actions(std::string after = {});
    Result<Sequence> older_than_newest(std::string action, std::size_t newer);
    Result<Swept> sweep(SweepStep step);
    Result<Backup> backup(std::string name);
    Result<Done> keep_rejections(std::vector<Rejection> rejections);
    Result<RejectionPage> rejections(std::int64_t before = 0, std::size_t limit = 100);
    Result<Done> tell_upstream(UpstreamRun run, bool ended);
    Result<std::vector<UpstreamRun>> upstream();

  private:
    template <class Value, class Call>
    Result<Value> answer_of(Call call);

    sqlite::Tuning tuning_;
};

/// Holds the writer inside a change until it is released, so that what is called meanwhile gathers.
class Hold {
  public:
    explicit Hold(Desk& desk);  ///< returns once the writer stands still
    ~Hold() { release(); }
    void release();

  private:
    std::promise<void> gate_;
    bool released_ = false;
};

/// What a kill -9 of `from` at this moment would leave, in the folder of `to`: the files as they are, without the
/// shared memory.
void copy_as_after_a_kill(const Desk& from, const Desk& to);

/// Runs `sql` on the closed journal's file.
void run_sql(const std::filesystem::path& file, const std::string& sql);
std::int64_t ask_sql(const std::filesystem::path& file, const std::string& sql);

/// Overwrites a leaf page of `table` in the closed file: the one after `skipped` others. The ends
/// of the table stay whole, as they are looked at when the journal is opened.
void damage_leaf(const std::filesystem::path& file, const std::string& table, int skipped);

/// A seed of little more than its id.
RunSeed seed_of(const std::string& id, const std::string& action = "deploy");
RunState state_of(Phase phase, const std::string& result = "");
/// A change of the phase alone.
Decide to_phase(Phase phase, const std::string& result = "");

std::vector<std::string> ids_of(const std::vector<Run>& runs);

}  // namespace signalbox::journal::test
