#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "journal/sqlite/checkpointer.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/schema.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

constexpr std::size_t mib = 1024 * 1024;

/// Inserts and finishes runs, a window of them at a time, as dispatch does.
class Load {
  public:
    Load(Desk& desk, std::size_t count, std::size_t window)
        : desk_(desk), count_(count), payload_(8'000, 'p') {
        for (std::size_t i = 0; i < window; ++i)
            begin();
    }

    bool done() const { return finished_ == count_; }
    std::size_t wal_bytes_max() const { return wal_bytes_max_; }

  private:
    void begin() {
        if (started_ == count_) return;
        RunSeed seed = seed_of("r_" + std::to_string(1'000'000 + started_++));
        seed.payload = payload_;
        desk_.journal->insert(std::move(seed), state_of(Phase::sending),
                              [this](const Result<Inserted>& inserted) {
                                  if (inserted) close(inserted->sequence);
                              });
    }

    void close(Sequence sequence) {
        desk_.journal->change(sequence, to_phase(Phase::finished, "SUCCESS"),
                              [this](const Result<Run>& run) {
                                  if (!run) return;
                                  ++finished_;
                                  measure();
                                  begin();
                              });
    }

    void measure() {
        std::error_code none;
        const auto bytes = std::filesystem::file_size(desk_.folder.wal(), none);
        if (!none) wal_bytes_max_ = std::max<std::size_t>(wal_bytes_max_, bytes);
    }

    Desk& desk_;
    const std::size_t count_;
    const std::string payload_;
    std::size_t started_ = 0;
    std::size_t finished_ = 0;
    std::size_t wal_bytes_max_ = 0;
};

}  // namespace

