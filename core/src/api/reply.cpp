#include "api/reply.hpp"

#include <map>

#include "json/writer.hpp"

namespace signalbox::api {
namespace {

int status_of(std::string_view code) {
    static const std::map<std::string_view, int> known = {{"action_not_found", 404},
                                                          {"run_not_found", 404},
                                                          {"not_found", 404},
                                                          {"invalid_json", 400},
                                                          {"invalid_body", 422},
                                                          {"invalid_inputs", 422},
                                                          {"invalid_query", 422},
                                                          {"action_unavailable", 422},
                                                          {"plan_refused", 422},
                                                          {"payload_too_large", 422},
                                                          {"template_failed", 422},
                                                          {"template_timeout", 422},
                                                          {"templates_busy", 503},
                                                          {"idempotency_conflict", 409},
                                                          {"run_finished", 409},
                                                          {"reload_busy", 409},
                                                          {"config_invalid", 422},
                                                          {"no_config_file", 422},
                                                          {"run_not_started", 409},
                                                          {"approval_closed", 409},
                                                          {"already_decided", 409},
                                                          {"approver_is_requester", 403},
                                                          {"not_an_approver", 403},
                                                          {"no_approver", 422},
                                                          {"run_claimed", 409},
                                                          {"replay_refused", 409},
                                                          {"replay_keys_full", 503},
                                                          {"too_many_messages", 429},
                                                          {"message_rejected", 422},
                                                          {"not_cancellable", 409},
                                                          {"not_redeliverable", 409},
                                                          {"run_log_full", 409},
                                                          {"run_attempts_full", 409},
                                                          {"invalid_backup_name", 422},
                                                          {"backup_exists", 409},
                                                          {"backup_running", 409},
                                                          {"journal_unavailable", 503},
                                                          {"journal_corrupt", 503},
                                                          {"journal_busy", 503},
                                                          {"backlog_full", 503},
                                                          {"shutting_down", 503},
                                                          {"not_ready", 503},
                                                          {"unauthorized", 401},
                                                          {"forbidden", 403},
                                                          {"method_not_allowed", 405},
                                                          {"unsupported_media_type", 415},
                                                          {"invalid_idempotency_key", 422}};
    const auto found = known.find(code);
    return found == known.end() ? 500 : found->second;
}

constexpr std::size_t headers_usual = 3;

net::Response json_reply(int status, std::string body) {
    net::Response response;
    response.status = status;
    response.headers.reserve(headers_usual);
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

}  // namespace

net::Response ok(int status, std::string_view name, std::string json) {
    // Around it, where it stands: most texts have the room.
    json.insert(0, "{\"ok\":true,\"" + std::string(name) + "\":");
    json += '}';
    return json_reply(status, std::move(json));
}

net::Response ok() {
    return json_reply(200, "{\"ok\":true}");
}

net::Response failed(const Error& error) {
    const int status = status_of(error.code);
    std::string body = "{\"ok\":false,\"error\":";
    json::append_string(body, error.code);
    body += ",\"message\":";
    json::append_string(body, error.message);
    body += ",\"details\":[";
    bool first = true;
    for (const Detail& detail : error.details) {
        if (!first) body += ',';
        first = false;
        body += "{\"pointer\":";
        json::append_string(body, detail.pointer);
        body += ",\"message\":";
        json::append_string(body, detail.message);
        body += '}';
    }
    body += "]}";
    net::Response response = json_reply(status, std::move(body));
    if (status == 503) response.headers.emplace_back("Retry-After", "1");
    if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
}

net::Response failed(int status, std::string_view code, std::string_view message) {
    net::Response response = failed(Error{std::string(code), std::string(message)});
    response.status = status;
    return response;
}

}  // namespace signalbox::api
