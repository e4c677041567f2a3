#include "sources/port_message.hpp"

#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::sources {
namespace {

using journal::Phase;

std::string path_of(const journal::Run& run) {
    return "/v1/actions/runs/" + run.seed.upstream_id;
}

/// What the pipeline does not say itself; empty: nothing worth a call yet.
const char* label_of(Phase phase) {
    switch (phase) {
        case Phase::waiting_approval:
            return "Waiting for approval in Signalbox";
        case Phase::retrying:
            return "Retrying";
        case Phase::accepted:
            return "Accepted by the target";
        case Phase::confirmed:
            return "Running";
        case Phase::unconfirmed:
            return "Accepted, and nothing has started";
        case Phase::held:
            return "Held for a person";
        case Phase::declined:
            return "Declined";
        case Phase::cancelled:
            return "Cancelled";
        default:
            return "";
    }
}

void add(json::Object& object, std::string_view name, const std::string& text) {
    if (!text.empty()) object[name] = json::String(text);
}

}  // namespace

std::optional<PortMessage> state_message(const journal::Run& run) {
    const journal::RunState& state = run.state;
    const bool ended = journal::is_final(state.phase);
    json::Object said;
    if (!ended) {
        add(said, "statusLabel",
            state.status_label.empty() ? label_of(state.phase) : state.status_label);
    }
    if (auto link = state.link.empty() ? Result<json::Value>(json::Value()) : json::parse(state.link);
        link && !link->is_null()) {
        said["link"] = std::move(*link);
    }
    const bool explained = state.phase == Phase::held || (ended && state.result != "SUCCESS");
    add(said, "summary", state.summary.empty() && explained ? state.reason : state.summary);
    add(said, "externalRunId", state.external_run_id);
    if (said.empty()) return std::nullopt;
    return PortMessage{"PATCH", path_of(run), json::write(std::move(said))};
}

PortMessage log_message(const journal::Run& run, const journal::LogLine& line) {
    json::Object said;
    said["message"] = json::String(line.message);
    add(said, "statusLabel", line.status_label);
    return {"POST", path_of(run) + "/logs", json::write(std::move(said))};
}

PortMessage end_message(const journal::Run& run) {
    const journal::RunState& state = run.state;
    json::Object said;
    said["status"] = state.result == "SUCCESS" ? "SUCCESS" : "FAILURE";
    std::string label = state.status_label.empty() ? label_of(state.phase) : state.status_label;
    if (label.empty()) label = state.result == "SUCCESS" ? "Succeeded" : "Failed";
    add(said, "statusLabel", label);
    return {"PATCH", path_of(run), json::write(std::move(said))};
}

}  // namespace signalbox::sources
