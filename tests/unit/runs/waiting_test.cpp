#include <catch2/catch.hpp>
#include <memory>
#include <set>

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/meter.hpp"
#include "json/door.hpp"
#include "runs/runs.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"
#include "support/scripted_target.hpp"

using namespace signalbox;
using namespace signalbox::runs;
using journal::Phase;

namespace {

constexpr std::int64_t kDayMs = 86'400'000;

class KeptLog final : public LogSink {
  public:
    void write(const LogEvent& event) override { names.emplace_back(event.name); }
    std::vector<std::string> names;
};

std::string document(const std::string& identifier, const std::string& inputs) {
    return "identifier: " + identifier +
           "\ntrigger:\n  type: self-service\n  operation: CREATE\n  userInputs:\n"
           "    properties: {" +
           inputs + "}\ninvocationMethod:\n  type: WEBHOOK\n  url: https://example.test\n";
}

Offer offer_of(const std::string& text, std::optional<ApprovalRule> approval) {
    document::Problems problems;
    auto action = actions::read_text(text, "a.yaml", problems);
    REQUIRE(action);
    Offer offer;
    offer.action = std::make_shared<const actions::Action>(std::move(*action));
    offer.connection = "target";
    offer.approval = std::move(approval);
    return offer;
}

/// What a process keeps in memory, on a journal that outlives it.
struct Process {
    test::MiddleRandom random;
    KeptLog log;
    Meter meter;
    test::ScriptedTransport transport;
    dispatch::Engine engine;
    Approvals approvals;
    RunIds ids;
    Rejections rejections;
    jq::Workers workers;
    Runs runs;

    Process(const Catalog& catalog, test::ManualClock& clock, test::ManualExecutor& executor,
            test::MemoryJournal& journal, dispatch::Policy policy)
        : transport(executor),
          engine(executor, clock, random, journal, transport, log),
          approvals(executor, clock, journal, meter),
          ids(clock, random),
          rejections(journal, meter, clock),
          workers(executor, clock, log),
          runs(catalog, engine, journal, clock, ids, rejections, workers) {
        dispatch::Target target = test::plain_target("target", policy);
        policy.deadline_ms = 60'000;
        target.by_action.emplace("timed", policy);
        engine.add(std::move(target));
        runs.attach(approvals, log, "https://signalbox.test");
        const auto recovered = journal.recover([this](const journal::LiveRun& run) {
            if (run.phase == Phase::waiting_approval) return runs.take_up(run);
            engine.take_up(run);
        });
        REQUIRE(recovered);
    }
    double gauge() const {
        for (const auto& level : meter.snapshot().gauges)
            if (level.name == Gauge::runs_waiting_approval) return level.value;
        return -1;
    }
};

struct Bench {
    test::ManualClock clock;
    test::ManualExecutor executor{clock};
    test::MemoryJournal journal{executor};
    Catalog catalog;
    dispatch::Policy policy;
    std::unique_ptr<Process> process;

    Bench() {
        const std::string inputs = " name: {type: string} ";
        catalog.emplace("any", offer_of(document("any", inputs), ApprovalRule{}));
        catalog.emplace("daily", offer_of(document("daily", inputs), ApprovalRule{false, kDayMs, {}}));
        catalog.emplace("timed", offer_of(document("timed", inputs), ApprovalRule{}));
        catalog.emplace("told", offer_of(document("told", inputs), ApprovalRule{false, 0, "tell"}));
        catalog.emplace("lost", offer_of(document("lost", inputs), ApprovalRule{false, 0, "gone"}));
        catalog.emplace(
            "tell", offer_of(document("tell", " run: {type: string}, link: {type: string},"
                                              " requester: {type: string}, action: {type: string} "),
                             {}));
        restart();
    }
    void restart() {
        process.reset();
        process = std::make_unique<Process>(catalog, clock, executor, journal, policy);
        executor.settle();
    }
    Result<Invoked> invoke(const std::string& action, Idempotency idempotency = {}) {
        std::optional<Result<Invoked>> came;
        process->runs.invoke(action, *json::parse("{}"), {"portal", "API", {}, "ada@example.com"},
                             std::move(idempotency),
                             [&](Result<Invoked> invoked) { came.emplace(std::move(invoked)); });
        executor.settle();
        return *came;
    }
    std::string waiting(const std::string& action) {
        auto invoked = invoke(action);
        REQUIRE(invoked);
        CHECK(invoked->state.phase == Phase::waiting_approval);
        return invoked->seed->id;
    }
    std::string decide(const std::string& id, bool approves, const std::string& client = "lead",
                       Guard guard = {}) {
        std::string code = "none came";
        process->runs.decide_approval(
            id, {approves, "", client, ""},
            [&](auto found) { code = found ? "" : found.error().code; }, std::move(guard));
        executor.settle();
        return code;
    }
    const journal::RunState& state(const std::string& id) { return journal.run(id).state; }
    std::size_t sent() const { return process->transport.sent.size(); }
};

}  // namespace

