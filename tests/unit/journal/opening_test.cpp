#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>

#include "journal/sqlite/directory_lock.hpp"
#include "journal/open.hpp"
#include "journal/sqlite/schema.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 0777U;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string open_error(Desk& desk, const std::filesystem::path& directory) {
    const auto opened = open_sqlite(directory, desk.inbox, desk.clock, desk.random, desk.log);
    REQUIRE_FALSE(opened);
    return opened.error().code + ": " + opened.error().message;
}

/// A child process that holds the journal until its standing pipe is closed.
class Holder {
  public:
    explicit Holder(const std::filesystem::path& directory) {
        std::array<int, 2> ready{};
        std::array<int, 2> standing{};
        REQUIRE(::pipe(ready.data()) == 0);
        REQUIRE(::pipe(standing.data()) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::close(standing[1]);
            hold(directory, ready[1], standing[0]);
        }
        ::close(ready[1]);
        ::close(standing[0]);
        standing_ = standing[1];
        char letter = 0;
        const bool holds = ::read(ready[0], &letter, 1) == 1 && letter == 'y';
        ::close(ready[0]);
        REQUIRE(holds);
    }
    ~Holder() { end(); }

    pid_t pid() const { return pid_; }
    /// What a holder writes that has a child and is killed: the lock stays with the child.
    void write_pid(const std::filesystem::path& directory, const std::string& pid) const {
        std::ofstream(directory / "lock") << pid << '\n';
    }
    void end() {
        if (pid_ <= 0) return;
        ::close(standing_);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    /// Ends without closing the journal, as a crash would.
    [[noreturn]] static void hold(const std::filesystem::path& directory, int ready, int standing) {
        Inbox inbox;
        StillClock clock;
        CountingRandom random;
        KeptLog log;
        auto opened = open_sqlite(directory, inbox, clock, random, log);
        const char letter = opened ? 'y' : 'n';
        char end = 0;
        if (::write(ready, &letter, 1) == 1) static_cast<void>(::read(standing, &end, 1) + 0);
        ::_exit(0);
    }

    pid_t pid_ = 0;
    int standing_ = -1;
};

}  // namespace

TEST_CASE("journal: the directory is made for its owner alone", "[journal]") {
    Desk desk{Desk::Closed{}};
    const auto directory = desk.folder.path() / "a" / "b";
    auto opened = open_sqlite(directory, desk.inbox, desk.clock, desk.random, desk.log);
    REQUIRE(opened);
    CHECK(mode_of(desk.folder.path() / "a") == 0700);
    CHECK(mode_of(directory) == 0700);
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        CAPTURE(entry.path());
        CHECK(mode_of(entry.path()) == 0600);
    }
}

TEST_CASE("journal: a directory in which anyone may write is warned of", "[journal]") {
    Desk desk;
    CHECK(desk.log.count("journal_directory_open") == 0);
    std::filesystem::permissions(desk.folder.journal(), std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    desk.reopen();
    CHECK(desk.log.count("journal_directory_open") == 1);
}

TEST_CASE("journal: a second process is refused by name", "[journal]") {
    Desk desk{Desk::Closed{}};
    Holder holder(desk.folder.journal());
    const auto refused = desk.try_open();
    REQUIRE(refused);
    CHECK(refused->code == "journal_locked");
    CHECK(contains(refused->message, desk.folder.journal().string()));
    CHECK(contains(refused->message, "process " + std::to_string(holder.pid())));

    holder.end();
    CHECK_FALSE(desk.try_open());
}

TEST_CASE("journal: a lock that a dead holder's child still has is waited for", "[journal]") {
    Desk desk{Desk::Closed{}};
    const std::string gone = std::to_string([] {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(0);
        ::waitpid(child, nullptr, 0);
        return child;
    }());
    Holder holder(desk.folder.journal());
    holder.write_pid(desk.folder.journal(), gone);
    int pauses = 0;
    const auto take = [&](int end_after) {
        pauses = 0;
        return sqlite::DirectoryLock::take(desk.folder.journal(),
                                           [&] { if (++pauses == end_after) holder.end(); });
    };
    const auto refused = take(0);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "journal_locked");
    CHECK(pauses == sqlite::DirectoryLock::tries_max - 1);
    CHECK(take(3));
    CHECK(pauses == 3);
}

TEST_CASE("journal: a second opening in one process is refused until the first closes",
          "[journal]") {
    Desk desk;
    const std::string refused = open_error(desk, desk.folder.journal());
    CHECK(contains(refused, "journal_locked"));
    CHECK(contains(refused, std::to_string(::getpid())));
    desk.journal->close();
    const auto opened =
        open_sqlite(desk.folder.journal(), desk.inbox, desk.clock, desk.random, desk.log);
    CHECK(opened);
}

TEST_CASE("journal: a directory that cannot be made is unavailable", "[journal]") {
    Desk desk{Desk::Closed{}};
    const auto file = desk.folder.path() / "file";
    std::ofstream(file) << "in the way";
    CHECK(contains(open_error(desk, file), "journal_unavailable"));
    const std::string below = open_error(desk, file / "journal");
    CHECK(contains(below, "journal_unavailable"));
    CHECK(contains(below, file.string()));
}

TEST_CASE("journal: a directory whose lock cannot be written is unavailable", "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.journal() / "lock");
    const std::string error = open_error(desk, desk.folder.journal());
    CHECK(contains(error, "journal_unavailable"));
    CHECK(contains(error, (desk.folder.journal() / "lock").string()));
}

