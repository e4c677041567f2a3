#include "api/api.hpp"
#include "api/reply.hpp"
#include "api/run_filter.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "runs/many.hpp"

namespace signalbox::api {
namespace {

/// The name in {"name": …}.
Result<std::string> name_of(const json::Value& body) {
    const json::Object* object = body.if_object();
    const json::Value* name = object ? object->if_contains("name") : nullptr;
    if (name && name->is_string() && object->size() == 1) return std::string(name->get_string());
    return Error{"invalid_body",
                 "the body is not {\"name\": …}",
                 {{"/name", "is required, a string, and the only member"}}};
}

std::string backup_json(const journal::Backup& backup) {
    std::string text = "{\"file\":";
    json::append_string(text, backup.file);
    text += ",\"bytes\":" + std::to_string(backup.bytes) + "}";
    return text;
}

}  // namespace

/// What no list says of any person, so nobody is spoken for.
std::optional<Error> Api::own_deed(const Call& call, const std::string& deed) {
    if (call.user.empty()) return {};
    return Error{"forbidden",
                 deed + " is done by a client for itself; send it without run_as"};
}

void Api::redeliver_many(Call call) {
    change_many(std::move(call), runs::Hand::redeliver);
}

void Api::cancel_many(Call call) {
    change_many(std::move(call), runs::Hand::cancel);
}

void Api::change_many(Call call, runs::Hand hand) {
    auto body = json::parse(call.request.body);
    if (!body) return call.respond(failed(body.error()));
    auto request = runs::parse_many(*body, hand);
    if (!request) return call.respond(failed(request.error()));
    if (auto allowed =
            runs_.permissions()->allowed_actions(runs::Verb::invoke, call.principal()))
        keep_actions(request->filter, std::move(*allowed));
    runs_.change_many(hand, std::move(*request),
                      [respond = call.respond](Result<runs::ManyDone> done) {
                          if (!done) return respond(failed(done.error()));
                          respond(ok(200, "result", runs::many_json(*done)));
                      });
}

void Api::backup(Call call) {
    if (auto refused = own_deed(call, "a backup")) return call.respond(failed(*refused));
    auto body = json::parse(call.request.body);
    if (!body) return call.respond(failed(body.error()));
    auto name = name_of(*body);
    if (!name) return call.respond(failed(name.error()));
    // Said in the log too: a caller may have stopped waiting for a large one.
    journal_.backup(std::move(*name), [this, respond = call.respond](Result<journal::Backup> made) {
        if (!made) {
            log_.write({LogLevel::warning, "backup_failed", made.error().message, {}});
            return respond(failed(made.error()));
        }
        log_.write({LogLevel::info,
                    "backup_made",
                    "",
                    {{"file", made->file}, {"bytes", std::to_string(made->bytes)}}});
        respond(ok(201, "backup", backup_json(*made)));
    });
}

}  // namespace signalbox::api
