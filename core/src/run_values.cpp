#include "run_values.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/identity.hpp"
#include "base/limits.hpp"
#include "base/trace.hpp"
#include "json/door.hpp"
#include "runs/view.hpp"

namespace signalbox {
namespace {

RunAttempt to_value(const journal::Attempt& attempt) {
    RunAttempt value;
    value.number = attempt.number;
    value.started_ms = attempt.started_ms;
    value.ended_ms = attempt.ended_ms;
    value.method = attempt.request.method;
    value.url = attempt.request.url;
    value.response_status = attempt.response_status;
    value.outcome = attempt.outcome;
    value.reason = attempt.reason;
    value.next_ms = attempt.next_ms;
    value.address = attempt.address;
    value.tls_version = attempt.tls_version;
    return value;
}

Result<json::Value> parse_member(const std::string& text, const char* pointer) {
    auto value = json::parse(text);
    if (value) return value;
    return Error{"invalid_body", "the invocation is not JSON", {{pointer, value.error().message}}};
}

}  // namespace

Run to_value(const journal::RunSeed& seed, const journal::RunState& state) {
    Run value;
    value.id = seed.id;
    value.action = seed.action;
    value.connection = seed.connection;
    value.status = runs::status_of(state);
    value.phase = journal::phase_name(state.phase);
    value.status_label = state.status_label;
    value.link = state.link;
    value.summary = state.summary;
    value.external_run_id = state.external_run_id;
    value.reason = state.reason;
    value.properties = seed.properties;
    value.entity = seed.entity;
    value.by = seed.client;
    value.origin = seed.origin;
    value.created_ms = seed.created_ms;
    value.updated_ms = state.updated_ms;
    value.ended_ms = state.ended_ms;
    value.trace_id = trace_id(seed.trace, seed.id);
    value.next_ms = state.phase == journal::Phase::waiting_approval ? 0 : state.due_ms;
    value.user = seed.user;
    if (!state.approval) return value;
    value.approval = state.approval->all ? "ALL" : "ANY";
    value.approval_deadline_ms = state.approval->deadline_ms;
    for (const journal::ApprovalDecision& each : state.approval->decisions)
        value.decisions.push_back(
            {each.approves, each.client, each.user, each.comment, each.at_ms});
    return value;
}

Run to_value(const journal::RunWithAttempts& found) {
    Run value = to_value(found.run.seed, found.run.state);
    for (const journal::Attempt& attempt : found.attempts)
        value.attempts.push_back(to_value(attempt));
    if (const auto& open = found.run.state.open) {
        journal::Attempt under_way;
        under_way.number = open->number;
        under_way.started_ms = open->started_ms;
        under_way.request = open->request;
        value.attempts.push_back(to_value(under_way));
    }
    return value;
}

Result<journal::RunFilter> to_filter(const RunQuery& query) {
    journal::RunFilter filter;
    filter.action = query.action;
    filter.before = query.cursor;
    filter.limit = query.limit;
    if (query.limit < 1 || query.limit > limits::list_rows_max) {
        return Error{"invalid_query", "limit is " + std::to_string(query.limit) +
                                          "; accepted: 1 to " +
                                          std::to_string(limits::list_rows_max)};
    }
    if (!query.phase.empty()) {
        const auto phase = journal::phase_from_name(query.phase);
        if (!phase) return Error{"invalid_query", "'" + query.phase + "' is not a run's phase"};
        filter.phases = {*phase};
    }
    return filter;
}

Result<json::Value> to_body(const Invocation& invocation) {
    auto properties = parse_member(invocation.properties, "/properties");
    if (!properties) return properties;
    json::Object body;
    body["properties"] = std::move(*properties);
    if (!invocation.entity.empty()) {
        auto entity = parse_member(invocation.entity, "/entity");
        if (!entity) return entity;
        body["entity"] = std::move(*entity);
    }
    return json::Value(std::move(body));
}

Result<runs::Idempotency> to_idempotency(const Invocation& invocation) {
    const std::string& key = invocation.idempotency_key;
    if (key.empty()) return runs::Idempotency{};
    const bool printable =
        std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x21 && c <= 0x7e; });
    if (!printable || key.size() > limits::idempotency_key_bytes_max) {
        return Error{"invalid_idempotency_key",
                     "an idempotency key is 1 to " +
                         std::to_string(limits::idempotency_key_bytes_max) +
                         " printable ASCII characters without spaces"};
    }
    // Of the texts as they came, with a byte between them that JSON cannot have.
    std::string text = invocation.properties + '\0' + invocation.entity;
    if (!invocation.user.empty()) text += '\0' + invocation.user;
    return runs::Idempotency{key, sha256(text)};
}

Result<runs::ApprovalReport> to_approval(const RunDecision& decision, bool approves) {
    runs::ApprovalReport said;
    said.approves = approves;
    said.client = decision.by;
    said.comment = decision.comment;
    if (said.comment.size() > limits::approval_comment_bytes_max) {
        return Error{"invalid_body", "the comment has " + std::to_string(said.comment.size()) +
                                         " bytes; at most " +
                                         std::to_string(limits::approval_comment_bytes_max) +
                                         " are kept"};
    }
    auto user = to_identity(decision.user);
    if (!user) return std::move(user).error();
    said.user = std::move(*user);
    return said;
}

Result<std::string> to_identity(const std::string& user) {
    if (user.empty()) return user;
    auto email = parse_identity(user);
    if (email) return std::move(*email);
    return Error{"invalid_body", "'" + user + "' is not an email such as ada@example.com"};
}

Result<runs::Report> to_report(const RunReport& report) {
    json::Object body;
    const auto add = [&body](const char* name, const std::string& value) {
        if (!value.empty()) body[name] = json::Value(value);
    };
    add("status", report.status);
    add("statusLabel", report.status_label);
    add("link", report.link);
    add("summary", report.summary);
    add("externalRunId", report.external_run_id);
    return runs::parse_report(json::Value(std::move(body)));
}

}  // namespace signalbox
