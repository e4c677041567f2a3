// kill -9 in the middle of upkeep: what was being deleted is whole or gone, what was being copied
// is finished or not there.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <random>
#include <thread>

#include "support.hpp"

namespace signalbox::journal::test {
namespace {

constexpr int runs = 400;
constexpr int kills = 12;

/// Each with two attempts and a log line, and all but the newest of them ended.
void fill(Desk& desk) {
    for (int i = 0; i < runs; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(i));
        seed.created_ms = 1'000;
        RunState state = state_of(Phase::finished, "SUCCESS");
        state.ended_ms = 2'000;
        const Sequence sequence = desk.insert(std::move(seed), std::move(state))->sequence;
        for (int number = 1; number <= 2; ++number) {
            REQUIRE(desk.change(sequence, [number](const Run&) {
                Change change;
                change.attempt.emplace().number = number;
                change.log.emplace().message = "a line";
                return change;
            }));
        }
    }
    REQUIRE(desk.insert(seed_of("r_newest")));
}

/// Runs `work` on the journal in a process of its own, until that is killed at a random moment.
void kill_during(Desk& desk, std::mt19937& random, unsigned within_ms,
                 const std::function<void()>& work) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        desk.open();
        (void)!::write(ready[1], "x", 1);
        while (true)
            work();
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    std::this_thread::sleep_for(
        std::chrono::microseconds(random() % (within_ms * 1'000)));  // a random moment
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    ::close(ready[0]);
    ::close(ready[1]);
}

std::int64_t count(Desk& desk, const std::string& what) {
    return ask_sql(desk.folder.file(), "SELECT count(*) FROM " + what);
}

}  // namespace

TEST_CASE("journal: a kill in the middle of retention leaves each run whole or gone", "[journal]") {
    Desk desk;
    fill(desk);
    desk.journal.reset();
    std::mt19937 random(20261127);
    for (int i = 0; i < kills; ++i) {
        Sequence next = 0;
        kill_during(desk, random, 20, [&desk, &next] {
            SweepStep step;
            step.action = "deploy";
            step.after = next;
            step.ended_before_ms = 3'000;
            step.counted_out = 0;
            next = desk.sweep(step)->next;
        });
        const std::int64_t left = count(desk, "runs");
        INFO("after kill " << i << ", of " << runs << " runs " << left - 1 << " are left");
        CHECK(left >= 1);
        CHECK(count(desk, "bodies") == left);
        CHECK(count(desk, "attempts") == 2 * (left - 1));
        CHECK(count(desk, "logs") == 2 * (left - 1));
        CHECK(count(desk, "attempts WHERE key >> 20 NOT IN (SELECT sequence FROM runs)") == 0);
        CHECK(count(desk, "runs WHERE id = 'r_newest'") == 1);
    }
    desk.open();
    CHECK(desk.find("r_newest"));
}

TEST_CASE("journal: a kill in the middle of a backup leaves whole backups only and takes nothing",
          "[journal]") {
    Desk desk;
    fill(desk);
    desk.journal.reset();
    std::mt19937 random(20261127);
    int made = 0;
    for (int i = 0; i < kills; ++i) {
        int number = 0;
        kill_during(desk, random, 200, [&desk, &number, i] {
            (void)desk.backup("b" + std::to_string(i) + "." + std::to_string(number++));
        });
        for (const auto& entry :
             std::filesystem::directory_iterator(desk.folder.journal() / "backups")) {
            if (entry.path().extension() != ".sqlite") continue;
            ++made;
            CHECK(ask_sql(entry.path(), "SELECT count(*) FROM runs") == runs + 1);
            CHECK(ask_sql(entry.path(),
                          "SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1);
            std::filesystem::remove(entry.path());
        }
    }
    WARN(made << " backups were made between " << kills << " kills");
    desk.open();
    CHECK(desk.backup("last"));
    CHECK(count(desk, "runs") == runs + 1);
    CHECK(desk.find("r_newest"));
}

}  // namespace signalbox::journal::test
