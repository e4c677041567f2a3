#include <algorithm>
#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "journal/sqlite/readers.hpp"
#include "support.hpp"

namespace signalbox::journal::test {
namespace {

using Ids = std::vector<std::string>;

RunFilter filter_of(const std::string& action, std::vector<Phase> phases,
                    const std::string& result = "") {
    RunFilter filter;
    filter.action = action;
    filter.phases = std::move(phases);
    filter.result = result;
    return filter;
}

/// Every id that a filter finds, gathered in pages of `limit`.
Ids all_pages(Desk& desk, RunFilter filter, std::size_t limit) {
    Ids ids;
    filter.limit = limit;
    while (true) {
        const auto page = desk.list(filter);
        REQUIRE(page);
        REQUIRE(page->runs.size() <= limit);
        for (const Run& run : page->runs)
            ids.push_back(run.seed.id);
        if (page->next == 0) return ids;
        filter.before = page->next;
    }
}

void insert_many(Desk& desk, std::size_t count, Phase phase, const std::string& prefix) {
    std::size_t answered = 0;
    for (std::size_t i = 0; i < count; ++i) {
        desk.journal->insert(seed_of(prefix + std::to_string(i)), state_of(phase),
                             [&](const Result<Inserted>& inserted) {
                                 if (inserted) ++answered;
                             });
    }
    desk.inbox.run_until([&] { return answered == count; });
}

/// Stands still until it is let go.
class Blocked final : public sqlite::Reading {
  public:
    Blocked(std::shared_future<void> gate, std::promise<void>* entered)
        : gate_(std::move(gate)), entered_(entered) {}
    void answer(sqlite::Queries&) override {
        if (entered_ != nullptr) entered_->set_value();
        gate_.wait();
    }
    void fail(const Error& error) override { code = error.code; }
    void tell() override {
        if (told) told(code);
    }

    std::string code;
    std::function<void(const std::string&)> told;

