#include "app/client/approval.hpp"

#include <ostream>

#include "app/client/api.hpp"
#include "app/client/json.hpp"
#include "app/client/render.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

int decide(const Options& options, const Tools& tools, const std::string& status) {
    const auto fail = [&tools](const Error& error) {
        print_error(tools.context.err, error);
        return error.code == "usage" ? exit_code::usage : exit_code::failure;
    };
    auto api = Api::from(options, tools);
    if (!api) return fail(api.error());
    std::string body = "{\"status\":\"" + status + "\"";
    if (const auto comment = options.value("comment"))
        body += ",\"description\":" + json_string(*comment);
    const auto reply = api->ask("PATCH",
                                "/v1/actions/runs/" + percent_encode(options.arguments()[0]) +
                                    "/approval" + identity_query(options),
                                body + "}");
    if (!reply) return fail(reply.error());
    if (options.has("json")) {
        tools.context.out << reply->text << '\n';
    } else {
        print_outcome(tools.context.out, object_at(reply->json, "run"));
    }
    return exit_code::success;
}

/// `ada@example.com (portal)`, `lead`.
std::string who(const Poco::JSON::Object::Ptr& decision) {
    const std::string client = one_line(text_at(decision, "client"));
    const std::string user = one_line(text_at(decision, "user"));
    if (user.empty()) return client;
    return client.empty() ? user : user + " (" + client + ")";
}

}  // namespace

std::string identity_query(const Options& options) {
    const auto user = options.value("run-as");
    return user ? "?run_as=" + percent_encode(*user) : std::string();
}

int run_runs_approve(const Options& options, const Tools& tools) {
    return decide(options, tools, "APPROVE");
}

int run_runs_decline(const Options& options, const Tools& tools) {
    return decide(options, tools, "DECLINE");
}

void print_approval(std::ostream& out, const Poco::JSON::Object::Ptr& run) {
    const auto approval = object_at(run, "approval");
    if (approval.isNull()) return;
    const bool waits = text_at(run, "phase") == "waiting_approval";
    const bool all = text_at(approval, "type") == "ALL";
    out << "approval    " << (all ? "by everybody who is named" : "by anyone who may");
    const std::string deadline = one_line(text_at(approval, "deadline"));
    if (waits && !deadline.empty()) out << ", else declined at " << deadline;
    out << '\n';
    const auto decisions = array_at(approval, "decisions");
    for (std::size_t i = 0; !decisions.isNull() && i < decisions->size(); ++i) {
        const auto decision = decisions->getObject(static_cast<unsigned>(i));
        const bool approves = text_at(decision, "status") == "APPROVE";
        out << "  " << one_line(text_at(decision, "at")) << "  "
            << (approves ? "approved by " : "declined by ") << who(decision);
        const std::string comment = one_line(text_at(decision, "description"));
        if (!comment.empty()) out << ": " << comment;
        out << '\n';
    }
}

}  // namespace signalbox::app
