#include "runs/many.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "json/door.hpp"
#include "runs/report.hpp"

using namespace signalbox;
using namespace signalbox::runs;
using journal::Phase;
using journal::Run;

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

ManyRequest parsed(const std::string& text, Hand hand = Hand::redeliver) {
    auto request = parse_many(*json::parse(text), hand);
    INFO(text << (request ? "" : request.error().message));
    REQUIRE(request);
    return *request;
}

Error refusal(const std::string& text) {
    auto request = parse_many(*json::parse(text), Hand::redeliver);
    CAPTURE(text);
    REQUIRE_FALSE(request);
    CHECK(request.error().code == "invalid_body");
    return request.error();
}

Run run_in(Phase phase, const std::string& id = "r_1") {
    Run run;
    run.sequence = 1;
    run.seed.id = id;
    run.seed.action = "deploy";
    run.state.phase = phase;
    return run;
}

}  // namespace

TEST_CASE("runs: a filter of many runs is read with all its members", "[runs]") {
    const ManyRequest request = parsed(
        R"({"action":"deploy","connection":"contoso","phase":"held","limit":7,"cursor":"41",
            "createdFrom":"2026-11-23","createdBefore":"2026-11-23T20:46:33.123Z","dryRun":true})");
    CHECK(request.filter.action == "deploy");
    CHECK(request.filter.connection == "contoso");
    CHECK(request.filter.phases == std::vector<Phase>{Phase::held});
    CHECK(request.filter.limit == 7);
    CHECK(request.filter.before == 41);
    CHECK(request.filter.created_from_ms == 1'795'392'000'000);
    CHECK(request.filter.created_before_ms == 1'795'466'793'123);
    CHECK(request.dry_run);
}

TEST_CASE("runs: a filter without a phase finds what waits for that hand", "[runs]") {
    CHECK(parsed(R"({"action":"a"})", Hand::redeliver).filter.phases ==
          std::vector<Phase>{Phase::unconfirmed, Phase::held});
    CHECK(parsed(R"({"action":"a"})", Hand::cancel).filter.phases ==
          std::vector<Phase>{Phase::waiting_approval, Phase::queued, Phase::retrying, Phase::held});
    const auto failures = parsed(R"({"status":"FAILURE"})").filter;
    CHECK(failures.phases == std::vector<Phase>{Phase::finished});
    CHECK(failures.result == "FAILURE");
    CHECK_FALSE(parsed(R"({"action":"a"})").dry_run);
    CHECK(parsed(R"({"action":"a"})").filter.limit == limits::hands_runs_default);
}

TEST_CASE("runs: a filter that chooses nothing is refused and so is what it does not know",
          "[runs]") {
    refusal("{}");
    refusal(R"({"dryRun":true,"limit":5})");
    refusal(R"({"action":""})");
    refusal(R"({"action":null})");
    refusal("[]");
    refusal(R"({"phase":"held","status":"FAILURE"})");
    for (const char* bad : {R"({"phase":"sent"})", R"({"phase":["held"]})", R"({"status":"DONE"})",
                            R"({"createdFrom":"yesterday"})", R"({"createdFrom":1700000000000})",
                            R"({"action":"a","cursor":41})", R"({"action":"a","cursor":"0"})",
                            R"({"action":"a","cursor":"4x"})", R"({"action":"a","dryRun":"yes"})",
                            R"({"action":"a","limit":"5"})", R"({"action":"a","limit":0})"}) {
        CHECK(refusal(bad).details.size() == 1);
    }
    CHECK(refusal(R"({"actoin":"a"})").details[0].message.find("did you mean 'action'") !=
          std::string::npos);
}

TEST_CASE("runs: a call takes as many runs as the limit and no more", "[runs]") {
    const std::string most = std::to_string(limits::hands_runs_max);
    CHECK(parsed(R"({"action":"a","limit":)" + most + "}").filter.limit == limits::hands_runs_max);
    refusal(R"({"action":"a","limit":)" + std::to_string(limits::hands_runs_max + 1) + "}");
}

TEST_CASE("runs: a run that moved on since it was chosen is left alone and says so", "[runs]") {
    const ManyRequest request = parsed(R"({"phase":"held"})", Hand::cancel);
    const HandDecision decision =
        still_matching(request.filter, [](const Run& run) { return runs::cancel(run, kNow); });
    CHECK(decision(run_in(Phase::held)));
    const auto refused = decision(run_in(Phase::retrying));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "changed_meanwhile");
    CHECK(refused.error().message.find("retrying") != std::string::npos);
    Run success = run_in(Phase::finished);
    success.state.result = "SUCCESS";
    CHECK(still_matching(parsed(R"({"status":"FAILURE"})").filter,
                         [](const Run& run) { return runs::redeliver(run, kNow); })(success)
              .error()
              .code == "changed_meanwhile");
}

TEST_CASE("runs: a dry run says what would happen to each run and why not", "[runs]") {
    journal::RunPage page;
    page.runs = {run_in(Phase::held, "r_2"), run_in(Phase::accepted, "r_1")};
    page.next = 9;
    const ManyDone tried = try_out(page, [](const Run& run) { return runs::redeliver(run, kNow); });
    CHECK(tried.dry_run);
    CHECK(tried.next == 9);
    REQUIRE(tried.runs.size() == 2);
    CHECK(tried.runs[0].phase == Phase::queued);
    CHECK_FALSE(tried.runs[0].refused);
    CHECK(tried.runs[1].phase == Phase::accepted);
    REQUIRE(tried.runs[1].refused);
    CHECK(tried.runs[1].refused->code == "not_redeliverable");
    const std::string text = many_json(tried);
    const auto json = json::parse(text);
    REQUIRE(json);
    CHECK(text.starts_with(
        R"({"dryRun":true,"count":{"matched":2,"done":1,"refused":1},"runs":[{"id":"r_2",)"
        R"("action":"deploy","phase":"queued","done":true},{"id":"r_1","action":"deploy",)"
        R"("phase":"accepted","done":false,"error":"not_redeliverable","message":)"));
    CHECK(text.ends_with(R"(],"next":"9"})"));
    CHECK(many_json({}) ==
          R"({"dryRun":false,"count":{"matched":0,"done":0,"refused":0},"runs":[],"next":null})");
}