  private:
    std::shared_future<void> gate_;
    std::promise<void>* entered_;
};

}  // namespace

TEST_CASE("journal: lists are filtered by action and phase and result newest first", "[journal]") {
    Desk desk;
    const auto put = [&](const char* id, const char* action, Phase phase, const char* result) {
        REQUIRE(desk.insert(seed_of(id, action), state_of(phase, result)));
    };
    put("r_1", "deploy", Phase::finished, "SUCCESS");
    put("r_2", "deploy", Phase::held, "");
    put("r_3", "scale", Phase::finished, "FAILURE");
    put("r_4", "scale", Phase::queued, "");
    put("r_5", "deploy", Phase::finished, "FAILURE");
    put("r_6", "scale", Phase::finished, "SUCCESS");
    put("r_7", "deploy", Phase::cancelled, "");
    put("r_8", "deploy", Phase::held, "");

    const auto found = [&](const RunFilter& filter) {
        const Ids whole = all_pages(desk, filter, 100);
        CHECK(all_pages(desk, filter, 1) == whole);
        CHECK(all_pages(desk, filter, 2) == whole);
        return whole;
    };
    using P = Phase;
    CHECK(found({}) == Ids{"r_8", "r_7", "r_6", "r_5", "r_4", "r_3", "r_2", "r_1"});
    CHECK(found(filter_of("deploy", {})) == Ids{"r_8", "r_7", "r_5", "r_2", "r_1"});
    CHECK(found(filter_of("none", {})) == Ids{});
    CHECK(found(filter_of("", {P::held})) == Ids{"r_8", "r_2"});
    CHECK(found(filter_of("", {P::queued, P::held, P::cancelled, P::held})) ==
          Ids{"r_8", "r_7", "r_4", "r_2"});
    CHECK(found(filter_of("scale", {P::queued, P::held})) == Ids{"r_4"});
    CHECK(found(filter_of("", {P::finished})) == Ids{"r_6", "r_5", "r_3", "r_1"});
    CHECK(found(filter_of("scale", {P::finished})) == Ids{"r_6", "r_3"});
    CHECK(found(filter_of("", {P::finished, P::held})) ==
          Ids{"r_8", "r_6", "r_5", "r_3", "r_2", "r_1"});
    CHECK(found(filter_of("", {}, "SUCCESS")) == Ids{"r_6", "r_1"});
    CHECK(found(filter_of("", {}, "FAILURE")) == Ids{"r_5", "r_3"});
    CHECK(found(filter_of("deploy", {}, "FAILURE")) == Ids{"r_5"});
    CHECK(found(filter_of("deploy", {P::finished}, "SUCCESS")) == Ids{"r_1"});
    CHECK(found(filter_of("", {P::held}, "SUCCESS")) == Ids{});
    CHECK(found(filter_of("", {P::finished, P::held}, "FAILURE")) == Ids{"r_5", "r_3"});
}

TEST_CASE("journal: a run is listed by its phase of now", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1"), state_of(Phase::queued)));
    REQUIRE(desk.change("r_1", to_phase(Phase::held)));
    CHECK(desk.list(filter_of("", {Phase::queued}))->runs.empty());
    CHECK(desk.list(filter_of("", {Phase::held}))->runs.size() == 1);
    REQUIRE(desk.change("r_1", to_phase(Phase::finished, "SUCCESS")));
    CHECK(desk.list(filter_of("", {Phase::held}))->runs.empty());
    CHECK(desk.list(filter_of("", {}, "SUCCESS"))->runs.size() == 1);
    REQUIRE(desk.change("r_1", to_phase(Phase::retrying)));
    CHECK(desk.list(filter_of("", {}, "SUCCESS"))->runs.empty());
    CHECK(desk.list(filter_of("", {Phase::retrying}))->runs.size() == 1);
}

TEST_CASE("journal: a page has at most as many rows as the limit", "[journal]") {
    Desk desk;
    insert_many(desk, limits::list_rows_max, Phase::held, "r_");
    RunFilter filter;
    filter.limit = limits::list_rows_max + 1;
    const auto exact = desk.list(filter);
    CHECK(exact->runs.size() == limits::list_rows_max);
    CHECK(exact->next == 0);

    REQUIRE(desk.insert(seed_of("r_one_more"), state_of(Phase::held)));
    const auto cut = desk.list(filter);
    CHECK(cut->runs.size() == limits::list_rows_max);
    CHECK(cut->runs.front().seed.id == "r_one_more");
    CHECK(cut->next == cut->runs.back().sequence);
    filter.before = cut->next;
    CHECK(ids_of(desk.list(filter)->runs) == Ids{"r_0"});

    filter.before = 0;
    filter.limit = 0;
    CHECK(desk.list(filter)->runs.size() == 1);
}

TEST_CASE("journal: runs are loaded in the order asked and unknown ones left out", "[journal]") {
    Desk desk;
    const auto first = desk.insert(seed_of("r_1"))->sequence;
    const auto second = desk.insert(seed_of("r_2"))->sequence;
    const auto loaded = desk.load({second, 999, first});
    REQUIRE(loaded);
    CHECK(ids_of(*loaded) == Ids{"r_2", "r_1"});
    CHECK(desk.load({})->empty());
}

TEST_CASE("journal: log lines are read in pages after a number", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    REQUIRE(desk.insert(seed_of("r_2")));
    for (int i = 1; i <= 5; ++i) {
        for (const char* id : {"r_1", "r_2"}) {
            REQUIRE(desk.change(id, [i](const Run&) {
                Change change;
                change.log = LogLine{};
                change.log->message = std::to_string(i);
                return change;
            }));
        }
    }
    const auto page = desk.logs("r_1", 2, 2);
    REQUIRE(page);
    REQUIRE(page->size() == 2);
    CHECK(page->at(0).number == 3);
    CHECK(page->at(0).message == "3");
    CHECK(page->at(1).number == 4);
    CHECK(desk.logs("r_1", 4, 100)->size() == 1);
    CHECK(desk.logs("r_1", 5, 100)->empty());
    CHECK(desk.logs("r_1", 0, 0)->size() == 1);
}

TEST_CASE("journal: a page of log lines has at most as many as the limit", "[journal]") {
    Desk desk;
    REQUIRE(desk.insert(seed_of("r_1")));
    desk.journal.reset();
    run_sql(desk.folder.file(),
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                std::to_string(limits::list_rows_max + 1) +
                ") INSERT INTO logs SELECT 1, i, 0, '', '', '', '' FROM n");
    desk.open();
    CHECK(desk.logs("r_1", 0, limits::list_rows_max)->size() == limits::list_rows_max);
    CHECK(desk.logs("r_1", 0, limits::list_rows_max + 1)->size() == limits::list_rows_max);
    CHECK(desk.logs("r_1", limits::list_rows_max, 9)->size() == 1);
}

TEST_CASE("journal: what is live is recovered in order of the numbers", "[journal]") {
    Desk desk;
    const std::vector<Phase> phases = {
        Phase::retrying, Phase::finished,  Phase::queued,      Phase::sending,
        Phase::held,     Phase::cancelled, Phase::unconfirmed, Phase::waiting_approval,
        Phase::accepted, Phase::confirmed, Phase::declined,    Phase::queued};
    for (std::size_t i = 0; i < phases.size(); ++i) {
        RunState state = state_of(phases[i]);
        state.due_ms = static_cast<std::int64_t>(i) * 10;
        if (phases[i] == Phase::sending) state.open = OpenAttempt{1, 5, {}};
        REQUIRE(desk.insert(seed_of("r_" + std::to_string(i)), state));
    }
    desk.reopen();
    const auto live = desk.recover();
    REQUIRE(live.size() == 5);
    const std::vector<std::size_t> expected = {0, 2, 3, 7, 11};
    for (std::size_t i = 0; i < live.size(); ++i) {
        CHECK(live[i].sequence == static_cast<Sequence>(expected[i]) + 1);
        CHECK(live[i].phase == phases[expected[i]]);
        CHECK(live[i].due_ms == static_cast<std::int64_t>(expected[i]) * 10);
        CHECK(live[i].connection == "contoso");
        CHECK(live[i].open == (phases[expected[i]] == Phase::sending));
    }
}

TEST_CASE("journal: more live runs than a page holds are all recovered", "[journal]") {
    Desk desk;
    insert_many(desk, limits::list_rows_max, Phase::queued, "r_a");
    CHECK(desk.recover().size() == limits::list_rows_max);
    insert_many(desk, limits::list_rows_max + 1, Phase::retrying, "r_b");
    insert_many(desk, 3, Phase::queued, "r_c");
    const auto live = desk.recover();
    REQUIRE(live.size() == 2 * limits::list_rows_max + 4);
    for (std::size_t i = 0; i < live.size(); ++i) {
        REQUIRE(live[i].sequence == static_cast<Sequence>(i) + 1);
    }
}

TEST_CASE("journal: one read past the limit is refused as busy", "[journal]") {
    Desk desk;
    Inbox inbox;
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future().share();
    std::promise<void> entered[2];
    std::vector<std::string> codes;
    sqlite::Readers readers(desk.folder.file(), inbox);
    const auto submit = [&](std::promise<void>* enters) {
        auto reading = std::make_unique<Blocked>(opened, enters);
        reading->told = [&](const std::string& code) { codes.push_back(code); };
        readers.submit(std::move(reading));
    };
    submit(&entered[0]);
    submit(&entered[1]);
    for (auto& reader : entered)
        reader.get_future().wait();
    for (std::size_t i = 0; i < limits::journal_reads_max; ++i)
        submit(nullptr);
    submit(nullptr);
    inbox.run_until([&] { return !codes.empty(); });
    CHECK(codes == Ids{"journal_busy"});
    gate.set_value();
    inbox.run_until([&] { return codes.size() == limits::journal_reads_max + 3; });
    CHECK(std::count(codes.begin(), codes.end(), "") ==
          static_cast<std::ptrdiff_t>(limits::journal_reads_max) + 2);
}

TEST_CASE("journal: lists are filtered by connection and by when a run was created",
          "[journal]") {
    Desk desk;
    for (int i = 1; i <= 4; ++i) {
        RunSeed seed = seed_of("r_" + std::to_string(i), i == 4 ? "rollback" : "deploy");
        seed.connection = i % 2 == 0 ? "even" : "odd";
        seed.created_ms = i * 100;
        REQUIRE(desk.insert(seed, state_of(Phase::held)));
    }
    const auto ids = [&](const RunFilter& filter) { return ids_of(desk.list(filter)->runs); };
    using Ids = std::vector<std::string>;
    // Each lane that a list is gathered from: newest, of an action, of a phase.
    for (int lane = 0; lane < 3; ++lane) {
        CAPTURE(lane);
        RunFilter filter;
        if (lane == 1) filter.action = "deploy";
        if (lane == 2) filter.phases = {Phase::held};
        RunFilter connection = filter;
        connection.connection = "odd";
        CHECK(ids(connection) == Ids{"r_3", "r_1"});
        RunFilter from = filter;
        from.created_from_ms = 200;
        from.created_before_ms = 400;
        CHECK(ids(from) == Ids{"r_3", "r_2"});
        from.created_from_ms = 201;
        CHECK(ids(from) == Ids{"r_3"});
        from.created_from_ms = 0;
        from.created_before_ms = 100;
        CHECK(ids(from).empty());
    }
}

}  // namespace signalbox::journal::test
