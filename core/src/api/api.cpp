#include "api/api.hpp"

#include <exception>
#include <utility>

#include "api/reply.hpp"
#include "base/limits.hpp"
#include "net/text.hpp"

namespace signalbox::api {
namespace {

using config::Right;

/// A field's value without its spaces and quotes, lower-cased.
std::string bare(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '"'; });
    return net::to_lower(text);
}

/// JSON is UTF-8 (RFC 8259, 8.1): another charset would be read as what it is not.
bool is_json(const std::string* media_type) {
    if (!media_type) return false;
    const std::string type = bare(*media_type);
    return type == "application/json" || type == "application/json;charset=utf-8";
}

/// Why a body of this request would be misread, or empty.
std::string unreadable(const net::Request& request) {
    if (!is_json(request.header("content-type")))
        return "a body must be application/json in UTF-8; send Content-Type: application/json";
    const std::string* coding = request.header("content-encoding");
    if (coding && bare(*coding) != "identity")
        return "a body is read as it is; send it without a Content-Encoding";
    return {};
}

}  // namespace

Api::Api(runs::Runs& runs, dispatch::Engine& engine, journal::Journal& journal, Clients& clients,
         const Clock& clock, LogSink& log, const Origins& origins, Views views)
    : runs_(runs),
      engine_(engine),
      journal_(journal),
      clients_(clients),
      clock_(clock),
      log_(log),
      origins_(origins),
      views_(std::move(views)),
      refusals_(clock, log, "client_refused", "client", limits::client_refusal_log_ms) {}

const std::vector<Api::Route>& Api::routes() {
    // Literal parts stand before `*`: "runs" is not an action's identifier.
    static const std::vector<Route> all = {
        {"POST", {"v1", "actions", "*", "runs"}, int(Right::invoke), &Api::invoke},
        {"PATCH", {"v1", "actions", "runs", "*"}, int(Right::report), &Api::report},
        {"GET", {"v1", "actions", "runs", "*"}, int(Right::view), &Api::get_run},
        {"POST", {"v1", "actions", "runs", "*", "logs"}, int(Right::report), &Api::add_log},
        {"PATCH", {"v1", "actions", "runs", "*", "approval"}, int(Right::approve), &Api::decide_approval},
        {"GET", {"v1", "actions", "runs", "*", "approvers"}, int(Right::view), &Api::list_approvers},
        {"PATCH", {"v1", "actions", "runs", "*", "response"}, int(Right::report), &Api::report_response},
        {"GET", {"v1", "actions", "runs", "*", "logs"}, int(Right::view), &Api::list_logs},
        {"POST", {"v1", "actions", "runs", "*", "redeliver"}, int(Right::admin), &Api::redeliver},
        {"POST", {"v1", "actions", "runs", "*", "cancel"}, int(Right::admin), &Api::cancel},
        {"POST", {"v1", "actions", "runs", "*", "claim"}, int(Right::report), &Api::claim},
        {"POST", {"v1", "sources", "*"}, nobody, &Api::take_message},
        {"POST", {"v1", "actions", "runs", "redeliver"}, int(Right::admin), &Api::redeliver_many},
        {"POST", {"v1", "actions", "runs", "cancel"}, int(Right::admin), &Api::cancel_many},
        {"GET", {"v1", "rejections"}, int(Right::view), &Api::list_rejections},
        {"POST", {"v1", "backups"}, int(Right::admin), &Api::backup},
        {"GET", {"v1", "actions", "runs", "*", "events"}, int(Right::view), &Api::run_events},
        {"GET", {"v1", "events"}, int(Right::view), &Api::all_events},
        {"POST", {"v1", "reload"}, int(Right::admin), &Api::reload},
        {"GET", {"metrics"}, int(Right::view), &Api::metrics},
        {"GET", {"openapi.json"}, nobody, &Api::openapi},
        {"GET", {""}, int(Right::view), &Api::runs_page, true},
        {"GET", {"runs", "*"}, int(Right::view), &Api::run_page, true},
        {"GET", {"rejections"}, int(Right::view), &Api::rejections_page, true},
        {"GET", {"v1", "actions", "runs"}, int(Right::view), &Api::list_runs},
        {"POST", {"v1", "actions", "*", "preview"}, int(Right::invoke), &Api::preview},
        {"GET", {"v1", "actions"}, int(Right::view), &Api::list_actions},
        {"GET", {"v1", "actions", "*"}, int(Right::view), &Api::get_action},
        {"POST", {"v1", "auth", "access_token"}, nobody, &Api::access_token, false,
         limits::token_request_bytes_max},
        {"GET", {"healthz"}, nobody, &Api::health},
        {"GET", {"readyz"}, nobody, &Api::ready},
    };
    return all;
}

net::Response Api::refuse(int status, std::string_view code, std::string_view message) {
    return failed(status, code, message);
}

void Api::note_refusal(std::string_view id, const std::string& peer) {
    // Only a client's id is repeated: what else stands in its place may be a secret.
    const bool known = clients_.knows(id);
    refusals_.note(known ? std::string(id) : std::string(),
                   known ? "the secret is not this client's" : "there is no client of that id", peer);
    views_.meter.add(Counter::clients_refused, {}, 1);
}

void Api::handle(net::Request request, net::Respond respond) {
    auto outcome = judge(request);
    if (auto* refusal = std::get_if<net::Response>(&outcome)) return respond(std::move(*refusal));
    auto& judged = std::get<Judged>(outcome);
    if (request.body.size() > judged.route->body_bytes_max) return respond(too_large(*judged.route));
    if (const std::string why = unreadable(request); !request.body.empty() && !why.empty()) {
        const Error error{"unsupported_media_type", why};
        note_refused(judged, error);
        return respond(failed(error));
    }
    try {
        (this->*judged.route->serve)({request, *judged.client, std::move(judged.captured), respond,
                                       std::move(judged.user)});
    } catch (const std::exception& fault) {
        // A fault in the program: said in the log, not to the caller.
        LogEvent event;
        event.level = LogLevel::error;
        event.name = "request_failed";
        event.fields = {
            {"method", request.method}, {"path", request.path}, {"fault", fault.what()}};
        log_.write(event);
        respond(failed(500, "internal_error", "this is a defect of Signalbox; its log says more"));
    }
}

}  // namespace signalbox::api