TEST_CASE("journal: a file that cannot be opened is unavailable", "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.file());
    CHECK(contains(open_error(desk, desk.folder.journal()), "journal_unavailable"));
}

TEST_CASE("journal: a file that is no database is called corrupt", "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.journal());
    std::ofstream(desk.folder.file()) << std::string(4096, 'x');
    const std::string error = open_error(desk, desk.folder.journal());
    CHECK(contains(error, "journal_corrupt"));
    CHECK(contains(error, desk.folder.file().string()));
}

TEST_CASE("journal: the database of another program is left as it is", "[journal]") {
    Desk desk{Desk::Closed{}};
    std::filesystem::create_directories(desk.folder.journal());
    run_sql(desk.folder.file(), "CREATE TABLE theirs (x)");
    const std::string error = open_error(desk, desk.folder.journal());
    CHECK(contains(error, "journal_corrupt"));
    CHECK(contains(error, "another program"));
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM sqlite_master") == 1);
    CHECK(ask_sql(desk.folder.file(), "PRAGMA application_id") == 0);
}

TEST_CASE("journal: a file that was cut short is called corrupt", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    desk.journal.reset();
    std::filesystem::resize_file(desk.folder.file(), 3 * 16384);
    CHECK(contains(open_error(desk, desk.folder.journal()), "journal_corrupt"));
}

TEST_CASE("journal: a newer schema is refused with both versions", "[journal]") {
    Desk desk;
    desk.journal.reset();
    const auto known = static_cast<int>(sqlite::migrations().size());
    REQUIRE(ask_sql(desk.folder.file(), "PRAGMA user_version") == known);
    run_sql(desk.folder.file(), "PRAGMA user_version = 4711");
    const std::string error = open_error(desk, desk.folder.journal());
    CHECK(contains(error, "journal_version"));
    CHECK(contains(error, "4711"));
    CHECK(contains(error, "up to " + std::to_string(known)));
    CHECK(ask_sql(desk.folder.file(), "PRAGMA user_version") == 4711);
}

TEST_CASE("journal: an older schema takes the steps that it lacks", "[journal]") {
    using sqlite::Migration;
    const Folder folder;
    sqlite::Database database(folder.path() / "old.sqlite");
    const std::array<Migration, 3> steps = {
        Migration{"CREATE TABLE t (a); INSERT INTO t VALUES (1);"},
        Migration{"ALTER TABLE t ADD COLUMN b; UPDATE t SET b = 2;"},
        Migration{"UPDATE t SET b = b * 10;"}};
    const std::span<const Migration> all = steps;
    REQUIRE(sqlite::migrate(database, all.first(1)));
    CHECK(database.integer_of("PRAGMA user_version") == 1);
    REQUIRE(sqlite::migrate(database, all));
    CHECK(database.integer_of("PRAGMA user_version") == 3);
    CHECK(database.integer_of("SELECT a + b FROM t") == 21);
    REQUIRE(sqlite::migrate(database, all));
    CHECK(database.integer_of("SELECT a + b FROM t") == 21);
    const auto newer = sqlite::migrate(database, all.first(2));
    REQUIRE_FALSE(newer);
    CHECK(newer.error().code == "journal_version");
}

TEST_CASE("journal: pages are large and the log is written ahead", "[journal][file]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    CHECK(std::filesystem::file_size(desk.folder.wal()) > 0);
    desk.journal->close();
    CHECK(ask_sql(desk.folder.file(), "PRAGMA page_size") == 16384);
    CHECK_FALSE(std::filesystem::exists(desk.folder.wal()));
}

TEST_CASE("journal: the token key is made once and kept", "[journal]") {
    Desk desk;
    const std::string key = desk.journal->token_key();
    CHECK(key.size() == 32);
    CHECK(key != std::string(32, key[0]));
    desk.reopen();
    CHECK(desk.journal->token_key() == key);
    Desk other;
    CHECK(other.journal->token_key() == key);  // the same injected randomness
    std::uint8_t drawn = 0;
    Desk third{Desk::Closed{}};
    third.random.fill(&drawn, 1);
    third.open();
    CHECK(third.journal->token_key() != key);
}

TEST_CASE("journal: sequences go on where they were after a reopening", "[journal]") {
    Desk desk;
    CHECK(desk.insert(seed_of("r_1"))->sequence == 1);
    CHECK(desk.insert(seed_of("r_2"))->sequence == 2);
    desk.reopen();
    CHECK(desk.insert(seed_of("r_3"))->sequence == 3);
    CHECK(ids_of(desk.list({})->runs) == std::vector<std::string>{"r_3", "r_2", "r_1"});
}

TEST_CASE("journal: what was committed before a crash is there after it", "[journal]") {
    Desk desk{Desk::Closed{}};
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        desk.open();
        RunState state = state_of(Phase::sending);
        state.open = OpenAttempt{1, 5, {"POST", "https://x.example", "", std::nullopt}};
        const bool kept = desk.insert(seed_of("r_1"), state).ok();
        ::_exit(kept ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
    desk.open();
    const auto live = desk.recover();
    REQUIRE(live.size() == 1);
    CHECK(live[0].open);
    CHECK(desk.find("r_1")->run.state.open->request.url == "https://x.example");
}

}  // namespace signalbox::journal::test
