#include "app/client/runs.hpp"

#include <ostream>

#include "app/client/api.hpp"
#include "app/client/json.hpp"
#include "app/client/many.hpp"
#include "app/client/render.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

int fail(const Tools& tools, const Error& error) {
    print_error(tools.context.err, error);
    return error.code == "usage" ? exit_code::usage : exit_code::failure;
}

Result<ApiReply> ask_once(const Options& options, const Tools& tools, const std::string& method,
                          const std::string& target) {
    auto api = Api::from(options, tools);
    if (!api) return api.error();
    return api->ask(method, target);
}

/// `API` or `portal via API`.
std::string who_asked(const Poco::JSON::Object::Ptr& rejection) {
    const std::string client = text_at(rejection, "client");
    const std::string origin = text_at(rejection, "origin");
    return client.empty() ? origin : client + " via " + origin;
}

/// What was wrong and where, and which run a repeat was answered with.
std::string why_rejected(const Poco::JSON::Object::Ptr& rejection) {
    std::string why = text_at(rejection, "message");
    const auto pointers = array_at(rejection, "pointers");
    for (std::size_t i = 0; !pointers.isNull() && i < pointers->size(); ++i)
        why += (i == 0 ? ": " : ", ") + text_of(pointers->get(static_cast<unsigned>(i)));
    const std::string run = text_at(rejection, "runId");
    return run.empty() ? why : why + ": " + run;
}

std::string run_path(const Options& options) {
    return "/v1/actions/runs/" + percent_encode(options.arguments()[0]);
}

/// `?action=a&limit=5`, of the options that were given.
Result<std::string> list_query(const Options& options) {
    std::string query;
    for (const char* name : {"action", "status", "phase", "limit", "cursor"}) {
        const auto value = options.value(name);
        if (!value) continue;
        if (name == std::string_view("limit")) {
            const auto limit = parse_count(*value);
            if (!limit) return Error{"usage", "--limit: " + limit.error().message};
        }
        query += (query.empty() ? "?" : "&") + std::string(name) + "=" + percent_encode(*value);
    }
    return query;
}

void print_log_line(std::ostream& out, const Poco::JSON::Object::Ptr& line) {
    std::string message = printable(text_at(line, "message"));
    message.erase(message.find_last_not_of('\n') + 1);
    out << one_line(text_at(line, "createdAt")) << "  " << message;
    for (const char* name : {"statusLabel", "terminationStatus"}) {
        const std::string text = one_line(text_at(line, name));
        if (!text.empty()) out << "  [" << text << "]";
    }
    out << '\n';
}

void print_log_page(const ApiReply& page, bool as_json, std::ostream& out) {
    if (as_json) {
        out << page.text << '\n';
        return;
    }
    const auto lines = array_at(page.json, "runLogs");
    for (std::size_t i = 0; !lines.isNull() && i < lines->size(); ++i) {
        print_log_line(out, lines->getObject(static_cast<unsigned>(i)));
    }
}

int change_run(const Options& options, const Tools& tools, const std::string& verb) {
    const bool named = !options.arguments().empty();
    if (named == has_filter(options)) {
        return fail(
            tools, Error{"usage", named ? "name a run, or choose runs by options such as --action "
                                          "and --phase, not both"
                                        : "name a run, or choose runs by --action, --connection, "
                                          "--phase, --status, --created-from or --created-before"});
    }
    if (!named) return change_many_runs(options, tools, verb);
    if (options.has("dry-run") || options.has("limit")) {
        return fail(tools, Error{"usage",
                                 "--dry-run and --limit go with runs that are chosen by options "
                                 "such as --action and --phase, not with one that is named"});
    }
    const auto reply = ask_once(options, tools, "POST", run_path(options) + "/" + verb);
    if (!reply) return fail(tools, reply.error());
    if (options.has("json")) {
        tools.context.out << reply->text << '\n';
    } else {
        print_outcome(tools.context.out, object_at(reply->json, "run"));
    }
    return exit_code::success;
}

