// The log before the journal's file: what a kill leaves in it, and what passes from it to the file. The rest of the
// journal's tests are run with it too (tests/CMakeLists.txt).
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fault_vfs.hpp"
#include "journal/ahead/position.hpp"
#include "journal/ahead/records.hpp"
#include "journal/ahead/segments.hpp"
#include "journal/ahead/unfiled.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

fs::path log_file(const Desk& desk, int number) {
    return desk.folder.file().string() + "-log" + std::to_string(number);
}

void overwrite(const fs::path& path, std::size_t at, const std::string& bytes) {
    std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(stream.good());
}

/// The backup `b` in the place of the file, and the log that was beside that.
void put_backup_in_place(const Desk& from, const Desk& to) {
    copy_as_after_a_kill(from, to);
    fs::remove(to.folder.wal());
    fs::copy_file(from.folder.journal() / "backups" / "b.sqlite", to.folder.file(),
                  fs::copy_options::overwrite_existing);
}

/// A journal of the log alone: nothing is taken over while it is open and nobody reads.
class LogDesk : public Desk {
  public:
    LogDesk() : Desk(Desk::Closed{}) {
        into = CommitInto::log;
        open();
    }
};

}  // namespace

TEST_CASE("journal: a log's last frame that a kill has torn is left out, and those before it are not",
          "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk torn{Desk::Closed{}};
    copy_as_after_a_kill(desk, torn);
    const std::size_t last = content(log_file(torn, 0)).find("r_2");
    REQUIRE(last != std::string::npos);
    overwrite(log_file(torn, 0), last + 2, "3");
    torn.open();
    CHECK(ids_of(torn.list({})->runs) == std::vector<std::string>{"r_1"});
    CHECK(torn.insert(seed_of("r_2")));
}

TEST_CASE("journal: damage in the middle of the log is said at the start", "[journal][file]") {
    LogDesk desk;
    for (const char* id : {"r_1", "r_2", "r_3"})
        REQUIRE(desk.insert(seed_of(id)));
    Desk damaged{Desk::Closed{}};
    copy_as_after_a_kill(desk, damaged);
    overwrite(log_file(damaged, 0), content(log_file(damaged, 0)).find("r_2"), "r_4");
    for (const CommitInto into : {CommitInto::log, CommitInto::file}) {
        damaged.into = into;
        const auto refused = damaged.try_open();
        REQUIRE(refused);
        CHECK(refused->code == "journal_corrupt");
        CHECK_THAT(refused->message, Catch::Contains("-log0") && Catch::Contains("backup"));
    }
}

TEST_CASE("journal: damage in what the file has already hides nothing that it does not have", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.find("r_1"));
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk damaged{Desk::Closed{}};
    copy_as_after_a_kill(desk, damaged);
    overwrite(log_file(damaged, 0), content(log_file(damaged, 0)).find("r_1"), "r_4");
    const auto refused = damaged.try_open();
    REQUIRE(refused);
    CHECK(refused->code == "journal_corrupt");
}

TEST_CASE("journal: a log that cannot be read is said at the start", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    desk.journal.reset();
    fs::remove(log_file(desk, 0));
    fs::create_directory(log_file(desk, 0));
    const auto refused = desk.try_open();
    REQUIRE(refused);
    CHECK(refused->code == "journal_unavailable");
    CHECK_THAT(refused->message, Catch::Contains("-log0"));
}

TEST_CASE("journal: a log of which cannot be told whether it is there is not taken for none", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    desk.journal.reset();
    fs::remove(log_file(desk, 0));
    fs::create_symlink(log_file(desk, 0).filename(), log_file(desk, 0));
    desk.into = CommitInto::file;
    const auto refused = desk.try_open();
    REQUIRE(refused);
    CHECK(refused->code == "journal_unavailable");
    CHECK_THAT(refused->message, Catch::Contains("-log0"));
}

TEST_CASE("journal: the log's files are used again and again", "[journal][file]") {
    Desk desk{Desk::Closed{}, small_log()};
    desk.into = CommitInto::log;
    desk.open();
    for (int i = 0; i < 200; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(1000 + i));
        seed.payload.assign(3'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    // 600 KB of payloads went through 32 KiB each, which grow by steps.
    CHECK(fs::file_size(log_file(desk, 0)) == limits::log_growth_bytes);
    CHECK(fs::file_size(log_file(desk, 1)) == limits::log_growth_bytes);
    CHECK((fs::status(log_file(desk, 0)).permissions() & fs::perms::all) ==
          (fs::perms::owner_read | fs::perms::owner_write));
    Desk killed{Desk::Closed{}};
    copy_as_after_a_kill(desk, killed);
    killed.open();
    CHECK(killed.list({})->runs.front().seed.id == "r_1199");
    killed.journal->close();
    CHECK(ask_sql(killed.folder.file(), "SELECT count(*) FROM runs") == 200);
}

TEST_CASE("journal: opened without a log, what is in one goes into the file and the log goes", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    Desk killed{Desk::Closed{}};
    copy_as_after_a_kill(desk, killed);
    killed.into = CommitInto::file;
    killed.open();
    CHECK(killed.find("r_1"));
    CHECK_FALSE(fs::exists(log_file(killed, 0)));
    CHECK_FALSE(fs::exists(log_file(killed, 1)));
}

TEST_CASE("journal: a log is not added to a backup that is put in its file's place", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.backup("b"));
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk restored{Desk::Closed{}};
    put_backup_in_place(desk, restored);
    restored.into = CommitInto::log;
    restored.open();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_1"});
    REQUIRE(restored.insert(seed_of("r_3")));
    restored.reopen();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_3", "r_1"});
}

