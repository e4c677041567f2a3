#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <thread>

#include "base/limits.hpp"
#include "journal/sqlite/sweeper.hpp"
#include "journal/sqlite/write_queue.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

Decide nothing() {
    return [](const Run&) { return Change{}; };
}

/// Counts answers, and how many tasks the inbox had run when each came.
struct Answers {
    std::vector<std::size_t> task_of;
    ChangeDone count(Inbox& inbox) {
        return [this, &inbox](const Result<Run>&) { task_of.push_back(inbox.tasks()); };
    }
};

}  // namespace

TEST_CASE("journal: operations of one batch are answered in order by one task", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    std::vector<int> order;
    std::vector<std::size_t> tasks;
    Hold hold(desk);
    const auto note = [&](int number) {
        order.push_back(number);
        tasks.push_back(desk.inbox.tasks());
    };
    desk.journal->insert(seed_of("r_2"), {}, [&](const auto&) { note(0); });
    desk.journal->change("r_1", nothing(), [&](const auto&) { note(1); });
    desk.journal->change("r_none", nothing(), [&](const auto&) { note(2); });
    desk.journal->insert(seed_of("r_1"), {}, [&](const auto&) { note(3); });
    desk.journal->change(Sequence{1}, nothing(), [&](const auto&) { note(4); });
    hold.release();
    desk.inbox.run_until([&] { return order.size() == 5; });
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
    CHECK(std::vector<std::size_t>(5, tasks[0]) == tasks);
}

TEST_CASE("journal: what is submitted before the executor runs again shares a commit", "[journal]") {
    constexpr std::size_t count = 200;
    Desk desk;
    std::vector<std::size_t> tasks;
    for (std::size_t i = 0; i < count; ++i) {
        desk.journal->insert(seed_of("r_" + std::to_string(i)), {},
                             [&](const auto&) { tasks.push_back(desk.inbox.tasks()); });
    }
    desk.inbox.run_until([&] { return tasks.size() == count; });
    // One task put them on offer, one told what came of them.
    CHECK(tasks == std::vector<std::size_t>(count, 2));
}

TEST_CASE("journal: with upkeep waiting the writer is not shown an empty batch", "[journal]") {
    for (int round = 0; round < 100; ++round) {
        Inbox inbox;
        const auto queue = std::make_shared<sqlite::WriteQueue>(inbox);
        queue->submit(std::make_unique<sqlite::Rejecting>(std::vector<Rejection>{}, nullptr));
        queue->submit(std::make_unique<sqlite::Sweeping>(SweepStep{}, nullptr));
        sqlite::WriteQueue::Batch batch;
        std::promise<void> asking;
        std::thread writer([&] {
            asking.set_value();
            queue->take(batch);
        });
        asking.get_future().wait();
        inbox.run_posted();  // puts it on offer
        writer.join();
        REQUIRE(batch.size() == 1);
        REQUIRE(queue->take_chore(0));
    }
}

TEST_CASE("journal: operations of one batch see what those before them did", "[journal]") {
    Desk desk;
    std::vector<std::string> seen;
    const auto append = [&](const std::string& letter) {
        return [&seen, letter](const Run& run) {
            seen.push_back(run.state.summary);
            Change change;
            change.state = run.state;
            change.state->summary += letter;
            change.log = LogLine{};
            change.log->message = letter;
            return change;
        };
    };
    std::optional<Result<Run>> last;
    Hold hold(desk);
    desk.journal->insert(seed_of("r_1"), {}, nullptr);
    desk.journal->change("r_1", append("a"), nullptr);
    desk.journal->change("r_1", append("b"), nullptr);
    desk.journal->change("r_1", append("c"), [&](Result<Run> run) { last = std::move(run); });
    hold.release();
    desk.inbox.run_until([&] { return last.has_value(); });
    CHECK(seen == std::vector<std::string>{"", "a", "ab"});
    REQUIRE(*last);
    CHECK((*last)->state.summary == "abc");
    const auto lines = desk.logs("r_1");
    REQUIRE(lines);
    REQUIRE(lines->size() == 3);
    CHECK(lines->at(2).number == 3);
    CHECK(lines->at(2).message == "c");
}

TEST_CASE("journal: a decision to do nothing writes nothing", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), state_of(Phase::held)));
    const auto before = desk.journal->trouble();
    const auto changed = desk.change("r_1", nothing());
    REQUIRE(changed);
    CHECK(changed->state.phase == Phase::held);
    CHECK(desk.find("r_1")->run.state.phase == Phase::held);
    CHECK(desk.find("r_1")->attempts.empty());
    CHECK(desk.logs("r_1")->empty());
    CHECK_FALSE(before);
}

