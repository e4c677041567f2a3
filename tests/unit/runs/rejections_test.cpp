#include "runs/rejections.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "base/meter.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"

using namespace signalbox;
using namespace signalbox::runs;

namespace {

/// Keeps rejections when the test says so.
class WaitingJournal : public test::MemoryJournal {
  public:
    using MemoryJournal::MemoryJournal;
    std::vector<std::vector<journal::Rejection>> writes;

    void keep_rejections(std::vector<journal::Rejection> rejections,
                         std::function<void(Result<Done>)> done) override {
        writes.push_back(std::move(rejections));
        done_ = std::move(done);
    }
    void answer(Result<Done> outcome = Done{}) { std::exchange(done_, nullptr)(std::move(outcome)); }

  private:
    std::function<void(Result<Done>)> done_;
};

struct Desk {
    test::ManualClock clock;
    test::ManualExecutor executor{clock};
    WaitingJournal journal{executor};
    Meter meter;
    Rejections rejections{journal, meter, system_clock()};

    std::uint64_t counted(Counter counter, const std::string& outcome = {}) const {
        for (const Meter::Count& each : meter.snapshot().counters) {
            if (each.name == counter && each.labels.outcome == outcome) return each.value;
        }
        return 0;
    }
};

const Caller portal{"portal", "API", {}};

}  // namespace

TEST_CASE("rejections: what comes while one write waits goes with the next, together", "[runs]") {
    Desk desk;
    for (const char* action : {"a", "b", "c"})
        desk.rejections.refused(Error{"invalid_inputs", "no"}, portal, action);
    REQUIRE(desk.journal.writes.size() == 1);
    CHECK(desk.journal.writes[0].size() == 1);
    desk.journal.answer();
    REQUIRE(desk.journal.writes.size() == 2);
    CHECK(desk.journal.writes[1].size() == 2);
    CHECK(desk.journal.writes[1][1].action == "c");
    CHECK(desk.counted(Counter::invocations_rejected, "invalid_inputs") == 3);
}

TEST_CASE("rejections: behind a slow journal a bounded number waits and the next is counted away",
          "[runs]") {
    Desk desk;
    const auto note = [&desk] {
        desk.rejections.refused(Error{"invalid_inputs", "no"}, portal, "a");
    };
    note();  // the one that is being written
    for (std::size_t i = 0; i < limits::rejections_waiting_max; ++i)
        note();
    CHECK(desk.counted(Counter::rejections_dropped) == 0);
    note();
    CHECK(desk.counted(Counter::rejections_dropped) == 1);
    desk.journal.answer();
    CHECK(desk.journal.writes[1].size() == limits::rejections_waiting_max);
    // What the journal refuses is counted too.
    desk.journal.answer(Error{"journal_busy", "full"});
    CHECK(desk.counted(Counter::rejections_dropped) == 1 + limits::rejections_waiting_max);
}

TEST_CASE("rejections: pointers are kept, and messages that may quote what was sent are not",
          "[runs]") {
    Desk desk;
    desk.rejections.refused(Error{"invalid_inputs",
                                  "the inputs are not accepted",
                                  {{"/properties/env", "'hunter2' is none of staging, live"}}},
                            portal, "deploy");
    desk.journal.answer();
    const std::string code = GENERATE("plan_refused", "plugin_broken", "template_failed",
                                      "invalid_json");
    desk.rejections.refused(Error{code, "cannot use 'hunter2'"}, portal, "deploy");
    const std::string first = rejection_json(desk.journal.writes[0][0]);
    const std::string second = rejection_json(desk.journal.writes[1][0]);
    CHECK(first.find("\"/properties/env\"") != std::string::npos);
    CHECK(first.find("the inputs are not accepted") != std::string::npos);
    CHECK(first.find("hunter2") == std::string::npos);
    CHECK(second.find("hunter2") == std::string::npos);
    CHECK(second.find(code) != std::string::npos);
}

TEST_CASE("rejections: texts and pointers are cut at their limits, between characters", "[runs]") {
    Desk desk;
    journal::Rejection rejection;
    rejection.code = "invalid_inputs";
    rejection.action = std::string(limits::rejection_name_bytes_max - 1, 'a') + "\u00e9";
    rejection.client = std::string(limits::rejection_name_bytes_max, 'c');
    rejection.message = std::string(limits::rejection_message_bytes_max + 1, 'm');
    rejection.pointers.assign(limits::rejection_pointers_max + 1,
                              std::string(limits::rejection_pointer_bytes_max + 1, '/'));
    desk.rejections.note(rejection);
    const journal::Rejection& kept = desk.journal.writes.at(0).at(0);
    CHECK(kept.action == std::string(limits::rejection_name_bytes_max - 1, 'a'));
    CHECK(kept.client == rejection.client);
    CHECK(kept.message.size() == limits::rejection_message_bytes_max);
    CHECK(kept.pointers.size() == limits::rejection_pointers_max);
    CHECK(kept.pointers[0].size() == limits::rejection_pointer_bytes_max);
    CHECK(kept.at_ms != 0);
}

TEST_CASE("rejections: a repeat is recorded with its run and counted by itself", "[runs]") {
    Desk desk;
    desk.rejections.replayed(portal, "deploy", "r_1");
    const journal::Rejection& kept = desk.journal.writes.at(0).at(0);
    CHECK(kept.code == journal::rejection_replayed);
    CHECK(kept.run_id == "r_1");
    CHECK(desk.counted(Counter::invocations_replayed) == 1);
    CHECK(desk.counted(Counter::invocations_rejected, journal::rejection_replayed) == 0);
}