TEST_CASE("journal: a log that went on from a backup is not added to the same backup a second time",
          "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.backup("b"));
    Desk restored{Desk::Closed{}};
    put_backup_in_place(desk, restored);
    restored.into = CommitInto::log;
    restored.open();
    REQUIRE(restored.insert(seed_of("r_2")));
    restored.journal.reset();
    fs::copy_file(desk.folder.journal() / "backups" / "b.sqlite", restored.folder.file(),
                  fs::copy_options::overwrite_existing);
    restored.open();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_1"});
    REQUIRE(restored.insert(seed_of("r_3")));
    restored.reopen();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_3", "r_1"});
}

TEST_CASE("journal: a log that was begun after a backup is not added to it", "[journal][file]") {
    Desk desk;
    desk.reopen();
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.backup("b"));
    desk.into = CommitInto::log;
    desk.reopen();
    REQUIRE(desk.insert(seed_of("r_2")));
    Desk restored{Desk::Closed{}};
    put_backup_in_place(desk, restored);
    restored.open();
    CHECK(ids_of(restored.list({})->runs) == std::vector<std::string>{"r_1"});
}

TEST_CASE("journal: a log beside a file that it was not written for is left out", "[journal][file]") {
    LogDesk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    LogDesk other;
    other.journal.reset();
    for (const int number : {0, 1})
        fs::copy_file(log_file(desk, number), log_file(other, number), fs::copy_options::overwrite_existing);
    // The two journals' keys are drawn alike here, and would not be in life.
    run_sql(other.folder.file(), "UPDATE meta SET value = zeroblob(32) WHERE name = 'token_key'");
    other.open();
    CHECK(other.list({})->runs.empty());
}