TEST_CASE("runs: nothing of a run is sent before it is approved, and then what was approved",
          "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("any");
    bench.executor.pass(365 * kDayMs);
    CHECK(bench.sent() == 0);
    CHECK(bench.process->gauge() == 1);
    const std::string payload = bench.journal.run(id).seed.payload;
    CHECK(payload.find("\"email\":\"ada@example.com\"") != std::string::npos);
    CHECK(bench.decide(id, true) == "");
    REQUIRE(bench.sent() == 1);
    CHECK(bench.process->transport.sent[0].body == payload);
    CHECK(bench.state(id).phase == Phase::sending);
    CHECK(bench.process->gauge() == 0);
}

TEST_CASE("runs: a run sits still through a restart and goes out on approval", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("daily");
    bench.restart();
    bench.executor.pass(kDayMs - 1);
    CHECK(bench.state(id).phase == Phase::waiting_approval);
    CHECK(bench.sent() == 0);
    CHECK(bench.process->gauge() == 1);
    CHECK(bench.decide(id, true) == "");
    CHECK(bench.sent() == 1);
    bench.executor.pass(kDayMs);
    CHECK(bench.state(id).phase == Phase::sending);
}

TEST_CASE("runs: a declined run ends and nothing of it is ever sent", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("daily");
    CHECK(bench.decide(id, false) == "");
    CHECK(bench.state(id).phase == Phase::declined);
    CHECK(bench.decide(id, true, "boss") == "approval_closed");
    bench.restart();
    bench.executor.pass(2 * kDayMs);
    CHECK(bench.sent() == 0);
    CHECK(bench.process->approvals.waiting() == 0);
}

TEST_CASE("runs: at its deadline a waiting run is declined, also where it was made before a restart",
          "[approval]") {
    for (const bool restarts : {false, true}) {
        Bench bench;
        const std::string id = bench.waiting("daily");
        bench.executor.pass(kDayMs / 2);
        if (restarts) bench.restart();
        bench.executor.pass(kDayMs / 2 - 1);
        CHECK(bench.state(id).phase == Phase::waiting_approval);
        bench.executor.pass(1);
        CHECK(bench.state(id).phase == Phase::declined);
        CHECK(bench.state(id).reason.find("nobody approved it by ") == 0);
        CHECK(bench.decide(id, true) == "approval_closed");
        CHECK(bench.sent() == 0);
        CHECK(bench.process->gauge() == 0);
    }
}

TEST_CASE("runs: a deadline that passed while nothing ran is kept at the start", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("daily");
    bench.process.reset();
    bench.clock.pass(2 * kDayMs);
    bench.restart();
    CHECK(bench.state(id).phase == Phase::declined);
}

