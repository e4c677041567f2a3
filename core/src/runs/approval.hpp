#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journal/journal.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

/// What approvers say of a run that waits for them. Pure functions of the run as it stands, called on the
/// journal's writer within the batch as those of runs/report.hpp are: of two that race, the second one sees
/// what the first one did.
namespace signalbox::runs {

/// `PATCH /v1/actions/runs/{id}/approval`, and who sent it.
struct ApprovalReport {
    bool approves = false;
    std::string comment;
    std::string client;
    std::string user;  ///< the email of whom the client speaks for; empty: for itself
};
/// {"status": "APPROVE" or "DECLINE", "description"}; `client` and `user` stay empty. Error `invalid_body`,
/// with a pointer for each finding.
Result<ApprovalReport> parse_approval(const json::Value& body);

/// Are they one? Two identities are compared where both are known; else the clients, so that a client that
/// names nobody is taken for any of those it speaks for.
bool same_person(const std::string& client, const std::string& user,
                 const std::string& other_client, const std::string& other_user);

/// Records what was said; the run ends as declined at the first DECLINE, and is queued, due now, once it is
/// approved: by anyone, or by all of `approvers` but the requester. That the caller may approve runs of this
/// action is checked before. Errors: `approval_closed` (it does not wait for approval, or its deadline has
/// passed), `approver_is_requester`, `already_decided`, `not_an_approver`.
Result<journal::Change> decide_approval(const journal::Run& run, const ApprovalReport& said,
                                        const std::vector<std::string>& approvers,
                                        std::int64_t now_ms);

/// The deadline has passed: declined if it still waits, else nothing.
journal::Change expire_approval(const journal::Run& run, std::int64_t now_ms);

/// Who of `approvers` can still be waited for: under ALL who has not approved yet, else everybody; never
/// the requester alone.
std::vector<std::string> still_asked(const journal::Run& run,
                                     const std::vector<std::string>& approvers);

}  // namespace signalbox::runs
