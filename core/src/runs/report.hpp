#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journal/journal.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

/// What may happen to a run from outside: reports, a cancel, a redelivery. Pure functions of the run as it
/// stands, called on the journal's writer within the batch, so that no two of them can pass each other.
namespace signalbox::runs {

/// `PATCH /v1/actions/runs/{id}`. A member that was not sent is none and stays as it is; one sent as null
/// is empty and clears. Each PATCH replaces what an earlier one said.
struct Report {
    std::string status;  ///< `SUCCESS`, `FAILURE`, or empty: goes on
    std::optional<std::string> status_label;
    std::optional<std::string> link;  ///< JSON: a string or an array of strings; empty: none
    std::optional<std::string> summary;
    std::optional<std::string> external_run_id;
};
/// Error `invalid_body`, with a pointer for each finding.
Result<Report> parse_report(const json::Value& body);

/// `POST /v1/actions/runs/{id}/logs`.
struct LogReport {
    std::string message;
    std::string termination_status;  ///< `SUCCESS`, `FAILURE`, or empty
    std::optional<std::string> status_label;
    std::optional<std::string> response = {};  ///< what the target answered, for the run itself
};
Result<LogReport> parse_log_report(const json::Value& body);

/// `PATCH /v1/actions/runs/{id}/response`, as Port's agent sends it: {"response": any JSON}. It is kept as a
/// log line and as the run's `response`.
Result<LogReport> parse_response(const json::Value& body);

/// A report proves that the effect happened: it closes an open attempt as done, ends the wait for a retry,
/// and moves the run on from queued, sending, retrying, accepted, held or unconfirmed. Error `run_finished`
/// for a run that has ended, `run_not_started` for one that waits for approval.
Result<journal::Change> report(const journal::Run& run, const Report& report, std::int64_t now_ms);
Result<journal::Change> log(const journal::Run& run, const LogReport& report, const std::string& by,
                            std::int64_t now_ms);

/// `POST /v1/actions/runs/{id}/claim`: the pipeline's first step redeems the run, once. Who comes second is
/// another pipeline that the same delivery, or a replay of it, has started. Proves the effect as a report
/// does, and takes what a report takes but for an end. Errors as of report(), and `run_claimed`.
Result<Report> parse_claim(const json::Value& body);
Result<journal::Change> claim(const journal::Run& run, const Report& report, std::int64_t now_ms);

/// Before sending, or held. Error `not_cancellable` says why not.
Result<journal::Change> cancel(const journal::Run& run, std::int64_t now_ms);

/// Held and unconfirmed runs go on with their next attempt; a FAILURE without any possible effect is
/// reopened. Error `not_redeliverable` says why not.
Result<journal::Change> redeliver(const journal::Run& run, std::int64_t now_ms);

}  // namespace signalbox::runs