TEST_CASE("runs: a deadline that the journal refuses to write is tried again", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("daily");
    bench.journal.fail_commits = true;
    bench.executor.pass(kDayMs + 5'000);
    CHECK(bench.state(id).phase == Phase::waiting_approval);
    bench.journal.fail_commits = false;
    bench.executor.pass(1'000);
    CHECK(bench.state(id).phase == Phase::declined);
}

TEST_CASE("runs: an approved run waits for a place as any other does", "[approval]") {
    Bench bench;
    bench.policy.in_flight_max = 1;
    bench.restart();
    const std::string first = bench.waiting("any");
    const std::string second = bench.waiting("any");
    CHECK(bench.decide(first, true) == "");
    CHECK(bench.decide(second, true) == "");
    CHECK(bench.sent() == 1);
    CHECK(bench.state(second).phase == Phase::queued);
    bench.process->transport.answer(200);
    bench.executor.settle();
    CHECK(bench.sent() == 2);
}

TEST_CASE("runs: a run's own deadline counts from its approval", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("timed");
    bench.executor.pass(kDayMs);
    CHECK(bench.decide(id, true) == "");
    CHECK(bench.sent() == 1);
    CHECK(bench.state(id).deadline_ms == bench.clock.wall_ms() + 60'000);
}

TEST_CASE("runs: a waiting run can be cancelled, and is then forgotten", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("daily");
    bench.process->runs.cancel(id, [](auto found) { REQUIRE(found); });
    bench.executor.settle();
    CHECK(bench.state(id).phase == Phase::cancelled);
    CHECK(bench.process->approvals.waiting() == 0);
    CHECK(bench.executor.timers() == 0);
    CHECK(bench.decide(id, true) == "approval_closed");
}

TEST_CASE("runs: a repeat with the same key gives the run that waits", "[approval]") {
    Bench bench;
    const auto first = bench.invoke("any", {"key", std::string(32, 'd')});
    const auto again = bench.invoke("any", {"key", std::string(32, 'd')});
    REQUIRE(first);
    REQUIRE(again);
    CHECK(again->replayed);
    CHECK(again->seed->id == first->seed->id);
    CHECK(bench.process->approvals.waiting() == 1);
}

TEST_CASE("runs: a guard that refuses leaves the run as it was", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("any");
    const Guard nobody = [](const journal::Run&) { return Error{"forbidden", "no"}; };
    CHECK(bench.decide(id, true, "lead", nobody) == "forbidden");
    CHECK(bench.state(id).phase == Phase::waiting_approval);
    CHECK(bench.sent() == 0);
}

TEST_CASE("runs: an action that tells of a waiting run is invoked with what it takes",
          "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("told");
    REQUIRE(bench.sent() == 1);
    const std::string& body = bench.process->transport.sent[0].body;
    CHECK(body.find("\"run\":\"" + id + "\"") != std::string::npos);
    CHECK(body.find("\"link\":\"https://signalbox.test/runs/" + id + "\"") != std::string::npos);
    CHECK(body.find("\"requester\":\"ada@example.com\"") != std::string::npos);
    CHECK(body.find("\"action\":\"told\"") != std::string::npos);
    CHECK(bench.state(id).phase == Phase::waiting_approval);
}

TEST_CASE("runs: an approval that nobody could be told of waits all the same", "[approval]") {
    Bench bench;
    const std::string id = bench.waiting("lost");
    CHECK(bench.process->log.names == std::vector<std::string>{"approval_not_told"});
    CHECK(bench.decide(id, true) == "");
    CHECK(bench.sent() == 1);
}

TEST_CASE("runs: an invocation that nobody but its requester could approve is refused",
          "[approval]") {
    Bench bench;
    bench.process->runs.permit(std::make_shared<const Permissions>(
        std::map<std::string, NamedLists, std::less<>>{}, std::vector<std::string>{},
        std::vector<std::string>{"user:ada@example.com"}));
    const auto invoked = bench.invoke("any");
    REQUIRE_FALSE(invoked);
    CHECK(invoked.error().code == "no_approver");
    CHECK(bench.journal.runs.empty());
}

TEST_CASE("runs: as many runs wait for approval as may, and one more is refused", "[approval]") {
    Bench bench;
    for (std::size_t i = 0; i + 1 < limits::waiting_approvals_max; ++i)
        bench.process->approvals.add(static_cast<journal::Sequence>(1'000'000 + i), 0);
    CHECK(bench.invoke("any"));
    const auto refused = bench.invoke("any");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "backlog_full");
}
