#include "runs/report.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "json/door.hpp"
#include "runs/body.hpp"

using namespace signalbox;
using namespace signalbox::runs;
using journal::Phase;
using journal::Run;

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

Run run_in(Phase phase) {
    Run run;
    run.sequence = 1;
    run.seed.id = "r_1";
    run.state.phase = phase;
    if (phase == Phase::finished) run.state.result = "SUCCESS";
    return run;
}

Report said(const std::string& text) {
    auto report = parse_report(*json::parse(text));
    REQUIRE(report);
    return *report;
}

Error refusal(const std::string& text) {
    auto report = parse_report(*json::parse(text));
    REQUIRE_FALSE(report);
    return report.error();
}

const Phase kMovable[] = {Phase::queued,    Phase::sending,     Phase::retrying, Phase::accepted,
                          Phase::confirmed, Phase::unconfirmed, Phase::held};

}  // namespace

TEST_CASE("runs: any report moves a living run on to confirmed", "[runs]") {
    for (const Phase phase : kMovable) {
        auto change = report(run_in(phase), said(R"({"statusLabel":"building"})"), kNow);
        REQUIRE(change);
        CHECK(change->state->phase == Phase::confirmed);
        CHECK(change->state->status_label == "building");
        CHECK(change->state->effect_possible);
        CHECK(change->state->due_ms == 0);
    }
}

TEST_CASE("runs: a status ends a living run wherever it is", "[runs]") {
    for (const Phase phase : kMovable) {
        auto change = report(run_in(phase), said(R"({"status":"SUCCESS"})"), kNow);
        REQUIRE(change);
        CHECK(change->state->phase == Phase::finished);
        CHECK(change->state->result == "SUCCESS");
        CHECK(change->state->ended_ms == kNow);
    }
}

TEST_CASE("runs: a report closes an open attempt as done", "[runs]") {
    Run run = run_in(Phase::sending);
    run.state.open = journal::OpenAttempt{3, kNow - 50, {"POST", "http://t/", "A: b\r\n", {}}};
    auto change = report(run, said(R"({"status":"FAILURE"})"), kNow);
    REQUIRE(change);
    CHECK_FALSE(change->state->open);
    REQUIRE(change->attempt);
    CHECK(change->attempt->number == 3);
    CHECK(change->attempt->outcome == "reported");
    CHECK(change->attempt->request.url == "http://t/");
}

TEST_CASE("runs: a finished run takes no report and no log line", "[runs]") {
    for (const Phase phase : {Phase::finished, Phase::declined, Phase::cancelled}) {
        auto change = report(run_in(phase), said(R"({"status":"SUCCESS"})"), kNow);
        REQUIRE_FALSE(change);
        CHECK(change.error().code == "run_finished");
        auto logged = log(run_in(phase), {"more", "", {}}, "me", kNow);
        REQUIRE_FALSE(logged);
        CHECK(logged.error().code == "run_finished");
    }
}

TEST_CASE("runs: a run that waits for approval cannot be reported on", "[runs]") {
    auto change = report(run_in(Phase::waiting_approval), said(R"({"status":"SUCCESS"})"), kNow);
    REQUIRE_FALSE(change);
    CHECK(change.error().code == "run_not_started");
}