int print_last_request(const Poco::JSON::Object::Ptr& run, const Tools& tools) {
    const auto attempts = array_at(run, "attempts");
    const std::size_t count = attempts.isNull() ? 0 : attempts->size();
    const auto last = count == 0 ? nullptr : attempts->getObject(static_cast<unsigned>(count - 1));
    const auto request = object_at(last, "request");
    if (request.isNull()) {
        return fail(tools, Error{"no_request",
                                 "nothing was sent yet: the run has no attempt with a "
                                 "request"});
    }
    print_request(tools.context.out, request, tools.context.out_is_terminal);
    return exit_code::success;
}

}  // namespace

int run_runs_list(const Options& options, const Tools& tools) {
    const auto query = list_query(options);
    if (!query) return fail(tools, query.error());
    const auto reply = ask_once(options, tools, "GET", "/v1/actions/runs" + *query);
    if (!reply) return fail(tools, reply.error());
    if (options.has("json")) {
        tools.context.out << reply->text << '\n';
        return exit_code::success;
    }
    std::vector<std::vector<std::string>> rows = {run_columns()};
    const auto runs = array_at(reply->json, "runs");
    for (std::size_t i = 0; !runs.isNull() && i < runs->size(); ++i) {
        rows.push_back(run_row(runs->getObject(static_cast<unsigned>(i))));
    }
    print_table(tools.context.out, rows);
    const std::string next = text_at(reply->json, "next");
    if (!next.empty()) tools.context.err << "older runs: add --cursor " << one_line(next) << '\n';
    return exit_code::success;
}

int run_runs_rejected(const Options& options, const Tools& tools) {
    const auto query = list_query(options);
    if (!query) return fail(tools, query.error());
    const auto reply = ask_once(options, tools, "GET", "/v1/rejections" + *query);
    if (!reply) return fail(tools, reply.error());
    if (options.has("json")) {
        tools.context.out << reply->text << '\n';
        return exit_code::success;
    }
    std::vector<std::vector<std::string>> rows = {{"WHEN", "WHO", "ACTION", "ERROR", "WHY"}};
    const auto list = array_at(reply->json, "rejections");
    for (std::size_t i = 0; !list.isNull() && i < list->size(); ++i) {
        const auto each = list->getObject(static_cast<unsigned>(i));
        rows.push_back({one_line(text_at(each, "at")), one_line(who_asked(each)),
                        one_line(text_at(each, "action")), one_line(text_at(each, "error")),
                        one_line(why_rejected(each))});
    }
    print_table(tools.context.out, rows);
    const std::string next = text_at(reply->json, "next");
    if (!next.empty()) tools.context.err << "older ones: add --cursor " << one_line(next) << '\n';
    return exit_code::success;
}

int run_runs_show(const Options& options, const Tools& tools) {
    const bool request_only = options.has("request");
    const auto reply =
        ask_once(options, tools, "GET", run_path(options) + (request_only ? "?request=true" : ""));
    if (!reply) return fail(tools, reply.error());
    const auto run = object_at(reply->json, "run");
    if (options.has("json")) {
        tools.context.out << reply->text << '\n';
        return exit_code::success;
    }
    if (request_only) {
        const auto upcoming = object_at(reply->json, "upcoming");
        if (upcoming.isNull()) return print_last_request(run, tools);
        tools.context.err << "not sent: the run waits for approval\n";
        print_request(tools.context.out, upcoming, tools.context.out_is_terminal);
        return exit_code::success;
    }
    print_run(tools.context.out, run);
    return exit_code::success;
}

int run_runs_logs(const Options& options, const Tools& tools) {
    auto api = Api::from(options, tools);
    if (!api) return fail(tools, api.error());
    std::string cursor;
    for (;;) {
        const std::string query = cursor.empty() ? "" : "&cursor=" + percent_encode(cursor);
        const auto page = api->ask("GET", run_path(options) + "/logs?limit=1000" + query);
        if (!page) return fail(tools, page.error());
        print_log_page(*page, options.has("json"), tools.context.out);
        const std::string next = text_at(page->json, "next");
        // A server that names the same page again would be asked for ever.
        if (next.empty() || next == cursor) return exit_code::success;
        cursor = next;
    }
}

int run_runs_redeliver(const Options& options, const Tools& tools) {
    return change_run(options, tools, "redeliver");
}

int run_runs_cancel(const Options& options, const Tools& tools) {
    return change_run(options, tools, "cancel");
}

}  // namespace signalbox::app
