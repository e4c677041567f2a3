#include "sources/reporter.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"
#include "support/scripted_target.hpp"

using namespace signalbox;
using journal::Phase;
using sources::ReportTo;
using test::ScriptedTransport;

namespace {

const char* const kToken = R"({"ok":true,"accessToken":"T1","expiresIn":10800,"tokenType":"Bearer"})";

class KeptLog final : public LogSink {
  public:
    std::vector<std::string> names;
    void write(const LogEvent& event) override { names.emplace_back(event.name); }
    long count(const std::string& name) const { return std::count(names.begin(), names.end(), name); }
};

/// A reporter with a journal in memory, a network by script, and time that stands still.
struct Desk {
    test::ManualClock clock;
    test::ManualExecutor executor{clock};
    test::MemoryJournal journal{executor};
    ScriptedTransport transport{executor};
    test::MiddleRandom random;
    KeptLog log;
    std::unique_ptr<sources::Reporter> reporter;

    Desk() { restart(); }
    void restart() {
        if (reporter) reporter->stop();
        executor.settle();
        reporter = std::make_unique<sources::Reporter>(executor, clock, random, journal, transport, log);
        reporter->use({to()});
        reporter->start();
        executor.settle();
    }
    static ReportTo to() {
        ReportTo to;
        to.source = "port";
        to.url = "https://api.port.test";
        to.client_id = "id";
        to.client_secret = "secret";
        return to;
    }

    journal::Sequence add(const std::string& id = "r_1", Phase phase = Phase::queued) {
        journal::RunSeed seed;
        seed.id = id;
        seed.origin = "port";
        seed.upstream_id = "r_Port_" + id;
        seed.upstream_reports = true;
        journal::RunState state;
        state.phase = phase;
        journal::Sequence sequence = 0;
        journal.insert(seed, state, [&](Result<journal::Inserted> done) { sequence = done->sequence; });
        executor.settle();
        reporter->changed(sequence, true);
        executor.settle();
        return sequence;
    }
    void change(journal::Sequence sequence, const std::function<void(journal::RunState&)>& how) {
        how(journal.runs[sequence].state);
        reporter->changed(sequence, false);
        executor.settle();
    }
    void line(journal::Sequence sequence, const std::string& message) {
        auto& lines = journal.log_lines[sequence];
        journal::LogLine line;
        line.number = static_cast<std::int64_t>(lines.size()) + 1;
        line.message = message;
        lines.push_back(line);
        reporter->changed(sequence, false);
        executor.settle();
    }
    /// The call that is under way: `PATCH path body`; empty: none is.
    std::string under_way() const {
        if (transport.open.empty()) return {};
        const auto& request = transport.open.begin()->second.request;
        return request.method + " " + request.url.substr(to().url.size()) + " " + request.body;
    }
    void answer(int status, std::string body = "{}", std::vector<dispatch::Header> headers = {}) {
        transport.answer(status, std::move(headers), std::move(body));
        executor.settle();
    }
    /// Answers everything, the token too, and tells what was said.
    std::vector<std::string> let_all_through() {
        std::vector<std::string> said;
        while (!transport.open.empty()) {
            const std::string call = under_way();
            if (call.find("access_token") != std::string::npos) {
                answer(200, kToken);
                continue;
            }
            said.push_back(call);
            answer(200);
        }
        return said;
    }
};

const std::string kRun = "/v1/actions/runs/r_Port_r_1";

}  // namespace

