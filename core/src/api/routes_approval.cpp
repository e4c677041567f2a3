#include "api/api.hpp"
#include "api/reply.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "runs/approval.hpp"
#include "runs/report.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

Result<json::Value> body_of(const net::Request& request) {
    if (request.body.empty()) return json::Value(json::Object());
    return json::parse(request.body);
}

void append_asked(std::string& list, const std::string& name) {
    constexpr std::string_view kUser = "user:";
    const bool is_user = name.rfind(kUser, 0) == 0;
    if (list.size() > 1) list += ',';
    list += "{\"client\":";
    if (is_user) {
        list += "null,\"user\":";
        json::append_string(list, std::string_view(name).substr(kUser.size()));
    } else {
        json::append_string(list, name);
        list += ",\"user\":null";
    }
    list += ",\"status\":\"PENDING\",\"at\":null,\"description\":null}";
}

}  // namespace

void Api::when_visible(const Call& call, std::function<void()> then) {
    if (runs_.permissions()->sees_all(call.principal())) return then();
    runs_.find(
        call.captured[0],
        [respond = call.respond, then = std::move(then)](auto found) {
            if (!found) return respond(failed(found.error()));
            then();
        },
        guard(call, runs::Verb::view));
}

void Api::decide_approval(Call call) {
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    auto said = runs::parse_approval(*body);
    if (!said) return call.respond(failed(said.error()));
    said->client = call.client.id;
    said->user = call.user;
    runs_.decide_approval(
        call.captured[0], std::move(*said),
        [this, respond = call.respond](Result<journal::RunWithAttempts> found) {
            if (!found) return respond(failed(found.error()));
            respond(ok(201, "run",
                       runs::run_json(runs_.catalog(), found->run, found->attempts, false)));
        },
        guard(call, runs::Verb::approve));
}

void Api::list_approvers(Call call) {
    bool pending = false;
    const auto members = query_members(call.request.query);
    if (!members) return call.respond(failed(members.error()));
    for (const auto& [name, value] : *members) {
        const bool known = name == "run_as" || (name == "include_pending_approvers" &&
                                                (value == "true" || value == "false"));
        if (!known) {
            return call.respond(failed(
                Error{"invalid_query",
                      "'" + name + "=" + value +
                          "' is not accepted; accepted is include_pending_approvers=true or false"}));
        }
        pending = pending || (name != "run_as" && value == "true");
    }
    runs_.find(
        call.captured[0],
        [respond = call.respond, permissions = runs_.permissions(), pending](auto found) {
            if (!found) return respond(failed(found.error()));
            const journal::Run& run = found->run;
            std::string list = "[";
            if (run.state.approval) {
                for (const journal::ApprovalDecision& decision : run.state.approval->decisions) {
                    if (list.size() > 1) list += ',';
                    list += runs::decision_json(decision);
                }
            }
            if (pending && run.state.phase == journal::Phase::waiting_approval) {
                for (const std::string& name :
                     runs::still_asked(run, permissions->approvers(run.seed.action)))
                    append_asked(list, name);
            }
            respond(ok(200, "approvers", list + "]"));
        },
        guard(call, runs::Verb::view));
}

void Api::report_response(Call call) {
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    auto report = runs::parse_response(*body);
    if (!report) return call.respond(failed(report.error()));
    runs_.log(
        call.captured[0], std::move(*report), call.caller(),
        [this, done = reported(call), id = call.captured[0]](Result<journal::LogLine> line) {
            if (!line) return done(line.error());
            runs_.find(id, done);
        },
        guard(call, runs::Verb::report));
}

}  // namespace signalbox::api
