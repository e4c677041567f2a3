#include "webhook.hpp"

#include "json_text.hpp"
#include "signature.hpp"

namespace azure_standin {
namespace {

std::string signature_of(const Request& request, const WebhookConnection* connection) {
    if (connection == nullptr || connection->header.empty()) return "no signature wanted";
    const std::string* value = request.header(connection->header);
    return connection->header + ": " + (value == nullptr ? "(missing)" : *value);
}

}  // namespace

Reply error_reply(int status, const std::string& message, const std::string& type_key) {
    Reply reply;
    reply.status = status;
    reply.body = "{\"$id\":\"1\",\"innerException\":null,\"message\":" + json_string(message) +
                 ",\"typeName\":" +
                 json_string("Microsoft.TeamFoundation.DistributedTask.WebApi." + type_key +
                             ", Microsoft.TeamFoundation.DistributedTask.WebApi") +
                 ",\"typeKey\":" + json_string(type_key) + ",\"errorCode\":0,\"eventId\":3000}";
    return reply;
}

WebhookReceiver::WebhookReceiver(std::vector<WebhookConnection> connections,
                                 std::vector<Pipeline> pipelines, NamedTexts variables,
                                 std::vector<Fault> faults, Ledger& ledger, Console& console)
    : connections_(std::move(connections)),
      pipelines_(std::move(pipelines)),
      variables_(std::move(variables)),
      faults_(std::move(faults)),
      ledger_(ledger),
      console_(console) {}

const WebhookConnection* WebhookReceiver::find(const std::string& name) const {
    for (const WebhookConnection& connection : connections_) {
        if (connection.name == name) return &connection;
    }
    return nullptr;
}

void WebhookReceiver::say(const Request& request, const std::string& name,
                          const std::string& what) {
    console_.line("webhook " + name + ": " + request.method + " " + request.target + " | " +
                  signature_of(request, find(name)) + " | " + what);
}

Reply WebhookReceiver::receive(const Request& request, const std::string& name,
                               const std::optional<std::string>& api_version) {
    if (request.method != "POST") {
        say(request, name, "refused: not a POST");
        return error_reply(
            405, "The requested resource does not support http method '" + request.method + "'.",
            "HttpMethodNotSupportedException");
    }
    if (!api_version || api_version->empty()) {
        say(request, name, "refused: no api-version");
        return error_reply(400,
                           "No api-version was supplied for the \"POST\" request; give it as "
                           "a query parameter, such as \"?api-version=6.0-preview\".",
                           "VssVersionNotSpecifiedException");
    }
    const std::optional<Fault> fault = faults_.next();
    if (fault && fault->kind == Fault::Kind::status) {
        say(request, name, "fault: answered " + std::to_string(fault->status) + ", not taken");
        Reply reply =
            error_reply(fault->status, "The stand-in was asked to fail.", "StandInFaultException");
        reply.retry_after = fault->retry_after;
        return reply;
    }
    Reply reply = deliver(request, name);
    if (fault) {
        const bool hang = fault->kind == Fault::Kind::hang_after_body;
        reply.manner = hang ? Reply::Manner::hang : Reply::Manner::reset;
        say(request, name, hang ? "fault: never answered" : "fault: connection reset");
    }
    return reply;
}

Reply WebhookReceiver::deliver(const Request& request, const std::string& name) {
    const WebhookConnection* connection = find(name);
    if (connection == nullptr) {
        say(request, name, "refused: unknown webhook");
        return error_reply(500,
                           "Cannot find webhook for the given webHookId " + name +
                               ". Try enabling CD trigger for this artifact.",
                           "WebHookException");
    }
    if (const std::optional<Refusal> refused = verify(request, *connection)) {
        say(request, name, "refused: " + refused->why);
        return error_reply(500, refused->message, "WebHookException");
    }
    say(request, name,
        connection->header.empty() ? "taken, verification is off" : "signature verified");
    ledger_.add(request);
    Reply reply;
    reply.runs = plan_runs(request, name);
    return reply;
}

std::optional<WebhookReceiver::Refusal> WebhookReceiver::verify(
    const Request& request, const WebhookConnection& connection) {
    if (connection.header.empty()) return std::nullopt;
    if (request.body.empty()) {
        return Refusal{"the body is empty", "Properties.Resources.EmptyWebHookEventPayload"};
    }
    const std::string* value = request.header(connection.header);
    if (value == nullptr) {
        // The real one answers with the name of its text and not the text.
        return Refusal{"the signature's header is missing",
                       "Properties.Resources.RequiredHeaderSignatureNotFound"};
    }
    if (!signature_matches(connection.secret, request.body, *value)) {
        // The real one gives the payload back, so whoever logs replies logs payloads.
        return Refusal{"the signature is wrong",
                       "WebHookPayloadHashDoesNotMatch: the hash of the payload differs from that "
                       "in header " +
                           connection.header + ". Payload: " + request.body};
    }
    return std::nullopt;
}

std::vector<RunPlan> WebhookReceiver::plan_runs(const Request& request, const std::string& name) {
    std::vector<RunPlan> runs;
    const std::optional<Payload> payload = Payload::parse(request.body);
    for (const Pipeline& pipeline : pipelines_) {
        for (const Trigger& trigger : pipeline.triggers) {
            if (trigger.webhook != name) continue;
            if (!payload) {
                console_.line(pipeline.file + ": no run: the payload is not a JSON object");
                continue;
            }
            auto planned = plan_run(pipeline, trigger, *payload, variables_);
            if (auto* plan = std::get_if<RunPlan>(&planned)) {
                runs.push_back(std::move(*plan));
            } else {
                console_.line(pipeline.file + ": no run: " + std::get<NoRun>(planned).reason);
            }
        }
    }
    return runs;
}

}  // namespace azure_standin
