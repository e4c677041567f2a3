#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "journal/journal.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

/// What a person does to many runs at once, by a filter: a bounded number a call, each with what really
/// happened to it, and where to go on.
namespace signalbox::runs {

enum class Hand { redeliver, cancel };

struct ManyRequest {
    journal::RunFilter filter;
    bool dry_run = false;  ///< says what would happen and changes nothing
};

/// {action, connection, phase, status, createdFrom, createdBefore, limit, cursor, dryRun}; at least one of
/// the first six. Without a phase or a status the runs are those that wait for this hand: held and
/// unconfirmed ones to be redelivered; those that wait for approval, queued, retrying and held ones to be
/// cancelled. Error `invalid_body`, with a pointer for each finding.
Result<ManyRequest> parse_many(const json::Value& body, Hand hand);

/// What became of one run, or in a dry run: what would.
struct Handled {
    std::string id;
    std::string action;
    journal::Phase phase = journal::Phase::queued;  ///< after it; where refused, as it is
    std::optional<Error> refused;                   ///< why nothing happened to it
};

struct ManyDone {
    bool dry_run = false;
    std::vector<Handled> runs;   ///< newest first
    journal::Sequence next = 0;  ///< the cursor for what matches and is older; 0: there is none
};
using ManyDoneFunction = std::function<void(Result<ManyDone>)>;

/// What a hand does to one run: runs/report.hpp, and what else has to be true.
using HandDecision = std::function<Result<journal::Change>(const journal::Run&)>;

/// Refuses a run that has left the filter's phases since it was found; else as `decision`.
HandDecision still_matching(journal::RunFilter filter, HandDecision decision);

/// What `decision` would do to each run of the page.
ManyDone try_out(const journal::RunPage& page, const HandDecision& decision);

/// {"dryRun", "count": {"matched", "done", "refused"}, "runs": […], "next"}
std::string many_json(const ManyDone& done);

}  // namespace signalbox::runs
