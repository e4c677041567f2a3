#include "runs/approval.hpp"

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "json/door.hpp"

using namespace signalbox;
using namespace signalbox::runs;
using journal::Phase;
using journal::Run;

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;
using Names = std::vector<std::string>;

Run waiting(bool all = false) {
    Run run;
    run.sequence = 1;
    run.seed.id = "r_1";
    run.seed.client = "portal";
    run.seed.user = "ada@example.com";
    run.state.phase = Phase::waiting_approval;
    run.state.approval.emplace();
    run.state.approval->all = all;
    return run;
}

ApprovalReport by(const std::string& client, const std::string& user = "", bool approves = true) {
    return {approves, "", client, user};
}

/// The run after a decision that was taken.
Run after(const Run& run, const ApprovalReport& said, const Names& approvers = {"lead"}) {
    auto change = decide_approval(run, said, approvers, kNow);
    INFO((change ? "" : change.error().message));
    REQUIRE(change);
    REQUIRE(change->state);
    Run next = run;
    next.state = *change->state;
    return next;
}

std::string refused(const Run& run, const ApprovalReport& said, const Names& approvers = {"lead"}) {
    auto change = decide_approval(run, said, approvers, kNow);
    REQUIRE_FALSE(change);
    return change.error().code;
}

}  // namespace

TEST_CASE("approval: one approval queues the run, due now, and stays with it", "[approval]") {
    Run run = waiting();
    run.state.approval->allowed_ms = 60'000;
    ApprovalReport said = by("lead");
    said.comment = "after the freeze";
    const Run next = after(run, said);
    CHECK(next.state.phase == Phase::queued);
    CHECK(next.state.due_ms == kNow);
    CHECK(next.state.deadline_ms == kNow + 60'000);
    CHECK(next.state.reason == "approved by client 'lead'");
    REQUIRE(next.state.approval->decisions.size() == 1);
    const auto& decision = next.state.approval->decisions[0];
    CHECK(decision.approves);
    CHECK(decision.client == "lead");
    CHECK(decision.at_ms == kNow);
    CHECK(decision.comment == "after the freeze");
}

TEST_CASE("approval: the first decline ends the run, whatever the rule", "[approval]") {
    for (const bool all : {false, true}) {
        ApprovalReport said = by("lead", "", false);
        said.comment = "not this week";
        const Run next = after(waiting(all), said, {"lead", "boss"});
        CHECK(next.state.phase == Phase::declined);
        CHECK(next.state.ended_ms == kNow);
        CHECK(next.state.due_ms == 0);
        CHECK(next.state.reason == "declined by client 'lead': not this week");
        CHECK_FALSE(next.state.approval->decisions.at(0).approves);
    }
}

TEST_CASE("approval: who asked for a run cannot decide on it", "[approval]") {
    const Run run = waiting();
    CHECK(refused(run, by("portal", "ada@example.com")) == "approver_is_requester");
    CHECK(refused(run, by("backstage", "ada@example.com")) == "approver_is_requester");
    CHECK(refused(run, by("portal", "ada@example.com", false)) == "approver_is_requester");
    // The portal that names nobody may be speaking for anybody.
    CHECK(refused(run, by("portal")) == "approver_is_requester");
    CHECK(after(run, by("portal", "bob@example.com")).state.phase == Phase::queued);

    Run nameless = waiting();
    nameless.seed.user.clear();
    CHECK(refused(nameless, by("portal", "bob@example.com")) == "approver_is_requester");
    CHECK(after(nameless, by("lead")).state.phase == Phase::queued);
    nameless.seed.client.clear();
    CHECK(refused(nameless, by("")) == "approver_is_requester");
}

TEST_CASE("approval: ALL waits for each who is named but the requester", "[approval]") {
    const Names approvers = {"lead", "user:bob@example.com", "user:ada@example.com"};
    const Run half = after(waiting(true), by("lead"), approvers);
    CHECK(half.state.phase == Phase::waiting_approval);
    CHECK(half.state.reason ==
          "approved by client 'lead'; waits for approval by user:bob@example.com");
    CHECK(still_asked(half, approvers) == Names{"user:bob@example.com"});
    CHECK(refused(half, by("lead"), approvers) == "already_decided");
    CHECK(refused(half, by("lead", "", false), approvers) == "already_decided");
    CHECK(refused(half, by("ops"), approvers) == "not_an_approver");
    const Run whole = after(half, by("portal", "bob@example.com"), approvers);
    CHECK(whole.state.phase == Phase::queued);
    CHECK(whole.state.approval->decisions.size() == 2);
}

TEST_CASE("approval: of two that race the second is told what the first did", "[approval]") {
    const Run approved = after(waiting(), by("lead"));
    CHECK(refused(approved, by("boss")) == "approval_closed");
    CHECK(refused(approved, by("boss", "", false)) == "approval_closed");
    const Run declined = after(waiting(), by("lead", "", false));
    CHECK(refused(declined, by("boss")) == "approval_closed");
    for (const Phase phase : {Phase::queued, Phase::sending, Phase::accepted, Phase::confirmed,
                              Phase::held, Phase::finished, Phase::cancelled}) {
        Run run = waiting();
        run.state.phase = phase;
        CHECK(refused(run, by("lead")) == "approval_closed");
    }
}

TEST_CASE("approval: nobody decides from the deadline on", "[approval]") {
    Run run = waiting();
    run.state.due_ms = kNow + 1;
    CHECK(after(run, by("lead")).state.phase == Phase::queued);
    run.state.due_ms = kNow;
    CHECK(refused(run, by("lead")) == "approval_closed");
}

TEST_CASE("approval: at the deadline a run that still waits is declined, and no other",
          "[approval]") {
    Run run = waiting();
    run.state.due_ms = kNow;
    const auto expired = expire_approval(run, kNow);
    REQUIRE(expired.state);
    CHECK(expired.state->phase == Phase::declined);
    CHECK(expired.state->ended_ms == kNow);
    CHECK(expired.state->reason.find("nobody approved it by 2023-11-14T22:13:20.000Z") == 0);
    CHECK(expired.state->approval->decisions.empty());
    CHECK_FALSE(expire_approval(after(waiting(), by("lead")), kNow).state);
    run.state.due_ms = 0;
    CHECK_FALSE(expire_approval(run, kNow).state);
}

TEST_CASE("approval: a body says APPROVE or DECLINE, and why", "[approval]") {
    const auto parsed = parse_approval(*json::parse(R"({"status":"DECLINE","description":"no"})"));
    REQUIRE(parsed);
    CHECK_FALSE(parsed->approves);
    CHECK(parsed->comment == "no");
    CHECK(parse_approval(*json::parse(R"({"status":"APPROVE"})"))->approves);
    const auto pointer = [](const std::string& text) {
        const auto refusal = parse_approval(*json::parse(text));
        REQUIRE_FALSE(refusal);
        CHECK(refusal.error().code == "invalid_body");
        return refusal.error().details.at(0).pointer;
    };
    CHECK(pointer("{}") == "/status");
    CHECK(pointer(R"({"status":"APPROVED"})") == "/status");
    CHECK(pointer(R"({"status":"APPROVE","comment":"x"})") == "/comment");
    const auto with = [](std::size_t size) {
        return R"({"status":"APPROVE","description":")" + std::string(size, 'x') + "\"}";
    };
    CHECK(parse_approval(*json::parse(with(limits::approval_comment_bytes_max))));
    CHECK(pointer(with(limits::approval_comment_bytes_max + 1)) == "/description");
}
