#pragma once

#include "journal/journal.hpp"
#include "runs/runs.hpp"
#include "signalbox/result.hpp"
#include "signalbox/run.hpp"

namespace signalbox {

/// The journal's rows as a host sees them.
Run to_value(const journal::RunSeed& seed, const journal::RunState& state);
Run to_value(const journal::RunWithAttempts& found);

/// Error `invalid_query`.
Result<journal::RunFilter> to_filter(const RunQuery& query);

/// The JSON of the invocation, as the API would get it. Error `invalid_body`.
Result<json::Value> to_body(const Invocation& invocation);
/// Error `invalid_idempotency_key`.
Result<runs::Idempotency> to_idempotency(const Invocation& invocation);
/// Error `invalid_body`: the user is no email, the comment is too long.
Result<runs::ApprovalReport> to_approval(const RunDecision& decision, bool approves);
/// An email as it is recorded, or empty. Error `invalid_body`.
Result<std::string> to_identity(const std::string& user);
/// Error `invalid_body`.
Result<runs::Report> to_report(const RunReport& report);

}  // namespace signalbox
