#include "runs/report.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "dispatch/outcome.hpp"
#include "dispatch/response.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "runs/body.hpp"

namespace signalbox::runs {
namespace {

using journal::Change;
using journal::Phase;
using journal::Run;
using journal::RunState;

Body::Reader ending(std::string& into) {
    return [&into](const json::Value& value) -> std::string {
        const json::String* string = value.if_string();
        if (!string || (*string != "SUCCESS" && *string != "FAILURE")) {
            return "must be SUCCESS or FAILURE; leave it out while the run goes on";
        }
        into = std::string(*string);
        return {};
    };
}

Body::Reader links(std::optional<std::string>& into) {
    return [&into](const json::Value& value) -> std::string {
        const auto fits = [](const json::Value& link) {
            return link.is_string() && link.get_string().size() <= limits::link_bytes_max;
        };
        if (value.is_null()) return into = "", std::string();
        bool good = fits(value);
        if (const json::Array* array = value.if_array()) {
            good = array->size() <= limits::links_max;
            for (const json::Value& link : *array)
                good = good && fits(link);
        }
        if (!good) {
            return "must be a string of at most " + std::to_string(limits::link_bytes_max) +
                   " bytes, or a list of at most " + std::to_string(limits::links_max) + " of them";
        }
        into = json::write(value);
        return {};
    };
}

std::string why_ended(const Run& run) {
    return "run " + run.seed.id + " has ended (" +
           (run.state.result.empty() ? journal::phase_name(run.state.phase) : run.state.result) +
           ") and does not change any more";
}

/// The part that all reports share: the effect is proven, whatever was under way is settled.
Result<Change> prove(const Run& run, std::int64_t now_ms) {
    if (journal::is_final(run.state.phase)) return Error{"run_finished", why_ended(run)};
    if (run.state.phase == Phase::waiting_approval) {
        return Error{
            "run_not_started",
            "run " + run.seed.id + " waits for approval: nothing was sent that could report"};
    }
    Change change;
    RunState state = run.state;
    if (state.open) {
        journal::Attempt ended;
        ended.number = state.open->number;
        ended.started_ms = state.open->started_ms;
        ended.ended_ms = now_ms;
        ended.request = std::move(state.open->request);
        ended.outcome = dispatch::outcome_reported;
        ended.reason = "a report proved the effect before the reply was judged";
        change.attempt = std::move(ended);
        state.open.reset();
    }
    state.phase = Phase::confirmed;
    state.effect_possible = true;
    state.due_ms = 0;
    state.reason.clear();
    state.updated_ms = now_ms;
    change.state = std::move(state);
    return change;
}

/// What both a report and a claim may say.
void add_members(Body& body, Report& report) {
    body.member("statusLabel", Body::text(report.status_label, limits::label_bytes_max));
    body.member("link", links(report.link));
    body.member("summary", Body::text(report.summary, limits::summary_bytes_max));
    body.member("externalRunId",
                Body::text(report.external_run_id, limits::external_run_id_bytes_max));
}

void finish(RunState& state, const std::string& result, std::int64_t now_ms) {
    if (result.empty()) return;
    state.phase = Phase::finished;
    state.result = result;
    state.ended_ms = now_ms;
}

}  // namespace

Result<Report> parse_report(const json::Value& value) {
    Report report;
    Body body;
    body.member("status", ending(report.status));
    add_members(body, report);
    // Port has deprecated `message` and still takes it; scripts written for Port send it.
    body.member("message", [](const json::Value&) { return std::string(); });
    if (auto read = body.read(value); !read) return read.error();
    return report;
}

Result<Report> parse_claim(const json::Value& value) {
    Report report;
    Body body;
    add_members(body, report);
    if (auto read = body.read(value); !read) return read.error();
    return report;
}

Result<LogReport> parse_log_report(const json::Value& value) {
    LogReport report;
    std::optional<std::string> message;
    Body body;
    body.member("message", Body::text(message, limits::log_message_bytes_max));
    body.member("terminationStatus", ending(report.termination_status));
    body.member("statusLabel", Body::text(report.status_label, limits::label_bytes_max));
    if (auto read = body.read(value); !read) return read.error();
    if (!message) {
        return Error{
            "invalid_body", "the body has no message", {{"/message", "is required: a string"}}};
    }
    report.message = std::move(*message);
    return report;
}

Result<LogReport> parse_response(const json::Value& value) {
    LogReport report;
    bool given = false;
    Body body;
    body.member("response", [&](const json::Value& response) -> std::string {
        given = true;
        report.message = json::write(response);
        report.response = dispatch::kept_response(report.message);
        if (report.message.size() <= limits::log_message_bytes_max) return {};
        return "has " + std::to_string(report.message.size()) + " bytes; at most " +
               std::to_string(limits::log_message_bytes_max) + " are kept";
    });
    if (auto read = body.read(value); !read) return read.error();
    if (!given) {
        return Error{"invalid_body",
                     "the body has no response",
                     {{"/response", "is required: what the target answered"}}};
    }
    return report;
}

Result<Change> report(const Run& run, const Report& said, std::int64_t now_ms) {
    auto change = prove(run, now_ms);
    if (!change) return change;
    RunState& state = *change->state;
    if (said.status_label) state.status_label = *said.status_label;
    if (said.link) state.link = *said.link;
    if (said.summary) state.summary = *said.summary;
    if (said.external_run_id) state.external_run_id = *said.external_run_id;
    finish(state, said.status, now_ms);
    return change;
}

Result<Change> claim(const Run& run, const Report& said, std::int64_t now_ms) {
    if (run.state.claimed_ms != 0) {
        return Error{"run_claimed",
                     "run " + run.seed.id + " was claimed at " + to_iso8601(run.state.claimed_ms) +
                         ": whoever comes now was started by a second delivery or by a replay of "
                         "the first, and must stop"};
    }
    auto change = report(run, said, now_ms);
    if (change) change->state->claimed_ms = now_ms;
    return change;
}

Result<Change> log(const Run& run, const LogReport& said, const std::string& by,
                   std::int64_t now_ms) {
    auto change = prove(run, now_ms);
    if (!change) return change;
    RunState& state = *change->state;
    if (said.status_label) state.status_label = *said.status_label;
    if (said.response) state.response = *said.response;
    journal::LogLine line;
    line.created_ms = now_ms;
    line.created_by = by;
    line.message = said.message;
    line.status_label = said.status_label.value_or("");
    line.termination_status = said.termination_status;
    change->log = std::move(line);
    finish(state, said.termination_status, now_ms);
    return change;
}

Result<Change> cancel(const Run& run, std::int64_t now_ms) {
    switch (run.state.phase) {
        case Phase::waiting_approval:
        case Phase::queued:
        case Phase::retrying:
        case Phase::held:
            break;
        case Phase::sending:
            return Error{
                "not_cancellable",
                "run " + run.seed.id + " is being sent: what has left cannot be called back"};
        case Phase::accepted:
        case Phase::confirmed:
        case Phase::unconfirmed:
            return Error{"not_cancellable",
                         "the target has run " + run.seed.id +
                             ", and its plugin cannot cancel there: stop it at the "
                             "target"};
        case Phase::finished:
        case Phase::declined:
        case Phase::cancelled:
            return Error{"not_cancellable", why_ended(run)};
    }
    Change change;
    change.state = run.state;
    change.state->phase = Phase::cancelled;
    change.state->due_ms = 0;
    change.state->updated_ms = change.state->ended_ms = now_ms;
    change.state->reason = run.state.effect_possible
                               ? "cancelled; an earlier attempt may have had its effect"
                               : "cancelled before it had any effect";
    return change;
}

Result<Change> redeliver(const Run& run, std::int64_t now_ms) {
    const RunState& state = run.state;
    const bool waits_for_a_person = state.phase == Phase::held || state.phase == Phase::unconfirmed;
    const bool failed_without_effect =
        state.phase == Phase::finished && state.result == "FAILURE" && !state.effect_possible;
    if (!waits_for_a_person && !failed_without_effect) {
        std::string why = "run " + run.seed.id + " is " + journal::phase_name(state.phase);
        if (state.phase == Phase::finished && state.result == "FAILURE") {
            why += " as FAILURE, and the target may have acted on it";
        }
        return Error{
            "not_redeliverable",
            why +
                "; only held and unconfirmed runs, and failures without any effect, go out "
                "again. Invoke the action anew for a new run"};
    }
    Change change;
    change.state = state;
    RunState& next = *change.state;
    next.phase = state.attempts == 0 ? Phase::queued : Phase::retrying;
    next.due_ms = next.updated_ms = now_ms;
    next.deadline_ms = 0;  // whoever redelivers it wants it whatever the time
    next.result.clear();
    next.ended_ms = 0;
    next.reason = "redelivered by hand";
    return change;
}

}  // namespace signalbox::runs
