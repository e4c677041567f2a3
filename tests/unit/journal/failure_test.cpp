#include <sqlite3.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/schema.hpp"
#include "journal/sqlite/trouble.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// No file of this process grows past `bytes`: what a full disk is like, without one.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(std::uintmax_t bytes) {
        before_handler_ = std::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, before_handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    void (*before_handler_)(int) = SIG_DFL;
};

RunSeed large_seed(const std::string& id) {
    RunSeed seed = seed_of(id);
    seed.payload.assign(300'000, 'x');
    return seed;
}

}  // namespace

TEST_CASE("journal: a disk that is full loses nothing and works again once it is not",
          "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_before"), state_of(Phase::held)));
    REQUIRE(desk.find("r_before"));
    {
        const FileSizeLimit full(std::filesystem::file_size(desk.folder.wal()) + 20'000);
        for (const char* id : {"r_lost_1", "r_lost_2"}) {
            const auto refused = desk.insert(large_seed(id));
            REQUIRE_FALSE(refused);
            CHECK(refused.error().code == "journal_unavailable");
            UNSCOPED_INFO(refused.error().message);
            CHECK(contains(refused.error().message, "file-size limit"));
            CHECK(contains(refused.error().message, desk.folder.file().string()));
        }
        REQUIRE(desk.journal->trouble());
        CHECK(desk.journal->trouble()->code == "journal_unavailable");
        CHECK(desk.find("r_before"));
        REQUIRE(desk.change("r_before", [](const Run&) { return Change{}; }));
        CHECK(desk.journal->trouble());
    }
    const auto inserted = desk.insert(large_seed("r_after"));
    REQUIRE(inserted);
    CHECK_FALSE(desk.journal->trouble());
    CHECK(desk.log.count("journal_failing") == 1);
    CHECK(desk.log.count("journal_works_again") == 1);
    desk.reopen();
    CHECK(ids_of(desk.list({})->runs) == std::vector<std::string>{"r_after", "r_before"});
    CHECK(desk.find("r_after")->run.seed.payload == large_seed("").payload);
    desk.journal->close();
    CHECK(ask_sql(desk.folder.file(),
                  "SELECT count(*) FROM pragma_integrity_check "
                  "WHERE integrity_check = 'ok'") == 1);
}

TEST_CASE("journal: a batch that fails is answered as a whole", "[journal]") {
    Desk desk;
    RunState sending = state_of(Phase::queued);
    sending.open = OpenAttempt{1, 5, {}};
    REQUIRE(desk.insert(seed_of("r_1"), sending));
    std::vector<std::string> codes;
    const auto note = [&](const auto& result) {
        codes.push_back(result ? "fine" : result.error().code);
    };
    {
        Hold hold(desk);
        const FileSizeLimit full(std::filesystem::file_size(desk.folder.wal()) + 20'000);
        desk.journal->change(Sequence{1}, to_phase(Phase::held), note);
        desk.journal->insert(large_seed("r_2"), {}, note);
        desk.journal->change("r_none", to_phase(Phase::held), note);
        hold.release();
        desk.inbox.run_until([&] { return codes.size() == 3; });
    }
    CHECK(codes == std::vector<std::string>(3, "journal_unavailable"));
    CHECK(desk.find("r_1")->run.state.phase == Phase::queued);
    const auto unchanged = desk.change(Sequence{1}, [](const Run&) { return Change{}; });
    CHECK(unchanged->state.phase == Phase::queued);
    CHECK_FALSE(desk.find("r_2"));
}

TEST_CASE("journal: a deciding function that throws fails its batch only", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), state_of(Phase::queued)));
    const auto refused =
        desk.change("r_1", [](const Run&) -> Change { throw std::runtime_error("a fault"); });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "journal_unavailable");
    CHECK(contains(refused.error().message, "a fault"));
    CHECK(desk.change("r_1", to_phase(Phase::held)));
    CHECK_FALSE(desk.journal->trouble());
}

