#include "runs/approval.hpp"

#include <algorithm>
#include <optional>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "runs/body.hpp"
#include "runs/permissions.hpp"

namespace signalbox::runs {
namespace {

using journal::Approval;
using journal::ApprovalDecision;
using journal::Change;
using journal::Phase;
using journal::Run;
using journal::RunState;

Error closed(const Run& run, const std::string& why) {
    return Error{"approval_closed", "run " + run.seed.id + " " + why};
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

Change ended_as_declined(RunState state, std::string reason, std::int64_t now_ms) {
    state.phase = Phase::declined;
    state.due_ms = 0;
    state.updated_ms = state.ended_ms = now_ms;
    state.reason = std::move(reason);
    Change change;
    change.state = std::move(state);
    return change;
}

/// Why these people may not decide on it now, if so.
std::optional<Error> refusal(const Run& run, const ApprovalReport& said, std::int64_t now_ms) {
    const RunState& state = run.state;
    if (state.phase != Phase::waiting_approval) {
        return closed(run, "does not wait for approval: it is " +
                               std::string(journal::phase_name(state.phase)));
    }
    if (state.due_ms != 0 && state.due_ms <= now_ms)
        return closed(run, "was to be approved by " + to_iso8601(state.due_ms) +
                               ", which has passed");
    if (same_person(run.seed.client, run.seed.user, said.client, said.user)) {
        return Error{"approver_is_requester",
                     in_words(said.client, said.user) + " cannot decide on run " + run.seed.id +
                         ", which " + in_words(run.seed.client, run.seed.user) +
                         " asked for: it takes another client, or two different identities"};
    }
    if (!state.approval) return {};
    for (const ApprovalDecision& decision : state.approval->decisions) {
        if (!same_person(decision.client, decision.user, said.client, said.user)) continue;
        return Error{"already_decided", in_words(decision.client, decision.user) +
                                            " has decided on run " + run.seed.id + " already, at " +
                                            to_iso8601(decision.at_ms)};
    }
    return {};
}

}  // namespace

Result<ApprovalReport> parse_approval(const json::Value& value) {
    ApprovalReport said;
    bool decided = false;
    std::optional<std::string> comment;
    Body body;
    body.member("status", [&](const json::Value& status) -> std::string {
        const json::String* word = status.if_string();
        decided = word && (*word == "APPROVE" || *word == "DECLINE");
        said.approves = decided && *word == "APPROVE";
        return decided ? std::string() : "must be APPROVE or DECLINE";
    });
    body.member("description", Body::text(comment, limits::approval_comment_bytes_max));
    if (auto read = body.read(value); !read) return read.error();
    if (!decided) {
        return Error{"invalid_body",
                     "the body has no status",
                     {{"/status", "is required: APPROVE or DECLINE"}}};
    }
    said.comment = comment.value_or("");
    return said;
}

bool same_person(const std::string& client, const std::string& user,
                 const std::string& other_client, const std::string& other_user) {
    if (!user.empty() && !other_user.empty()) return user == other_user;
    return client == other_client;
}

std::vector<std::string> still_asked(const Run& run, const std::vector<std::string>& approvers) {
    const std::string requester =
        run.seed.user.empty() ? run.seed.client : "user:" + run.seed.user;
    std::vector<std::string> asked;
    for (const std::string& name : approvers) {
        bool gone = name == requester;
        if (run.state.approval && run.state.approval->all) {
            for (const ApprovalDecision& decision : run.state.approval->decisions)
                gone = gone || is_named(name, decision.client, decision.user);
        }
        if (!gone) asked.push_back(name);
    }
    return asked;
}

Result<Change> decide_approval(const Run& run, const ApprovalReport& said,
                               const std::vector<std::string>& approvers, std::int64_t now_ms) {
    if (auto refused = refusal(run, said, now_ms)) return *refused;
    RunState state = run.state;
    if (!state.approval) state.approval.emplace();
    if (said.approves && state.approval->all) {
        const bool named = std::any_of(
            approvers.begin(), approvers.end(),
            [&said](const std::string& name) { return is_named(name, said.client, said.user); });
        if (!named) {
            return Error{"not_an_approver",
                         "run " + run.seed.id + " waits for each of " + joined(approvers) +
                             ", and " + in_words(said.client, said.user) + " is none of them"};
        }
    }
    const std::string who = in_words(said.client, said.user);
    state.approval->decisions.push_back(
        {said.approves, said.client, said.user, now_ms, said.comment});
    state.updated_ms = now_ms;
    if (!said.approves) {
        return ended_as_declined(
            std::move(state),
            "declined by " + who + (said.comment.empty() ? "" : ": " + said.comment), now_ms);
    }
    if (state.approval->all) {
        Run decided = run;
        decided.state = state;
        const std::vector<std::string> asked = still_asked(decided, approvers);
        if (!asked.empty()) {
            state.reason = "approved by " + who + "; waits for approval by " + joined(asked);
            Change change;
            change.state = std::move(state);
            return change;
        }
    }
    state.phase = Phase::queued;
    state.due_ms = now_ms;
    if (state.approval->allowed_ms != 0) state.deadline_ms = now_ms + state.approval->allowed_ms;
    state.reason = "approved by " + who;
    Change change;
    change.state = std::move(state);
    return change;
}

Change expire_approval(const Run& run, std::int64_t now_ms) {
    if (run.state.phase != Phase::waiting_approval || run.state.due_ms == 0) return {};
    return ended_as_declined(run.state,
                             "nobody approved it by " + to_iso8601(run.state.due_ms) +
                                 ", so it counts as declined",
                             now_ms);
}

}  // namespace signalbox::runs
