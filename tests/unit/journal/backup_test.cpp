#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <thread>

#include "base/limits.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

namespace fs = std::filesystem;

fs::path backups(const Desk& desk) {
    return desk.folder.journal() / "backups";
}

/// Puts a backup in the place of another desk's journal, as a person would.
void restore(const Desk& from, const std::string& name, const Desk& to) {
    fs::create_directories(to.folder.journal());
    fs::copy_file(backups(from) / (name + ".sqlite"), to.folder.file());
}

RunSeed large_seed(const std::string& id) {
    RunSeed seed = seed_of(id);
    seed.payload.assign(100'000, 'x');
    return seed;
}

}  // namespace

TEST_CASE("journal: a backup has every run with its attempts and lines and nothing of it is lost",
          "[journal]") {
    Desk desk;
    for (int i = 0; i < 40; ++i)
        REQUIRE(desk.insert(large_seed("r_" + std::to_string(i)),
                            state_of(Phase::finished, "SUCCESS")));
    REQUIRE(desk.change("r_7", [](const Run&) {
        Change change;
        change.attempt = Attempt{};
        change.attempt->number = 1;
        change.log = LogLine{};
        change.log->message = "a line";
        return change;
    }));
    const auto made = desk.backup("nightly-1");
    REQUIRE(made);
    CHECK(made->file == (backups(desk) / "nightly-1.sqlite").string());
    CHECK(made->bytes == static_cast<std::int64_t>(fs::file_size(made->file)));
    CHECK((fs::status(made->file).permissions() & fs::perms(0077)) == fs::perms::none);
    CHECK((fs::status(backups(desk)).permissions() & fs::perms(0077)) == fs::perms::none);
    CHECK(std::distance(fs::directory_iterator(backups(desk)), {}) == 1);

    Desk other{Desk::Closed{}};
    restore(desk, "nightly-1", other);
    other.open();
    CHECK(ids_of(other.list({})->runs) == ids_of(desk.list({})->runs));
    const auto found = other.find("r_7");
    REQUIRE(found);
    CHECK(found->attempts.size() == 1);
    CHECK(found->run.seed.payload == large_seed("").payload);
    CHECK(other.logs("r_7")->size() == 1);
    CHECK(other.journal->token_key() == desk.journal->token_key());
    CHECK(other.log.count("journal_restored") == 1);
    other.reopen();
    CHECK(other.log.count("journal_restored") == 1);
}