TEST_CASE("journal: an unknown run is not found by number nor by id", "[journal]") {
    Desk desk;
    bool decided = false;
    const auto decide = [&](const Run&) {
        decided = true;
        return Change{};
    };
    const auto by_number = desk.change(Sequence{4711}, decide);
    REQUIRE_FALSE(by_number);
    CHECK(by_number.error().code == "run_not_found");
    CHECK(by_number.error().message.find("4711") != std::string::npos);
    const auto by_id = desk.change("r_nowhere", decide);
    REQUIRE_FALSE(by_id);
    CHECK(by_id.error().code == "run_not_found");
    CHECK(by_id.error().message.find("r_nowhere") != std::string::npos);
    CHECK_FALSE(decided);
    CHECK(desk.find("r_nowhere").error().code == "run_not_found");
    CHECK(desk.logs("r_nowhere").error().code == "run_not_found");
    CHECK_FALSE(desk.journal->trouble());
}

TEST_CASE("journal: a run id that is taken is refused and the first run stays", "[journal]") {
    Desk desk;
    const auto first = desk.insert(seed_of("r_1"), state_of(Phase::held));
    const auto second = desk.insert(seed_of("r_1", "other"), state_of(Phase::queued));
    REQUIRE_FALSE(second);
    CHECK(second.error().code == "run_exists");
    const auto found = desk.find("r_1");
    CHECK(found->run.seed.action == "deploy");
    CHECK(found->run.state.phase == Phase::held);
    const auto third = desk.insert(seed_of("r_2"));
    REQUIRE(third);
    CHECK(third->sequence == first->sequence + 1);
}

TEST_CASE("journal: a batch takes as many operations as the limit and no more", "[journal]") {
    Desk desk;
    Answers answers;
    const std::size_t count = limits::journal_batch_max + 1;
    Hold hold(desk);
    for (std::size_t i = 0; i < count; ++i) {
        desk.journal->change(Sequence{1}, nothing(), answers.count(desk.inbox));
    }
    hold.release();
    desk.inbox.run_until([&] { return answers.task_of.size() == count; });
    CHECK(answers.task_of.front() == answers.task_of[limits::journal_batch_max - 1]);
    CHECK(answers.task_of.back() == answers.task_of.front() + 1);
}

TEST_CASE("journal: a batch ends once it has as many bytes as the limit", "[journal]") {
    const bool at_limit = GENERATE(true, false);
    Desk desk;
    std::vector<std::size_t> tasks;
    const auto note = [&](const Result<Inserted>& inserted) {
        CHECK(inserted.ok());
        tasks.push_back(desk.inbox.tasks());
    };
    RunSeed large = seed_of("r_1");
    large.payload.assign(limits::journal_batch_bytes_max - (at_limit ? 0 : 1), 'x');
    Hold hold(desk);
    desk.journal->insert(std::move(large), {}, note);
    desk.journal->insert(seed_of("r_2"), {}, note);
    hold.release();
    desk.inbox.run_until([&] { return tasks.size() == 2; });
    CHECK(tasks[1] - tasks[0] == (at_limit ? 1U : 0U));
}

TEST_CASE("journal: one operation past the queue's limit is refused as busy", "[journal]") {
    Desk desk;
    std::size_t fine = 0;
    std::vector<Error> refused;
    const auto count = [&](const Result<Run>& run) {
        if (run) {
            ++fine;
        } else {
            refused.push_back(run.error());
        }
    };
    Hold hold(desk);
    for (std::size_t i = 0; i < limits::journal_queue_max + 1; ++i) {
        desk.journal->change(Sequence{1}, nothing(), count);
    }
    desk.inbox.run_until([&] { return !refused.empty(); });
    CHECK(fine == 0);
    CHECK(refused[0].code == "journal_busy");
    CHECK(refused[0].message.find(std::to_string(limits::journal_queue_max)) != std::string::npos);
    hold.release();
    desk.inbox.run_until([&] { return fine == limits::journal_queue_max; });
    CHECK(refused.size() == 1);
}

TEST_CASE("journal: what waits to be written is bounded in bytes and a close still gets in",
          "[journal]") {
    Desk desk;
    std::size_t inserted = 0;
    std::size_t closed = 0;
    std::vector<Error> refused;
    constexpr std::size_t part = limits::journal_queue_bytes_max / 16;
    Hold hold(desk);
    for (int i = 0; i < 17; ++i) {
        RunSeed large = seed_of("r_" + std::to_string(i));
        large.payload.assign(part, 'x');
        desk.journal->insert(std::move(large), {}, [&](const Result<Inserted>& done) {
            if (done) {
                ++inserted;
            } else {
                refused.push_back(done.error());
            }
        });
    }
    desk.journal->change(Sequence{1}, nothing(), [&](const Result<Run>& run) {
        if (run) ++closed;
    });
    desk.inbox.run_until([&] { return !refused.empty(); });
    CHECK(inserted == 0);
    CHECK(refused[0].code == "journal_busy");
    CHECK(refused[0].message.find(std::to_string(limits::journal_queue_bytes_max)) !=
          std::string::npos);
    hold.release();
    desk.inbox.run_until([&] { return closed == 1; });
    CHECK(inserted == 16);
    CHECK(refused.size() == 1);
    CHECK(desk.insert(seed_of("r_after")));
}

