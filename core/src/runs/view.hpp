#pragma once

#include <string>
#include <vector>

#include "dispatch/target.hpp"
#include "journal/journal.hpp"
#include "runs/catalog.hpp"

/// Runs, actions and log lines as the API shows them: JSON texts.
namespace signalbox::runs {

/// Port's word for a phase: `IN_PROGRESS`, `SUCCESS`, …
std::string status_of(const journal::RunState& state);

/// Port's word for a status as a filter; false: no such word.
bool filter_status(journal::RunFilter& filter, std::string_view status);

/// `attempts` are the ended ones; an open one is added from the run's state. `catalog`: the actions as they stand,
/// of which the run's says `blueprint`. With `requests`, each attempt's request also has `head` and `body`, exactly
/// as sent, secrets as ***.
std::string run_json(const Catalog& catalog, const journal::RunSeed& seed,
                     const journal::RunState& state, const std::vector<journal::Attempt>& attempts,
                     bool requests);
inline std::string run_json(const Catalog& catalog, const journal::Run& run,
                            const std::vector<journal::Attempt>& attempts, bool requests) {
    return run_json(catalog, run.seed, run.state, attempts, requests);
}
/// The run for who reports on it and may not see it: {"id", "status", "phase", "statusLabel", "link",
/// "externalRunId"}.
std::string reported_json(const journal::Run& run);
/// {"client", "user", "status": "APPROVE" or "DECLINE", "at", "description"}
std::string decision_json(const journal::ApprovalDecision& decision);
std::string log_json(const std::string& run_id, const journal::LogLine& line);
std::string action_json(const Offer& offer);
/// {"method", "url", "headers": [{"name","value"}], "body"}
std::string request_json(const journal::AttemptRequest& request, const std::string& payload);

}  // namespace signalbox::runs