TEST_CASE("journal: damage that is met is called corrupt by reads and by changes", "[journal]") {
    Desk desk;
    for (int i = 0; i < 40; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(100 + i));
        seed.payload.assign(8'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    desk.journal.reset();
    damage_leaf(desk.folder.file(), "bodies", 5);
    desk.open();
    std::size_t corrupt = 0;
    for (int i = 0; i < 40; ++i) {
        const auto found = desk.find("r_" + std::to_string(100 + i));
        if (found) continue;
        CHECK(found.error().code == "journal_corrupt");
        ++corrupt;
    }
    CHECK(corrupt > 0);
    CHECK(corrupt < 40);
    const auto page = desk.list({});
    REQUIRE_FALSE(page);
    CHECK(page.error().code == "journal_corrupt");
    CHECK(desk.insert(seed_of("r_new")));
}

TEST_CASE("journal: a change that meets damage is called corrupt and told as trouble",
          "[journal]") {
    Desk desk;
    for (int i = 0; i < 60; ++i) {
        RunState state;
        state.summary.assign(4'000, 's');
        REQUIRE(desk.insert(seed_of("r_" + std::to_string(100 + i)), state));
    }
    desk.journal.reset();
    damage_leaf(desk.folder.file(), "runs", 3);
    desk.open();
    bool met = false;
    for (Sequence sequence = 1; sequence <= 60; ++sequence) {
        const auto changed = desk.change(sequence, to_phase(Phase::held));
        if (changed) continue;
        met = true;
        CHECK(changed.error().code == "journal_corrupt");
        REQUIRE(desk.journal->trouble());
        CHECK(desk.journal->trouble()->code == "journal_corrupt");
    }
    CHECK(met);
    CHECK(desk.change(Sequence{60}, to_phase(Phase::queued)));
    CHECK_FALSE(desk.journal->trouble());
}

TEST_CASE("journal: failures name their cause and what to do", "[journal]") {
    const auto error = [](int code, int system_errno) {
        return sqlite::Failure(code, system_errno, "said", "/data/journal.sqlite").error();
    };
    const auto is = [&](int code, int system_errno, const char* expected_code, const char* part) {
        const Error found = error(code, system_errno);
        CAPTURE(found.message);
        CHECK(found.code == expected_code);
        CHECK(contains(found.message, part));
        CHECK(contains(found.message, "/data/journal.sqlite"));
    };
    is(SQLITE_FULL, 0, "journal_unavailable", "disk is full");
    is(SQLITE_IOERR_WRITE, ENOSPC, "journal_unavailable", "disk is full");
    is(SQLITE_IOERR_WRITE, EDQUOT, "journal_unavailable", "quota");
    is(SQLITE_IOERR_WRITE, EFBIG, "journal_unavailable", "file-size limit");
    is(SQLITE_IOERR_FSYNC, EIO, "journal_unavailable", "check the disk");
    is(SQLITE_READONLY_DBMOVED, 0, "journal_unavailable", "may not be written");
    is(SQLITE_CANTOPEN, EACCES, "journal_unavailable", "cannot be opened");
    is(SQLITE_BUSY, 0, "journal_unavailable", "locked");
    is(SQLITE_NOMEM, 0, "journal_unavailable", "memory");
    is(SQLITE_CORRUPT_INDEX, 0, "journal_corrupt", "backup");
    is(SQLITE_NOTADB, 0, "journal_corrupt", "backup");
}

TEST_CASE("journal: a page count at its maximum is reported as a full disk", "[journal]") {
    Desk desk;
    desk.journal->close();
    const auto database = sqlite::connect(desk.folder.file(), sqlite::Role::writer);
    database->execute("CREATE TABLE filler (x)");
    database->execute("PRAGMA max_page_count = " +
                      std::to_string(database->integer_of("PRAGMA page_count")));
    try {
        database->execute("INSERT INTO filler VALUES (zeroblob(100000))");
        FAIL("a full file took more");
    } catch (const sqlite::Failure& failure) {
        CHECK(failure.error().code == "journal_unavailable");
        CHECK(contains(failure.error().message, "disk is full"));
        CHECK_FALSE(failure.damages_connection());
    }
}

TEST_CASE("journal: a log that throws costs its line and nothing else", "[journal][file]") {
    class Throwing final : public LogSink {
      public:
        void write(const LogEvent&) override { throw std::runtime_error("no room for a line"); }
    } log;
    sqlite::Trouble trouble(log);
    trouble.set(Error{"journal_unavailable", "full"});
    REQUIRE(trouble.get());
    trouble.clear();
    CHECK_FALSE(trouble.get());
}

}  // namespace signalbox::journal::test