TEST_CASE("journal: a log takes as many lines as the limit and no more", "[journal]") {
    Desk desk;
    const auto inserted = desk.insert(seed_of("r_1"), state_of(Phase::confirmed));
    desk.journal.reset();
    run_sql(desk.folder.file(), "INSERT INTO logs VALUES (" + std::to_string(inserted->sequence) +
                                    ", " + std::to_string(limits::run_log_lines_max - 1) +
                                    ", 0, '', 'seeded', '', '')");
    desk.open();
    const auto append = [](const Run& run) {
        Change change;
        change.state = run.state;
        change.state->summary += "+";
        change.log = LogLine{};
        return change;
    };
    REQUIRE(desk.change("r_1", append));
    const auto refused = desk.change("r_1", append);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "run_log_full");
    CHECK(desk.find("r_1")->run.state.summary == "+");
    const auto lines = desk.logs("r_1");
    REQUIRE(lines->size() == 2);
    CHECK(lines->back().number == static_cast<std::int64_t>(limits::run_log_lines_max));
}

TEST_CASE("journal: attempt numbers reach to their limit and not past it", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    const auto put = [&](std::int32_t number) {
        return desk.change("r_1", [number](const Run& run) {
            Change change;
            change.state = run.state;
            change.state->attempts = number;
            change.attempt = Attempt{};
            change.attempt->number = number;
            return change;
        });
    };
    constexpr std::int32_t max = (1 << 20) - 1;
    REQUIRE(put(1));
    REQUIRE(put(max));
    for (const std::int32_t number : {0, max + 1}) {
        const auto refused = put(number);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "run_attempts_full");
    }
    const auto found = desk.find("r_1");
    CHECK(found->run.state.attempts == max);
    REQUIRE(found->attempts.size() == 2);
    CHECK(found->attempts.back().number == max);
}

TEST_CASE("journal: an attempt that is kept again takes the place of the first", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    for (const char* outcome : {"reported", "accepted"}) {
        REQUIRE(desk.change("r_1", [outcome](const Run&) {
            Change change;
            change.attempt = Attempt{};
            change.attempt->number = 1;
            change.attempt->outcome = outcome;
            return change;
        }));
    }
    const auto found = desk.find("r_1");
    REQUIRE(found->attempts.size() == 1);
    CHECK(found->attempts[0].outcome == "accepted");
}

TEST_CASE("journal: a run with an open attempt is the same by its number and its id", "[journal]") {
    Desk desk;
    RunState state = state_of(Phase::sending);
    state.open = OpenAttempt{1, 5, {"POST", "https://x.example", "A: b", std::string("body")}};
    state.reason = "first";
    RunSeed seed = seed_of("r_1");
    seed.payload = "payload";
    const auto sequence = desk.insert(seed, state)->sequence;
    const auto say = [](const std::string& reason) {
        return [reason](const Run& run) {
            CHECK(run.seed.payload.empty());
            CHECK(run.seed.id == "r_1");
            CHECK(run.state.open->request.body == "body");
            Change change;
            change.state = run.state;
            change.state->reason += " " + reason;
            return change;
        };
    };
    REQUIRE(desk.change(sequence, say("second")));
    REQUIRE(desk.change("r_1", say("third")));
    CHECK(desk.change(sequence, say("fourth"))->state.reason == "first second third fourth");
    const auto closed = desk.change("r_1", [](const Run& run) {
        Change change;
        change.state = run.state;
        change.state->open.reset();
        return change;
    });
    REQUIRE(closed);
    const auto after = desk.change(sequence, nothing());
    CHECK_FALSE(after->state.open);
    CHECK(after->state.reason == "first second third fourth");
    CHECK(desk.find("r_1")->run.seed.payload == "payload");
}

TEST_CASE("journal: runs far apart in number are not taken for one another", "[journal]") {
    Desk desk;
    RunState state = state_of(Phase::sending);
    state.open = OpenAttempt{1, 5, {}};
    std::size_t inserted = 0;
    for (int i = 0; i < 3'000; ++i) {
        desk.journal->insert(seed_of("r_" + std::to_string(i)), state,
                             [&](const auto& result) { inserted += result.ok() ? 1 : 0; });
    }
    desk.inbox.run_until([&] { return inserted == 3'000; });
    for (const Sequence sequence : {1, 1'025, 2'049, 3'000, 1'976, 952}) {
        const auto run = desk.change(sequence, nothing());
        REQUIRE(run);
        CHECK(run->sequence == sequence);
        CHECK(run->seed.id == "r_" + std::to_string(sequence - 1));
    }
}

}  // namespace signalbox::journal::test