TEST_CASE("journal: the log stays bounded under load with a reader at work", "[journal][file]") {
    Desk desk(sqlite::Tuning{1 * mib, 4 * mib});
    Load load(desk, 3'000, 50);
    std::size_t pages = 0;
    std::size_t reading = 0;
    std::function<void()> read = [&] {
        ++reading;
        RunFilter filter;
        filter.limit = 200;
        desk.journal->list(filter, [&](const Result<RunPage>& page) {
            --reading;
            if (page) ++pages;
            if (!load.done()) read();
        });
    };
    read();
    read();
    desk.inbox.run_until([&] { return load.done() && reading == 0; });
    CHECK(pages > 0);
    // 3,000 runs write about 60 MiB of log. A batch of the window may be added to the bound before
    // the pause, and should a reader stand in the way, a step of the first bound.
    CHECK(load.wal_bytes_max() < 8 * mib);
    CHECK(load.wal_bytes_max() > 1 * mib);
    desk.journal->close();
    CHECK_FALSE(std::filesystem::exists(desk.folder.wal()));
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM runs WHERE phase = 8") == 3'000);
    CHECK(desk.log.count("journal_checkpoint_failed") == 0);
}

TEST_CASE("journal: a reader that stands still delays the log's restart and not the writer",
          "[journal][file]") {
    Desk desk(sqlite::Tuning{64 * 1024, 256 * 1024});
    REQUIRE(desk.insert(seed_of("r_1")));
    sqlite::Database outsider(desk.folder.file());
    outsider.execute("BEGIN");
    CHECK(outsider.integer_of("SELECT count(*) FROM runs") == 1);
    for (int i = 0; i < 10; ++i) {
        RunSeed seed = seed_of("r_more_" + std::to_string(i));
        seed.payload.assign(10'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    CHECK(outsider.integer_of("SELECT count(*) FROM runs") == 1);
    outsider.execute("COMMIT");
    CHECK(outsider.integer_of("SELECT count(*) FROM runs") == 11);
}

TEST_CASE("journal: two steps past its bound the log's restart waits for no other copying", "[journal]") {
    Desk desk;
    desk.journal.reset();
    const sqlite::Tuning tuning{64 * 1024, 256 * 1024};
    sqlite::Checkpointer checkpointer(desk.folder.file(), tuning, desk.log);
    const auto writer = sqlite::connect(desk.folder.file(), sqlite::Role::writer);
    const auto commit = [&](std::size_t bytes) {
        writer->execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('filling', randomblob(" +
                        std::to_string(bytes) + "))");
        return writer->wal_bytes();
    };
    const std::size_t late = commit(tuning.wal_pause_bytes + 2 * tuning.wal_checkpoint_bytes);
    REQUIRE(late >= tuning.wal_pause_bytes + 2 * tuning.wal_checkpoint_bytes);
    checkpointer.after_commit(late);
    CHECK(commit(1) < late);
    CHECK(desk.log.count("journal_checkpoint_failed") == 0);
}

TEST_CASE("journal: closing commits what waits and refuses what comes later", "[journal]") {
    Desk desk;
    std::size_t committed = 0;
    std::vector<std::string> refused;
    std::thread closer;
    {
        Hold hold(desk);
        for (int i = 0; i < 1'000; ++i) {
            desk.journal->insert(seed_of("r_" + std::to_string(i)), {},
                                 [&](const Result<Inserted>& inserted) {
                                     if (inserted) ++committed;
                                 });
        }
        closer = std::thread([&] { desk.journal->close(); });
    }
    closer.join();
    desk.inbox.run_until([&] { return committed == 1'000; });

    const auto note = [&](const auto& result) {
        refused.push_back(result ? "fine" : result.error().code);
    };
    desk.journal->insert(seed_of("r_late"), {}, note);
    desk.journal->change("r_1", to_phase(Phase::held), note);
    desk.journal->change(Sequence{1}, to_phase(Phase::held), note);
    desk.journal->find("r_1", note);
    desk.journal->load({1}, note);
    desk.journal->list({}, note);
    desk.journal->logs("r_1", 0, 1, note);
    desk.inbox.run_until([&] { return refused.size() == 7; });
    CHECK(refused == std::vector<std::string>(7, "journal_unavailable"));
    const auto recovered = desk.journal->recover([](const LiveRun&) {});
    REQUIRE_FALSE(recovered);
    CHECK(recovered.error().code == "journal_unavailable");
    desk.journal->close();

    desk.reopen();
    CHECK(desk.recover().size() == 1'001);
}

TEST_CASE("journal: calls from many threads at once are all answered", "[journal]") {
    Desk desk;
    constexpr int threads = 4;
    constexpr int each = 100;
    std::atomic<int> inserted = 0;
    std::atomic<int> changed = 0;
    std::atomic<int> found = 0;
    std::vector<std::thread> callers;
    for (int t = 0; t < threads; ++t) {
        callers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                const std::string id = "r_" + std::to_string(t) + "_" + std::to_string(i);
                desk.journal->insert(seed_of(id), {}, [&](const auto& r) { inserted += r.ok(); });
                desk.journal->change(id, to_phase(Phase::held),
                                     [&](const auto& r) { changed += r.ok(); });
                desk.journal->list({}, [&](const auto& r) { found += r.ok(); });
                static_cast<void>(desk.journal->trouble());
            }
        });
    }
    for (std::thread& caller : callers)
        caller.join();
    constexpr int all = threads * each;
    desk.inbox.run_until([&] { return inserted == all && changed == all && found == all; });
    RunFilter held;
    held.phases = {Phase::held};
    held.limit = 1'000;
    CHECK(desk.list(held)->runs.size() == all);
}

TEST_CASE("journal: an operation called after another is never on disk without it", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_a")));
    REQUIRE(desk.insert(seed_of("r_b")));
    int answered = 0;
    for (int i = 1; i <= 200; ++i) {
        for (const char* id : {"r_a", "r_b"}) {
            desk.journal->change(
                id,
                [i](const Run& run) {
                    Change change;
                    change.state = run.state;
                    change.state->attempts = i;
                    return change;
                },
                [&](const auto&) { ++answered; });
        }
    }
    bool ordered = true;
    int looked = 0;
    for (int i = 0; i < 50; ++i) {
        desk.journal->load({1, 2}, [&](const Result<std::vector<Run>>& runs) {
            ++looked;
            const auto a = runs->at(0).state.attempts;
            const auto b = runs->at(1).state.attempts;
            ordered = ordered && (a == b || a == b + 1);
        });
    }
    desk.inbox.run_until([&] { return answered == 400 && looked == 50; });
    CHECK(ordered);
}

}  // namespace signalbox::journal::test
