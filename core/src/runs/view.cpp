#include "runs/view.hpp"

#include <cmath>

#include "base/hole.hpp"
#include "base/trace.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "runs/object_text.hpp"

namespace signalbox::runs {
namespace {

using journal::Phase;
using journal::Run;

void append_phases(std::string& out, const journal::PhaseTimes& times) {
    ObjectText phases(out);
    const auto add = [&phases](std::string_view name, double ms) {
        if (ms < 0) return phases.raw(name, "null");
        json::append_number(phases.key(name), std::round(ms * 1000) / 1000);
    };
    add("dns", times.dns);
    add("connect", times.connect);
    add("tls", times.tls);
    add("send", times.send);
    add("wait", times.wait);
    add("read", times.read);
    phases.close();
}

void append_head(std::string& out, std::string_view head) {
    out += '[';
    bool first = true;
    while (!head.empty()) {
        const std::size_t end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        const std::size_t colon = line.find(": ");
        if (!first) out += ',';
        first = false;
        ObjectText header(out);
        header.text("name", line.substr(0, colon));
        header.text("value", colon == line.npos ? std::string_view() : line.substr(colon + 2));
        header.close();
        head = end == head.npos ? std::string_view() : head.substr(end + 2);
    }
    out += ']';
}

void append_request(std::string& out, const journal::AttemptRequest& request,
                    const std::string* payload) {
    ObjectText object(out);
    object.text("method", request.method);
    object.text("url", request.url);
    if (payload) {
        append_head(object.key("headers"), request.head);
        const std::string& body = request.body ? *request.body : *payload;
        object.text("body", has_hole(body) ? without_holes(body) : body);
    }
    object.close();
}

void append_attempt(std::string& out, const journal::Attempt& attempt, const std::string* payload) {
    ObjectText object(out);
    object.number("number", attempt.number);
    object.time_or_null("startedAt", attempt.started_ms);
    object.time_or_null("endedAt", attempt.ended_ms);
    append_phases(object.key("phases"), attempt.phases);
    append_request(object.key("request"), attempt.request, payload);
    if (attempt.response_status == 0) {
        object.raw("response", "null");
    } else {
        object.raw("response", "{\"status\":" + std::to_string(attempt.response_status) + "}");
    }
    object.text_or_null("address", attempt.address);
    object.text_or_null("tlsVersion", attempt.tls_version);
    object.text_or_null("outcome", attempt.outcome);
    object.text_or_null("reason", attempt.reason);
    object.time_or_null("nextAt", attempt.next_ms);
    object.close();
}

void append_approval(std::string& out, const journal::RunState& state) {
    if (!state.approval) {
        out += "null";
        return;
    }
    ObjectText object(out);
    object.text("type", state.approval->all ? "ALL" : "ANY");
    object.time_or_null("deadline", state.approval->deadline_ms);
    object.key("decisions") += '[';
    bool first = true;
    for (const journal::ApprovalDecision& decision : state.approval->decisions) {
        if (!first) out += ',';
        first = false;
        out += decision_json(decision);
    }
    out += ']';
    object.close();
}

/// Port's `payload` of a run: the invocation method as it was filled in.
void append_method(std::string& out, const journal::RunSeed& seed) {
    ObjectText object(out);
    object.text("type", seed.invocation_type);
    const std::string members = without_holes(seed.method);
    if (members.size() > 2) (out += ',').append(members, 1, members.size() - 2);
    object.close();
}

/// JSON as such, anything else as a text.
void append_response(std::string& out, const std::string& said) {
    if (said.empty()) {
        out += "null";
    } else if (const auto value = json::parse(said)) {
        json::append(out, *value);
    } else {
        json::append_string(out, said);
    }
}

void append_blueprint(std::string& out, const Catalog& catalog, const std::string& action) {
    const auto offer = catalog.find(action);
    if (offer == catalog.end() || offer->second.action->blueprint.empty()) {
        out += "null";
        return;
    }
    ObjectText object(out);
    object.text("identifier", offer->second.action->blueprint);
    object.close();
}

}  // namespace

std::string status_of(const journal::RunState& state) {
    switch (state.phase) {
        case Phase::waiting_approval:
            return "WAITING_FOR_APPROVAL";
        case Phase::finished:
            return state.result;
        case Phase::declined:
            return "DECLINED";
        case Phase::cancelled:
            return "CANCELLED";
        default:
            return "IN_PROGRESS";
    }
}

bool filter_status(journal::RunFilter& filter, std::string_view status) {
    using journal::Phase;
    if (status == "SUCCESS" || status == "FAILURE") {
        filter.result = std::string(status);
        filter.phases = {Phase::finished};
    } else if (status == "IN_PROGRESS") {
        filter.phases = {Phase::queued,    Phase::sending,     Phase::retrying, Phase::accepted,
                         Phase::confirmed, Phase::unconfirmed, Phase::held};
    } else if (status == "WAITING_FOR_APPROVAL") {
        filter.phases = {Phase::waiting_approval};
    } else if (status == "DECLINED") {
        filter.phases = {Phase::declined};
    } else if (status == "CANCELLED") {
        filter.phases = {Phase::cancelled};
    } else {
        return false;
    }
    return true;
}

std::string run_json(const Catalog& catalog, const journal::RunSeed& seed,
                     const journal::RunState& state, const std::vector<journal::Attempt>& attempts,
                     bool requests) {
    std::string out;
    out.reserve(1024 + seed.properties.size());
    ObjectText object(out);
    object.text("id", seed.id);
    object.text("action", seed.action);
    object.text("status", status_of(state));
    object.text("phase", journal::phase_name(state.phase));
    object.text_or_null("statusLabel", state.status_label);
    object.raw("link", state.link.empty() ? "null" : state.link);
    object.text_or_null("summary", state.summary);
    object.text_or_null("externalRunId", state.external_run_id);
    object.text_or_null("reason", state.reason);
    append_blueprint(object.key("blueprint"), catalog, seed.action);
    object.text("source", seed.origin);
    append_method(object.key("payload"), seed);
    append_response(object.key("response"), state.response);
    object.text("connection", seed.connection);
    object.text("traceId", trace_id(seed.trace, seed.id));
    object.raw("properties", seed.properties.empty() ? "{}" : seed.properties);
    object.raw("entity", seed.entity.empty() ? "null" : seed.entity);
    ObjectText trigger(object.key("trigger"));
    trigger.text_or_null("by", seed.user.empty() ? seed.client : seed.user);
    trigger.text_or_null("client", seed.client);
    trigger.text("origin", seed.origin);
    trigger.time_or_null("at", seed.created_ms);
    trigger.text_or_null("runId", seed.upstream_id);
    trigger.close();
    object.time_or_null("claimedAt", state.claimed_ms);
    object.time_or_null("createdAt", seed.created_ms);
    object.time_or_null("updatedAt", state.updated_ms);
    object.time_or_null("endedAt", state.ended_ms);
    object.time_or_null("nextAt", state.phase == Phase::waiting_approval ? 0 : state.due_ms);

    object.raw("requiredApproval", state.approval ? "true" : "false");
    append_approval(object.key("approval"), state);

    const std::string* payload = requests ? &seed.payload : nullptr;
    object.key("attempts") += '[';
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        if (i != 0) out += ',';
        append_attempt(out, attempts[i], payload);
    }
    if (state.open) {
        if (!attempts.empty()) out += ',';
        journal::Attempt open;
        open.number = state.open->number;
        open.started_ms = state.open->started_ms;
        open.request = state.open->request;
        append_attempt(out, open, payload);
    }
    out += ']';
    object.close();
    return out;
}