TEST_CASE("journal: while the file cannot take over, commits go on and reads say why they cannot",
          "[journal][file]") {
    FaultyDisk disk;
    Desk desk{Desk::Closed{}, small_log()};
    desk.into = CommitInto::log;
    desk.open();
    REQUIRE(desk.insert(seed_of("r_1")));
    disk.set(Fault::file_full);
    REQUIRE(desk.insert(seed_of("r_2")));
    const auto unread = desk.find("r_1");
    REQUIRE_FALSE(unread);
    CHECK(unread.error().code == "journal_unavailable");
    REQUIRE(desk.journal->trouble());
    CHECK(desk.log.count("journal_file_failing") == 1);
    // Until there is no room in the log for what the file does not have.
    bool refused = false;
    int kept = 2;
    for (int i = 0; i < 100 && !refused; ++i) {
        RunSeed seed = seed_of("r_more_" + std::to_string(100 + i));
        seed.payload.assign(3'000, 'x');
        refused = !desk.insert(seed);
        if (!refused) ++kept;
    }
    CHECK(refused);
    CHECK(kept > 10);
    disk.set(Fault::none);
    REQUIRE(desk.insert(seed_of("r_z")));
    CHECK(desk.find("r_1"));
    CHECK_FALSE(desk.journal->trouble());
    CHECK(desk.log.count("journal_file_works_again") == 1);
    desk.reopen();
    desk.journal->close();
    CHECK(ask_sql(desk.folder.file(), "SELECT count(*) FROM runs") == kept + 1);
}

TEST_CASE("journal: a run that was changed while it was taken over is not found as it was", "[journal][file]") {
    KeptLog log;
    ahead::Unfiled unfiled({}, 1, log, [] {});
    RunState sending = state_of(Phase::sending);
    sending.open = OpenAttempt{1, 2, {"POST", "https://x.example", "", {}}};
    Changes made;
    made.insert(7, seed_of("r_7"), sending);
    unfiled.add(made, {1, 1}, 100);
    REQUIRE(unfiled.take());
    // Found now, on the log's thread, and added only once the portion is filed.
    const auto found = unfiled.find(Sequence{7});
    REQUIRE(found);
    unfiled.filed();
    Changes closed;
    Change change;
    change.state = state_of(Phase::accepted);
    closed.change(7, found->seed, found->state, change, 0, true);
    unfiled.add(closed, {2, 2}, 100);
    REQUIRE(unfiled.take());
    unfiled.filed();
    CHECK_FALSE(unfiled.find(Sequence{7}));
    CHECK_FALSE(unfiled.take_recent(7));
}

TEST_CASE("journal: what could not be taken over is asked for again, however far it came", "[journal][file]") {
    int asked = 0;
    int told = 0;
    KeptLog log;
    ahead::Unfiled unfiled({}, 1'000, log, [&asked] { ++asked; });
    Changes made;
    made.insert(7, seed_of("r_7"), state_of(Phase::queued));
    unfiled.add(made, {1, 1}, 100);
    CHECK(asked == 0);
    const auto note = [&told](const Error* failure) { told += failure != nullptr ? 100 : 1; };
    unfiled.when_filed(note);
    REQUIRE(asked == 1);
    unfiled.failed(Error{"journal_unavailable", "the connection was lost before it was asked"});
    CHECK(told == 100);
    unfiled.when_filed(note);
    REQUIRE(asked == 2);
    REQUIRE(unfiled.take());
    unfiled.filed();
    CHECK(told == 101);
    CHECK_FALSE(unfiled.trouble());
    CHECK(log.count("journal_file_failing") == 1);
    // Asked for while it was being filed, and not done before the end.
    unfiled.failed(Error{"journal_unavailable", "the journal is closed"});
    CHECK_FALSE(unfiled.trouble());
    CHECK(log.count("journal_file_failing") == 1);
}

TEST_CASE("journal: a commit as large as a frame may be is taken, and one byte more is not", "[journal][file]") {
    sqlite::Tuning tuning = small_log();
    tuning.log_frame_bytes_max = 5'000;
    Desk desk{Desk::Closed{}, tuning};
    desk.into = CommitInto::log;
    desk.open();
    RunSeed seed = seed_of("r_1");
    std::string records(ahead::frame_header_bytes, '\0');
    ahead::write_insert(records, 1, seed, {});
    seed.payload.assign(5'000 - records.size(), 'x');
    REQUIRE(desk.insert(seed));
    seed.id = "r_2";
    seed.payload += 'x';
    const auto refused = desk.insert(seed);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "journal_unavailable");
    CHECK_THAT(refused.error().message, Catch::Contains("5001 bytes") && Catch::Contains("at most 5000"));
    seed.payload.pop_back();
    CHECK(desk.insert(seed)->sequence == 2);
}

TEST_CASE("journal: what is too much for one frame goes into several, and one too large fails no other frame",
          "[journal][file]") {
    sqlite::Tuning tuning = small_log();
    tuning.log_frame_bytes_full = 2'000;
    tuning.log_frame_bytes_max = 5'000;
    Desk desk{Desk::Closed{}, tuning};
    desk.into = CommitInto::log;
    desk.open();
    int kept = 0;
    int told = 0;
    {
        Hold hold(desk);
        for (int i = 0; i < 20; ++i) {
            RunSeed seed = seed_of("r_" + std::to_string(100 + i));
            seed.payload.assign(i == 10 ? 6'000 : 900, 'x');  // one is too large for a frame of its own
            desk.journal->insert(std::move(seed), {}, [&](const Result<Inserted>& inserted) {
                ++told;
                if (inserted) ++kept;
            });
        }
        desk.inbox.run_posted();
    }
    desk.inbox.run_until([&] { return told == 20; });
    CHECK(kept > 16);
    CHECK(kept < 20);
    CHECK_FALSE(desk.journal->trouble());
    desk.reopen();
    CHECK(desk.list({})->runs.size() == std::size_t(kept + 1));  // and the one of the Hold
}

TEST_CASE("journal: records that end too early or say nonsense are refused", "[journal][file]") {
    std::string records;
    RunSeed seed = seed_of("r_1");
    seed.replay = ReplayKey{"port", std::string(32, 'a'), 5, 9};
    RunState state = state_of(Phase::sending);
    state.open = OpenAttempt{1, 2, {"POST", "https://x.example", "A: b\r\n", "body"}};
    ahead::write_insert(records, 7, seed, state);
    const std::size_t first = records.size();
    Rejection rejection;
    rejection.pointers = {"/a", "/b"};
    ahead::write_rejections(records, {rejection});
    Changes changes;
    REQUIRE(ahead::replay(records, changes));
    CHECK(changes.runs().size() == 1);
    CHECK(changes.rejections().front().pointers == rejection.pointers);
    for (std::size_t bytes = 1; bytes < records.size(); ++bytes) {
        Changes some;
        CAPTURE(bytes);
        CHECK(ahead::replay(records.substr(0, bytes), some) == (bytes == first));
    }
    Changes none;
    CHECK_FALSE(ahead::replay(std::string(1, '\x7f'), none));
}

TEST_CASE("journal: the position of a log is read as it was written, and nothing else is", "[journal][file]") {
    const ahead::Position position{12, 3'405'691'582};
    CHECK(ahead::text_of(position) == "12 3405691582");
    CHECK(ahead::read_position("12 3405691582") == position);
    CHECK(ahead::read_position("") == ahead::Position{});
    for (const char* text : {"12", "12 ", " 12 1", "12 4294967296", "12 1x", "-1 1"})
        CHECK_FALSE(ahead::read_position(text));
}

}  // namespace signalbox::journal::test
