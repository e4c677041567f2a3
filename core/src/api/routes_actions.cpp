#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/limits.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

/// A run that is due for longer than this without an attempt means that nothing goes out.
constexpr std::int64_t kOverdueMsMax = 60'000;

std::string_view text_member(const json::Value& body, std::string_view name) {
    const json::Object* object = body.if_object();
    const json::Value* member = object ? object->if_contains(name) : nullptr;
    if (!member || !member->is_string()) return {};
    return member->get_string();
}

}  // namespace

void Api::access_token(Call call) {
    auto body = json::parse(call.request.body);
    if (!body) return call.respond(failed(body.error()));
    const std::string_view id = text_member(*body, "clientId");
    const std::string_view secret = text_member(*body, "clientSecret");
    if (id.empty() || secret.empty()) {
        return call.respond(
            failed(Error{"invalid_body", "clientId and clientSecret are required strings"}));
    }
    if (clients_.open()) {
        return call.respond(
            failed(Error{"invalid_body", "no clients are configured, so no token is needed here"}));
    }
    const auto token = clients_.token(id, secret, clock_.wall_ms() / 1000);
    if (!token) {
        note_refusal(id, call.request.peer);
        return call.respond(
            failed(Error{"unauthorized", "unknown clientId or wrong clientSecret"}));
    }
    net::Response response = ok();
    response.body = "{\"ok\":true,\"accessToken\":";
    json::append_string(response.body, *token);
    response.body +=
        ",\"expiresIn\":" + std::to_string(Clients::token_s) + ",\"tokenType\":\"Bearer\"}";
    response.headers.emplace_back("Cache-Control", "no-store");
    call.respond(std::move(response));
}

void Api::list_actions(Call call) {
    std::string list = "[";
    for (const auto& [identifier, offer] : runs_.catalog()) {
        if (!runs_.permissions()->allow(runs::Verb::view, identifier, call.principal())) continue;
        if (list.size() > 1) list += ',';
        list += runs::action_json(offer);
    }
    call.respond(ok(200, "actions", list + "]"));
}

void Api::get_action(Call call) {
    const auto found = runs_.catalog().find(call.captured[0]);
    if (found == runs_.catalog().end() ||
        !runs_.permissions()->allow(runs::Verb::view, call.captured[0], call.principal())) {
        return call.respond(
            failed(Error{"action_not_found", "no action '" + call.captured[0] + "'"}));
    }
    call.respond(ok(200, "action", runs::action_json(found->second)));
}

void Api::health(Call call) {
    call.respond(ok());
}

void Api::ready(Call call) {
    if (const auto trouble = journal_.trouble()) {
        return call.respond(
            failed(Error{"not_ready", "the journal cannot be written: " + trouble->message}));
    }
    if (const std::int64_t overdue_ms = engine_.overdue_ms(); overdue_ms > kOverdueMsMax) {
        return call.respond(failed(Error{"not_ready", "a run has been due for " +
                                                          std::to_string(overdue_ms / 1000) +
                                                          " s without an attempt"}));
    }
    call.respond(ok());
}

}  // namespace signalbox::api