std::string reported_json(const Run& run) {
    std::string out;
    ObjectText object(out);
    object.text("id", run.seed.id);
    object.text("status", status_of(run.state));
    object.text("phase", journal::phase_name(run.state.phase));
    object.text_or_null("statusLabel", run.state.status_label);
    object.raw("link", run.state.link.empty() ? "null" : run.state.link);
    object.text_or_null("externalRunId", run.state.external_run_id);
    object.close();
    return out;
}

std::string decision_json(const journal::ApprovalDecision& decision) {
    std::string out;
    ObjectText object(out);
    object.text_or_null("client", decision.client);
    object.text_or_null("user", decision.user);
    object.text("status", decision.approves ? "APPROVE" : "DECLINE");
    object.time_or_null("at", decision.at_ms);
    object.text_or_null("description", decision.comment);
    object.close();
    return out;
}

std::string log_json(const std::string& run_id, const journal::LogLine& line) {
    std::string out;
    ObjectText object(out);
    object.text("id", run_id + "." + std::to_string(line.number));
    object.text("runId", run_id);
    object.text("message", line.message);
    object.text_or_null("createdBy", line.created_by);
    object.time_or_null("createdAt", line.created_ms);
    object.text_or_null("statusLabel", line.status_label);
    object.text_or_null("terminationStatus", line.termination_status);
    object.close();
    return out;
}

std::string action_json(const Offer& offer) {
    json::Object shown;
    if (const json::Object* document = offer.action->document.if_object()) shown = *document;
    if (offer.unavailable.empty()) {
        shown["available"] = true;
    } else {
        shown["available"] = false;
        shown["unavailable"] = offer.unavailable;
    }
    return json::write(std::move(shown));
}

std::string request_json(const journal::AttemptRequest& request, const std::string& payload) {
    std::string out;
    append_request(out, request, &payload);
    return out;
}

}  // namespace signalbox::runs