TEST_CASE("runs: each report replaces what an earlier one said and null clears it", "[runs]") {
    Run run = run_in(Phase::confirmed);
    run.state.summary = "old";
    run.state.link = "\"https://old\"";
    auto change =
        report(run, said(R"({"link":["https://a","https://b"],"externalRunId":"42"})"), kNow);
    REQUIRE(change);
    CHECK(change->state->summary == "old");
    CHECK(change->state->link == R"(["https://a","https://b"])");
    CHECK(change->state->external_run_id == "42");
    change = report(run, said(R"({"summary":null,"link":null})"), kNow);
    REQUIRE(change);
    CHECK(change->state->summary.empty());
    CHECK(change->state->link.empty());
}

TEST_CASE("runs: a report's mistakes are all named with their pointers", "[runs]") {
    const Error error = refusal(R"({"status":"DONE","statusLabl":"x","summary":7,"link":{}})");
    CHECK(error.code == "invalid_body");
    REQUIRE(error.details.size() == 4);
    CHECK(error.details[0].pointer == "/status");
    CHECK(error.details[1].pointer == "/statusLabl");
    CHECK(error.details[1].message.find("did you mean 'statusLabel'") != std::string::npos);
    CHECK(error.details[2].pointer == "/summary");
    CHECK(error.details[3].pointer == "/link");
    CHECK(refusal("[1]").details.at(0).pointer.empty());
}

TEST_CASE("runs: a report's texts are taken at their limits and refused one past them", "[runs]") {
    const auto label = [](std::size_t size) {
        return R"({"statusLabel":")" + std::string(size, 'x') + "\"}";
    };
    CHECK(parse_report(*json::parse(label(limits::label_bytes_max))));
    CHECK(refusal(label(limits::label_bytes_max + 1)).details.at(0).pointer == "/statusLabel");

    const auto links = [](std::size_t count) {
        std::string text = R"({"link":[)";
        for (std::size_t i = 0; i < count; ++i)
            text += i == 0 ? R"("l")" : R"(,"l")";
        return text + "]}";
    };
    CHECK(parse_report(*json::parse(links(limits::links_max))));
    CHECK(refusal(links(limits::links_max + 1)).details.at(0).pointer == "/link");

    const auto message = [](std::size_t size) {
        return parse_log_report(*json::parse(R"({"message":")" + std::string(size, 'x') + "\"}"));
    };
    CHECK(message(limits::log_message_bytes_max));
    CHECK_FALSE(message(limits::log_message_bytes_max + 1));
}

TEST_CASE("runs: a log line with a termination status ends the run after that line", "[runs]") {
    auto parsed = parse_log_report(
        *json::parse(R"({"message":"bye","terminationStatus":"FAILURE","statusLabel":"broken"})"));
    REQUIRE(parsed);
    auto change = log(run_in(Phase::accepted), *parsed, "pipeline", kNow);
    REQUIRE(change);
    CHECK(change->log->message == "bye");
    CHECK(change->log->created_by == "pipeline");
    CHECK(change->state->phase == Phase::finished);
    CHECK(change->state->result == "FAILURE");
    CHECK(change->state->status_label == "broken");
    CHECK_FALSE(parse_log_report(*json::parse(R"({"terminationStatus":"FAILURE"})")));
}

TEST_CASE("runs: what may be cancelled and what may not", "[runs]") {
    for (const Phase phase :
         {Phase::waiting_approval, Phase::queued, Phase::retrying, Phase::held}) {
        auto change = cancel(run_in(phase), kNow);
        REQUIRE(change);
        CHECK(change->state->phase == Phase::cancelled);
        CHECK(change->state->ended_ms == kNow);
    }
    for (const Phase phase : {Phase::sending, Phase::accepted, Phase::confirmed, Phase::unconfirmed,
                              Phase::finished, Phase::declined, Phase::cancelled}) {
        auto change = cancel(run_in(phase), kNow);
        REQUIRE_FALSE(change);
        CHECK(change.error().code == "not_cancellable");
    }
}

TEST_CASE("runs: what may be redelivered and what may not", "[runs]") {
    for (const Phase phase : {Phase::held, Phase::unconfirmed}) {
        Run run = run_in(phase);
        run.state.attempts = 2;
        auto change = redeliver(run, kNow);
        REQUIRE(change);
        CHECK(change->state->phase == Phase::retrying);
        CHECK(change->state->due_ms == kNow);
        CHECK(change->state->attempts == 2);
    }
    Run failed = run_in(Phase::finished);
    failed.state.result = "FAILURE";
    failed.state.ended_ms = kNow - 1;
    auto reopened = redeliver(failed, kNow);
    REQUIRE(reopened);
    CHECK(reopened->state->result.empty());
    CHECK(reopened->state->ended_ms == 0);
    failed.state.effect_possible = true;
    CHECK_FALSE(redeliver(failed, kNow));
    for (const Phase phase : {Phase::queued, Phase::sending, Phase::accepted, Phase::confirmed,
                              Phase::finished, Phase::cancelled, Phase::declined}) {
        auto change = redeliver(run_in(phase), kNow);
        REQUIRE_FALSE(change);
        CHECK(change.error().code == "not_redeliverable");
    }
}

TEST_CASE("runs: a claim proves the effect once", "[runs]") {
    for (const Phase phase : kMovable) {
        auto first = claim(run_in(phase), *parse_claim(*json::parse(R"({"link":"https://a"})")), kNow);
        REQUIRE(first);
        CHECK(first->state->phase == Phase::confirmed);
        CHECK(first->state->claimed_ms == kNow);
        CHECK(first->state->link == "\"https://a\"");
        Run claimed = run_in(phase);
        claimed.state = *first->state;
        auto second = claim(claimed, {}, kNow + 1);
        REQUIRE_FALSE(second);
        CHECK(second.error().code == "run_claimed");
    }
}

TEST_CASE("runs: a claim ends nothing, and nothing that has ended or waits for approval is claimed",
          "[runs]") {
    CHECK(parse_claim(*json::parse(R"({"status":"SUCCESS"})")).error().code == "invalid_body");
    CHECK(claim(run_in(Phase::finished), {}, kNow).error().code == "run_finished");
    CHECK(claim(run_in(Phase::cancelled), {}, kNow).error().code == "run_finished");
    CHECK(claim(run_in(Phase::waiting_approval), {}, kNow).error().code == "run_not_started");
    // Claimed and over: a replay is told that it is one.
    Run over = run_in(Phase::finished);
    over.state.claimed_ms = kNow;
    CHECK(claim(over, {}, kNow).error().code == "run_claimed");
}

TEST_CASE("runs: of a body's mistakes a hundred are told and not one more", "[runs]") {
    const runs::Body body;
    for (const std::size_t members : {limits::schema_findings_max, limits::schema_findings_max + 1}) {
        json::Object object;
        for (std::size_t i = 0; i < members; ++i)
            object.emplace("m" + std::to_string(i), 1);
        const auto read = body.read(json::Value(std::move(object)));
        REQUIRE_FALSE(read.ok());
        CHECK(read.error().details.size() == limits::schema_findings_max);
    }
}