TEST_CASE("reporter: state, log lines and the end are told in this order, one call at a time",
          "[sources]") {
    Desk desk;
    const auto run = desk.add();
    CHECK(desk.under_way().empty());  // there is nothing to say of a queued run
    desk.journal.log_lines[run].push_back({1, 0, "", "first", "", ""});
    desk.journal.log_lines[run].push_back({2, 0, "", "second", "building", ""});
    desk.change(run, [](journal::RunState& state) {
        state.phase = Phase::finished;
        state.result = "SUCCESS";
        state.link = R"(["https://a","https://b"])";
        state.summary = "done";
        state.external_run_id = "7";
    });
    CHECK(desk.let_all_through() ==
          std::vector<std::string>{
              "PATCH " + kRun +
                  R"( {"link":["https://a","https://b"],"summary":"done","externalRunId":"7"})",
              "POST " + kRun + R"(/logs {"message":"first"})",
              "POST " + kRun + R"(/logs {"message":"second","statusLabel":"building"})",
              "PATCH " + kRun + R"( {"status":"SUCCESS","statusLabel":"Succeeded"})"});
    CHECK(desk.transport.most_open == 1);
    CHECK(desk.journal.upstream_runs.empty());
    CHECK(desk.reporter->pending() == 0);
}

TEST_CASE("reporter: the token is fetched once, sent with each call, and fetched anew when it expires",
          "[sources]") {
    Desk desk;
    const auto run = desk.add("r_1", Phase::accepted);
    CHECK(desk.under_way() ==
          R"(POST /v1/auth/access_token {"clientId":"id","clientSecret":"secret"})");
    desk.answer(200, kToken);
    const auto headers = desk.transport.open.begin()->second.request.headers;
    CHECK(headers.back() == dispatch::Header{"Authorization", "Bearer T1"});
    desk.answer(200);
    desk.clock.pass(10'800'000 - 60'000 - 1);
    desk.line(run, "a");
    CHECK(desk.under_way() == "POST " + kRun + R"(/logs {"message":"a"})");
    desk.answer(201);
    desk.clock.pass(1);
    desk.line(run, "b");
    CHECK(desk.under_way().find("access_token") != std::string::npos);
    desk.let_all_through();
    CHECK(desk.journal.upstream_runs.at(run).log_number == 2);
}

TEST_CASE("reporter: what fails is repeated with growing delays and nothing passes it", "[sources]") {
    Desk desk;
    const auto run = desk.add("r_1", Phase::accepted);
    desk.answer(200, kToken);
    for (const std::int64_t delay_ms : {1'000, 2'000, 4'000, 8'000}) {
        CHECK(desk.under_way().find("Accepted by the target") != std::string::npos);
        desk.answer(503);
        desk.line(run, "later");
        desk.executor.pass(delay_ms - delay_ms / 4);
        CHECK(desk.under_way().empty());
        desk.executor.pass(delay_ms / 2);
    }
    desk.transport.fail(dispatch::Failure::timeout, dispatch::Effect::unknown);
    desk.executor.settle();
    desk.executor.pass(20'000);
    CHECK(desk.under_way().find("Accepted by the target") != std::string::npos);
    // A Retry-After that is longer is kept to.
    desk.answer(429, "{}", {{"Retry-After", "120"}});
    desk.executor.pass(119'000);
    CHECK(desk.under_way().empty());
    desk.executor.pass(1'000);
    CHECK(desk.let_all_through().size() == 5);
}

TEST_CASE("reporter: a 401 drops the token, and no token is waited for with growing delays",
          "[sources]") {
    Desk desk;
    desk.add("r_1", Phase::accepted);
    desk.answer(500);
    CHECK(desk.log.count("upstream_token_failed") == 1);
    CHECK(desk.under_way().empty());
    desk.executor.pass(1'200);
    desk.answer(200, R"({"ok":true})");
    CHECK(desk.log.count("upstream_token_failed") == 2);
    desk.executor.pass(2'400);
    desk.answer(200, kToken);
    desk.answer(401);
    desk.executor.pass(1'200);
    CHECK(desk.under_way().find("access_token") != std::string::npos);
    CHECK(desk.let_all_through().size() == 1);
}

TEST_CASE("reporter: nothing is told that the journal does not hold, and nothing is forgotten over a restart",
          "[sources]") {
    Desk desk;
    const auto run = desk.add("r_1", Phase::accepted);
    desk.let_all_through();
    desk.line(run, "a");
    desk.answer(201);
    desk.line(run, "b");
    CHECK(desk.under_way().find("\"b\"") != std::string::npos);
    desk.restart();  // the answer to b is never heard
    desk.transport.open.erase(desk.transport.open.begin());
    const auto said = desk.let_all_through();
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("\"b\"") != std::string::npos);
    // While the journal cannot keep what was told, nothing more is.
    desk.line(run, "c");
    desk.journal.fail_commits = true;
    desk.line(run, "d");
    desk.answer(201);
    CHECK(desk.under_way().empty());
    desk.journal.fail_commits = false;
    desk.executor.pass(1'000);
    CHECK(desk.let_all_through().size() == 2);  // c once more, as nobody knew
}

TEST_CASE("reporter: what Port refuses is logged and dropped", "[sources]") {
    Desk desk;
    const auto run = desk.add("r_1", Phase::accepted);
    desk.answer(200, kToken);
    desk.answer(422);
    CHECK(desk.log.count("upstream_report_refused") == 1);
    desk.line(run, "a");
    desk.answer(413);
    desk.line(run, "b");
    desk.answer(201);
    desk.change(run, [](journal::RunState& state) {
        state.phase = Phase::cancelled;
        state.reason = "nobody wants it";
    });
    CHECK(desk.under_way() == "PATCH " + kRun + R"( {"summary":"nobody wants it"})");
    desk.answer(200);
    CHECK(desk.under_way() == "PATCH " + kRun + R"( {"status":"FAILURE","statusLabel":"Cancelled"})");
    desk.answer(409);
    CHECK(desk.journal.upstream_runs.empty());

    desk.add("r_2", Phase::held);
    desk.answer(404);
    CHECK(desk.journal.upstream_runs.empty());
    CHECK(desk.log.count("upstream_report_refused") == 4);
}

TEST_CASE("reporter: it gives up long after the run's end", "[sources]") {
    for (const std::int64_t over_ms : {0, 1}) {
        Desk desk;
        const auto run = desk.add();
        desk.change(run, [&](journal::RunState& state) {
            state.phase = Phase::finished;
            state.result = "FAILURE";
            state.ended_ms = desk.clock.wall_ms() - limits::upstream_keep_ms_max - over_ms;
        });
        desk.answer(200, kToken);
        desk.answer(500);
        CHECK(desk.log.count("upstream_report_given_up") == over_ms);
        CHECK(desk.journal.upstream_runs.size() == (over_ms == 0 ? 1 : 0));
    }
}

TEST_CASE("reporter: a few calls at a time, and a run that is told late is told as it stands then",
          "[sources]") {
    Desk desk;
    std::vector<journal::Sequence> runs;
    for (int i = 0; i < 20; ++i)
        runs.push_back(desk.add("r_" + std::to_string(i), Phase::accepted));
    desk.answer(200, kToken);
    CHECK(desk.transport.open.size() == limits::upstream_in_flight_max);
    for (const auto run : runs)
        desk.change(run, [](journal::RunState& state) { state.phase = Phase::confirmed; });
    const auto said = desk.let_all_through();
    CHECK(desk.transport.most_open == limits::upstream_in_flight_max);
    CHECK(std::count_if(said.begin(), said.end(), [](const std::string& call) {
              return call.find("Running") != std::string::npos;
          }) == 20);
}

TEST_CASE("reporter: other settings take over what waits, and a source that is gone lets it wait",
          "[sources]") {
    Desk desk;
    const auto run = desk.add("r_1", Phase::accepted);
    desk.answer(401);  // wrong credentials
    ReportTo mended = Desk::to();
    mended.client_secret = "right";
    desk.reporter->use({mended});
    desk.executor.settle();
    desk.executor.pass(1'200);
    CHECK(desk.under_way().find("right") != std::string::npos);
    desk.let_all_through();
    desk.reporter->use({});
    desk.line(run, "nobody is told");
    CHECK(desk.under_way().empty());
    CHECK(desk.journal.upstream_runs.size() == 1);
    desk.reporter->use({mended});
    desk.executor.settle();
    CHECK(desk.let_all_through() ==
          std::vector<std::string>{"POST " + kRun + R"(/logs {"message":"nobody is told"})"});
}