TEST_CASE("journal: what is committed while a backup is made goes into it", "[journal]") {
    Desk desk;
    for (int i = 0; i < 60; ++i)
        REQUIRE(desk.insert(large_seed("r_" + std::to_string(i)), state_of(Phase::held)));
    bool made = false;
    std::size_t changed = 0;
    std::size_t before_the_end = 0;
    desk.journal->backup("under-load", [&](Result<Backup> result) {
        CHECK(result);
        made = true;
        before_the_end = changed;
    });
    // Rows at the front are changed again and again, after their pages were copied.
    std::function<void()> change_another = [&] {
        desk.journal->change(
            Sequence{static_cast<Sequence>(changed % 60 + 1)},
            [n = changed](const Run& run) {
                Change change;
                change.state = run.state;
                change.state->summary = "change " + std::to_string(n);
                return change;
            },
            [&](Result<Run> run) {
                REQUIRE(run);
                ++changed;
                if (!made) change_another();
            });
    };
    change_another();
    desk.inbox.run_until([&] { return made; });
    CHECK(before_the_end > 0);
    desk.journal->close();
    const fs::path copy = backups(desk) / "under-load.sqlite";
    CHECK(ask_sql(copy, "SELECT count(*) FROM runs") == 60);
    CHECK(ask_sql(copy,
                  "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
    CHECK(ask_sql(copy, "SELECT count(*) FROM runs WHERE summary LIKE 'change %'") > 0);
}

TEST_CASE("journal: a restored journal holds what waited and sends nothing by itself",
          "[journal]") {
    Desk desk;
    RunState sending = state_of(Phase::sending);
    sending.attempts = 2;
    sending.open = OpenAttempt{2, 1'699'999'999'000, {"POST", "https://x.example", "A: b\r\n", {}}};
    REQUIRE(desk.insert(seed_of("r_queued"), state_of(Phase::queued)));
    REQUIRE(desk.insert(seed_of("r_retrying"), state_of(Phase::retrying)));
    REQUIRE(desk.insert(seed_of("r_sending"), sending));
    REQUIRE(desk.insert(seed_of("r_accepted"), state_of(Phase::accepted)));
    REQUIRE(desk.insert(seed_of("r_approval"), state_of(Phase::waiting_approval)));
    REQUIRE(desk.backup("b"));

    Desk other{Desk::Closed{}};
    restore(desk, "b", other);
    other.open();
    for (const char* id : {"r_queued", "r_retrying", "r_sending"}) {
        const auto found = other.find(id);
        REQUIRE(found);
        CHECK(found->run.state.phase == Phase::held);
        CHECK(found->run.state.effect_possible);
        CHECK(found->run.state.reason.find("restored from a backup of 2023-11-14T22:13:20.000Z") !=
              std::string::npos);
        CHECK_FALSE(found->run.state.open);
    }
    const auto interrupted = other.find("r_sending");
    REQUIRE(interrupted->attempts.size() == 1);
    CHECK(interrupted->attempts[0].number == 2);
    CHECK(interrupted->attempts[0].outcome == "effect_unknown");
    CHECK(interrupted->attempts[0].request.url == "https://x.example");
    CHECK(interrupted->attempts[0].phases.dns == -1);
    CHECK(other.find("r_accepted")->run.state.phase == Phase::accepted);
    CHECK(other.find("r_approval")->run.state.phase == Phase::waiting_approval);
    CHECK(other.find("r_approval")->run.state.reason.find("Look at the target before you approve") !=
          std::string::npos);
    REQUIRE(other.recover().size() == 1);
    CHECK(other.recover()[0].phase == Phase::waiting_approval);
    // Held once, and not again at the next start.
    REQUIRE(other.change("r_queued", to_phase(Phase::queued)));
    other.reopen();
    CHECK(other.find("r_queued")->run.state.phase == Phase::queued);
}

TEST_CASE("journal: the journal that a backup is made of goes on unmarked", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_queued"), state_of(Phase::queued)));
    REQUIRE(desk.backup("b"));
    desk.reopen();
    CHECK(desk.find("r_queued")->run.state.phase == Phase::queued);
    CHECK(desk.log.count("journal_restored") == 0);
}

TEST_CASE("journal: a backup's name has its limits and no way out of the folder", "[journal]") {
    Desk desk;
    const std::string longest(limits::backup_name_bytes_max, 'n');
    CHECK(desk.backup(longest));
    for (const std::string& name :
         {longest + "n", std::string(), std::string("../x"), std::string("a/b"),
          std::string(".hidden"), std::string("a b"), std::string("-rf"), std::string("a\0b", 3)}) {
        const auto refused = desk.backup(name);
        CAPTURE(name);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "invalid_backup_name");
    }
}

TEST_CASE("journal: a backup never takes the place of another and one is made at a time",
          "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.backup("b"));
    CHECK(desk.backup("b").error().code == "backup_exists");
    std::vector<std::string> codes;
    const auto note = [&](Result<Backup> made) {
        codes.push_back(made ? "fine" : made.error().code);
    };
    desk.journal->backup("c", note);
    desk.journal->backup("d", note);
    desk.inbox.run_until([&] { return codes.size() == 2; });
    CHECK(codes == std::vector<std::string>{"backup_running", "fine"});
    CHECK(desk.backup("d"));
}

TEST_CASE("journal: what a crash left of a backup is not in the way of the next", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    fs::create_directory(backups(desk));
    std::ofstream(backups(desk) / "b.partial") << "half a file";
    REQUIRE(desk.backup("b"));
    CHECK_FALSE(fs::exists(backups(desk) / "b.partial"));
}

TEST_CASE("journal: a backup whose journal is closed before it is sealed leaves nothing", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(large_seed("r_1"), state_of(Phase::held)));
    std::optional<Result<Backup>> made;
    desk.journal->backup("b", [&](Result<Backup> result) { made = std::move(result); });
    // Until the copy is being made; what came after that is not run, or the copy would be sealed.
    for (;;) {
        const std::size_t end = desk.inbox.tasks() + desk.inbox.waiting();
        std::error_code missing;
        const auto bytes = fs::file_size(backups(desk) / "b.partial", missing);
        if (!missing && bytes != 0) break;
        desk.inbox.run_until([&] { return desk.inbox.tasks() >= end; });
        std::this_thread::yield();
    }
    desk.journal->close();  // waits for the copy, and lets nobody read any more
    desk.inbox.run_until([&] { return made.has_value(); });
    REQUIRE_FALSE(*made);
    CHECK(fs::is_empty(backups(desk)));
}

TEST_CASE("journal: a backup that cannot be written fails alone and leaves nothing", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    std::ofstream(backups(desk)) << "a file where the folder would be";
    const auto refused = desk.backup("b");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "backup_failed");
    CHECK(desk.insert(seed_of("r_2")));
    CHECK_FALSE(desk.journal->trouble());
    fs::remove(backups(desk));
    CHECK(desk.backup("b"));
}

}  // namespace signalbox::journal::test
