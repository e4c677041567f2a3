#include "app/client/api.hpp"

#include <algorithm>

#include "app/client/json.hpp"
#include "app/files.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

constexpr std::string_view kServerDefault = "http://127.0.0.1:8080";

/// Fit for a header's value: a line break would begin another header.
bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<std::string> server_of(const Options& options, const Tools& tools) {
    if (const auto given = options.value("server")) return *given;
    const std::string named = tools.context.environment("SIGNALBOX_URL").value_or("");
    if (!named.empty()) return named;
    const auto config = usual_config();
    if (!config) return std::string(kServerDefault);
    auto url = tools.core.server_url(*config);
    if (url) return url;
    return Error{"usage", "which server? " + url.error().message + "\nName it with --server URL or SIGNALBOX_URL"};
}

}  // namespace

Result<Api> Api::from(const Options& options, const Tools& tools) {
    const Context& context = tools.context;
    const auto url = server_of(options, tools);
    if (!url) return url.error();
    const auto server = parse_server(*url);
    if (!server) return server.error();

    const auto named = [&](const char* name) { return context.environment(name).value_or(""); };
    Api api(*server, context);
    api.client_id_ = named("SIGNALBOX_CLIENT_ID");
    api.client_secret_ = named("SIGNALBOX_CLIENT_SECRET");
    api.token_ = named("SIGNALBOX_TOKEN");
    if (api.client_id_.empty() != api.client_secret_.empty()) {
        return Error{"usage",
                     "SIGNALBOX_CLIENT_ID and SIGNALBOX_CLIENT_SECRET belong together, and only "
                     "one of them is set"};
    }
    if (!is_visible_ascii(api.token_)) {
        return Error{"usage",
                     "SIGNALBOX_TOKEN holds a blank, a line break or a character that no token "
                     "has"};
    }
    return api;
}

Result<ApiReply> Api::exchange_json(const HttpRequest& request) {
    auto reply = exchange(server_, request, context_.clock);
    if (!reply) return reply.error();
    auto json = parse_object(reply->body);
    if (!json) {
        return Error{"not_signalbox", server_.shown + " answered " + std::to_string(reply->status) +
                                          " without a JSON object; is it Signalbox's address?"};
    }
    return ApiReply{reply->status, std::move(reply->body), *json};
}

Result<Done> Api::get_token() {
    const std::string body = "{\"clientId\":" + json_string(client_id_) +
                             ",\"clientSecret\":" + json_string(client_secret_) + "}";
    const auto reply = exchange_json({"POST", "/v1/auth/access_token", {}, body});
    if (!reply) return reply.error();
    if (reply->status / 100 != 2) return error_of(*reply);
    token_ = text_at(reply->json, "accessToken");
    if (token_.empty() || !is_visible_ascii(token_)) {
        return Error{"not_signalbox", server_.shown + " gave no usable access token"};
    }
    return Done{};
}

Result<ApiReply> Api::call(const std::string& method, const std::string& target,
                           const std::string& body, const std::string& idempotency_key) {
    const bool can_get_token = !client_id_.empty();
    bool token_is_new = false;
    for (;;) {
        if (can_get_token && token_.empty()) {
            if (const auto got = get_token(); !got) return got.error();
            token_is_new = true;
        }
        HttpRequest request{method, target, {}, body};
        if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
        if (!idempotency_key.empty())
            request.headers.emplace_back("Idempotency-Key", idempotency_key);
        auto reply = exchange_json(request);
        // A token lives for hours and a wait may be longer. A 401 means that nothing was done.
        if (!reply || reply->status != 401 || !can_get_token || token_is_new) return reply;
        token_.clear();
    }
}

Result<ApiReply> Api::ask(const std::string& method, const std::string& target,
                          const std::string& body, const std::string& idempotency_key) {
    auto reply = call(method, target, body, idempotency_key);
    if (reply && reply->status / 100 != 2) return error_of(*reply);
    return reply;
}

Error Api::error_of(const ApiReply& reply) const {
    Error error{text_at(reply.json, "error"), text_at(reply.json, "message")};
    if (error.code.empty()) error.code = "http_" + std::to_string(reply.status);
    if (error.message.empty())
        error.message = "the server answered " + std::to_string(reply.status);
    error.message += " (" + error.code + ")";
    if (reply.status == 401 && client_id_.empty() && token_.empty()) {
        error.message +=
            "; set SIGNALBOX_CLIENT_ID and SIGNALBOX_CLIENT_SECRET, or SIGNALBOX_TOKEN";
    }
    const auto details = array_at(reply.json, "details");
    for (std::size_t i = 0; !details.isNull() && i < details->size(); ++i) {
        const auto detail = details->getObject(static_cast<unsigned>(i));
        error.details.push_back({text_at(detail, "pointer"), text_at(detail, "message")});
    }
    return error;
}

std::string percent_encode(std::string_view text) {
    constexpr char kHex[] = "0123456789ABCDEF";
    constexpr std::string_view kUnreserved =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kUnreserved.find(c) != kUnreserved.npos) {
            encoded += c;
        } else {
            encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return encoded;
}

}  // namespace signalbox::app
