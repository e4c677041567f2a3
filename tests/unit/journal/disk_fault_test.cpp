// What the journal says and keeps while the disk under it does not do what it should.
#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "fault_vfs.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

namespace fs = std::filesystem;

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::vector<std::string> ids(Desk& desk) {
    return ids_of(desk.list({})->runs);
}

/// No more descriptors than are open now.
class NoDescriptors {
  public:
    NoDescriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        rlimit limit = before_;
        limit.rlim_cur = 0;  // what is open stays open
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

  private:
    rlimit before_{};
};

/// Whether the writer's connection has to be made anew is up to the fault.
void check_refused_and_back(Fault fault, const std::string& cause) {
    FaultyDisk disk;
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_before"), state_of(Phase::queued)));
    REQUIRE(desk.find("r_before"));
    disk.set(fault);
    for (const char* id : {"r_lost_1", "r_lost_2"}) {
        const auto refused = desk.insert(seed_of(id));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "journal_unavailable");
        CAPTURE(refused.error().message);
        CHECK(contains(refused.error().message, cause));
    }
    CHECK_FALSE(desk.change("r_before", to_phase(Phase::held)));
    REQUIRE(desk.journal->trouble());
    CHECK(desk.find("r_before")->run.state.phase == Phase::queued);
    disk.set(Fault::none);
    CHECK(desk.insert(seed_of("r_after")));
    CHECK_FALSE(desk.journal->trouble());
    CHECK(desk.log.count("journal_failing") == 1);
    CHECK(desk.log.count("journal_works_again") == 1);
    desk.reopen();
    CHECK(ids(desk) == std::vector<std::string>{"r_after", "r_before"});
    CHECK(desk.find("r_before")->run.state.phase == Phase::queued);
    desk.journal.reset();
    CHECK(ask_sql(desk.folder.file(),
                  "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

}  // namespace

TEST_CASE("journal: a file system that turns read-only loses nothing and says so", "[journal]") {
    check_refused_and_back(Fault::read_only, "mounted read-only");
}

TEST_CASE("journal: a disk with no space left loses nothing and says so", "[journal]") {
    check_refused_and_back(Fault::full, "the disk is full");
}

TEST_CASE("journal: a disk that cannot sync loses nothing and says so", "[journal]") {
    check_refused_and_back(Fault::sync_fails, "check the disk");
}

TEST_CASE("journal: what was refused for a failed sync does not come back after a kill",
          "[journal]") {
    FaultyDisk disk;
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_before")));
    disk.set(Fault::sync_fails);
    REQUIRE_FALSE(desk.insert(seed_of("r_refused")));
    Desk after{Desk::Closed{}};
    // The answer may come before the writer has seen to the log; the next call comes after it.
    REQUIRE_FALSE(desk.change("r_before", to_phase(Phase::held)));
    copy_as_after_a_kill(desk, after);
    disk.set(Fault::none);
    after.open();
    CHECK(ids(after) == std::vector<std::string>{"r_before"});
    CHECK(after.find("r_before")->run.state.phase == Phase::queued);
    CHECK(after.insert(seed_of("r_next")));
}

TEST_CASE("journal: a read that fails is told and the next one works", "[journal]") {
    FaultyDisk disk;
    Desk desk;
    for (int i = 0; i < 20; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(i));
        seed.payload.assign(100'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    disk.set(Fault::read_fails);
    const auto refused = desk.find("r_3");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "journal_unavailable");
    CHECK(contains(refused.error().message, "check the disk"));
    disk.set(Fault::none);
    CHECK(desk.find("r_3"));
}

TEST_CASE("journal: out of descriptors nothing is lost and it works again once there are some",
          "[journal]") {
    FaultyDisk disk;
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_before")));
    {
        // The readers have no connection yet, and the writer loses its own.
        const NoDescriptors none;
        const auto unread = desk.find("r_before");
        REQUIRE_FALSE(unread);
        CHECK(unread.error().code == "journal_unavailable");
        disk.set(Fault::sync_fails);
        REQUIRE_FALSE(desk.insert(seed_of("r_refused_1")));
        disk.set(Fault::none);
        const auto next = desk.insert(seed_of("r_next"));
        // The log's files stay open.
        REQUIRE(static_cast<bool>(next) == (commits == CommitInto::log));
        if (!next) {
            CHECK(next.error().code == "journal_unavailable");
            CHECK(contains(next.error().message, "cannot be opened"));
        }
    }
    CHECK(desk.insert(seed_of("r_after")));
    CHECK_FALSE(desk.journal->trouble());
    std::vector<std::string> kept = {"r_after", "r_before"};
    if (commits == CommitInto::log) kept.insert(kept.begin() + 1, "r_next");
    CHECK(ids(desk) == kept);
}

TEST_CASE("journal: a file that may only be read is refused at the start by its name",
          "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    desk.journal.reset();
    fs::permissions(desk.folder.file(), fs::perms::owner_read);
    std::ofstream(desk.folder.path() / "said") << "";
    // Root may write what is read-only, so another user tries in a process of its own.
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr uid_t nobody = 65534;
        if (::geteuid() == 0) {
            for (const fs::path& path :
                 {desk.folder.path(), desk.folder.path() / "said", desk.folder.journal(),
                  desk.folder.file(), desk.folder.journal() / "lock"}) {
                if (::chown(path.c_str(), nobody, nobody) != 0) ::_exit(3);
            }
            if (::setgroups(0, nullptr) != 0 || ::setgid(nobody) != 0 || ::setuid(nobody) != 0)
                ::_exit(3);
        }
        const auto error = desk.try_open();
        std::ofstream(desk.folder.path() / "said") << (error ? error->code + error->message : "");
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    std::string said;
    std::getline(std::ifstream(desk.folder.path() / "said"), said);
    CAPTURE(said);
    CHECK(contains(said, "journal_unavailable"));
    CHECK(contains(said, desk.folder.file().string()));
    CHECK(contains(said, "Permission denied"));
}

TEST_CASE("journal: damage among the runs that wait is said at the start and skips none",
          "[journal]") {
    Desk desk;
    for (int i = 0; i < 60; ++i) {
        RunState state = state_of(Phase::queued);
        state.summary.assign(4'000, 's');
        REQUIRE(desk.insert(seed_of("r_" + std::to_string(100 + i)), state));
    }
    desk.journal.reset();
    damage_leaf(desk.folder.file(), "runs", 3);
    desk.open();
    std::size_t taken_up = 0;
    const auto recovered = desk.journal->recover([&](const LiveRun&) { ++taken_up; });
    REQUIRE_FALSE(recovered);
    CHECK(recovered.error().code == "journal_corrupt");
    CHECK(contains(recovered.error().message, "backup"));
    CHECK(taken_up < 60);
}

TEST_CASE("journal: a damaged journal makes no backup and says so", "[journal]") {
    Desk desk;
    for (int i = 0; i < 40; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(100 + i));
        seed.payload.assign(8'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    desk.journal.reset();
    damage_leaf(desk.folder.file(), "bodies", 5);
    desk.open();
    const auto made = desk.backup("b");
    REQUIRE_FALSE(made);
    CHECK(made.error().code == "journal_corrupt");
    CHECK(fs::is_empty(desk.folder.journal() / "backups"));
    CHECK(desk.insert(seed_of("r_new")));
}

TEST_CASE("journal: a disk that fills up under a backup fails the backup alone", "[journal]") {
    FaultyDisk disk;
    Desk desk;
    for (int i = 0; i < 20; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(i));
        seed.payload.assign(500'000, 'x');
        REQUIRE(desk.insert(seed));
    }
    REQUIRE(desk.find("r_1"));
    disk.set(Fault::full);
    const auto refused = desk.backup("b");
    disk.set(Fault::none);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "backup_failed");
    CHECK(contains(refused.error().message, "disk is full"));
    CHECK(fs::is_empty(desk.folder.journal() / "backups"));
    CHECK_FALSE(desk.journal->trouble());
    CHECK(desk.insert(seed_of("r_after")));
    CHECK(desk.backup("b"));
}

}  // namespace signalbox::journal::test
