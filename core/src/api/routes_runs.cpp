#include "api/api.hpp"
#include "api/paging.hpp"
#include "api/reply.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/limits.hpp"
#include "base/trace.hpp"
#include "json/door.hpp"
#include "runs/report.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

/// The body as JSON; an empty one counts as an empty object.
Result<json::Value> body_of(const net::Request& request) {
    if (request.body.empty()) return json::Value(json::Object());
    return json::parse(request.body);
}

void answer_run(const net::Respond& respond, const Result<journal::RunWithAttempts>& found,
                bool requests) {
    if (!found) return respond(failed(found.error()));
    respond(ok(200, "run", runs::run_json(found->run, found->attempts, requests)));
}

/// The trace that the caller asks in, as it is kept. Two headers are none.
std::string trace_of(const net::Request& request) {
    const std::string* found = nullptr;
    for (const auto& [name, value] : request.headers) {
        if (name != "traceparent") continue;
        if (found) return {};
        found = &value;
    }
    const auto trace = found ? parse_traceparent(*found) : std::nullopt;
    return trace ? trace_bytes(*trace) : std::string();
}

Result<runs::Idempotency> idempotency_of(const net::Request& request) {
    const std::string* key = request.header("idempotency-key");
    if (!key) return runs::Idempotency{};
    bool good = !key->empty() && key->size() <= limits::idempotency_key_bytes_max;
    for (const char c : *key)
        good = good && c >= 0x21 && c <= 0x7e;
    if (!good) {
        return Error{"invalid_idempotency_key",
                     "an Idempotency-Key is 1 to 255 printable ASCII "
                     "characters without spaces"};
    }
    return runs::Idempotency{*key, sha256(request.body)};
}

Error bad_query(std::string message) {
    return Error{"invalid_query", std::move(message)};
}

Result<journal::RunFilter> filter_of(const net::Request& request) {
    const auto members = query_members(request.query);
    if (!members) return bad_query("the query's percent-encoding is broken");
    journal::RunFilter filter;
    filter.limit = limits::list_rows_default;
    for (const auto& [name, value] : *members) {
        if (name == "action") {
            filter.action = value;
        } else if (name == "status") {
            if (!runs::filter_status(filter, value)) {
                return bad_query("status '" + value +
                                 "' is none of IN_PROGRESS, SUCCESS, FAILURE, "
                                 "WAITING_FOR_APPROVAL, DECLINED, CANCELLED");
            }
        } else if (name == "phase") {
            const auto phase = journal::phase_from_name(value);
            if (!phase) return bad_query("no phase is called '" + value + "'");
            filter.phases = {*phase};
        } else if (name == "limit") {
            const auto limit = whole_number(value);
            if (!limit || *limit < 1 || *limit > std::int64_t(limits::list_rows_max)) {
                return bad_query("limit '" + value + "' is not a number from 1 to " +
                                 std::to_string(limits::list_rows_max));
            }
            filter.limit = static_cast<std::size_t>(*limit);
        } else if (name == "cursor") {
            const auto before = whole_number(value);
            if (!before || *before < 1)
                return bad_query("cursor: pass `next` of the page before, as it is");
            filter.before = *before;
        } else {
            return bad_query("no filter is called '" + name +
                             "'. Accepted: action status phase limit cursor");
        }
    }
    return filter;
}

}  // namespace

void Api::invoke(Call call) {
    const auto refuse = [&](const Error& error) {
        runs_.rejections().refused(error, call.caller(), call.captured[0]);
        call.respond(failed(error));
    };
    auto idempotency = idempotency_of(call.request);
    if (!idempotency) return refuse(idempotency.error());
    auto body = body_of(call.request);
    if (!body) return refuse(body.error());
    runs::Caller caller = call.caller();
    caller.trace = trace_of(call.request);
    runs_.invoke(call.captured[0], std::move(*body), caller, std::move(*idempotency),
                 [respond = call.respond](Result<runs::Invoked> invoked) {
                     if (!invoked) return respond(failed(invoked.error()));
                     auto reply = ok(202, "run", runs::run_json(invoked->run, {}, false));
                     reply.headers.emplace_back("Location",
                                                "/v1/actions/runs/" + invoked->run.seed.id);
                     if (invoked->replayed)
                         reply.headers.emplace_back("Idempotency-Replayed", "true");
                     respond(std::move(reply));
                 });
}

void Api::preview(Call call) {
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    runs_.preview(call.captured[0], std::move(*body), call.caller(),
                  [respond = call.respond](Result<runs::Previewed> previewed) {
                      if (!previewed) return respond(failed(previewed.error()));
                      respond(ok(200, "request",
                                 runs::request_json(previewed->request, previewed->payload)));
                  });
}

void Api::list_runs(Call call) {
    auto filter = filter_of(call.request);
    if (!filter) return call.respond(failed(filter.error()));
    journal_.list(std::move(*filter), [respond = call.respond](Result<journal::RunPage> page) {
        if (!page) return respond(failed(page.error()));
        std::string list = "[";
        for (const journal::Run& run : page->runs) {
            if (list.size() > 1) list += ',';
            list += runs::run_json(run, {}, false);
        }
        list += "],\"next\":";
        list += page->next == 0 ? "null" : "\"" + std::to_string(page->next) + "\"";
        respond(ok(200, "runs", list));
    });
}

void Api::get_run(Call call) {
    const auto members = query_members(call.request.query);
    bool requests = false;
    if (members) {
        for (const auto& [name, value] : *members)
            requests |= name == "request" && value == "true";
    }
    runs_.find(call.captured[0], [respond = call.respond, requests](auto found) {
        answer_run(respond, found, requests);
    });
}

void Api::report(Call call) {
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    auto report = runs::parse_report(*body);
    if (!report) return call.respond(failed(report.error()));
    runs_.report(call.captured[0], std::move(*report),
                 [respond = call.respond](auto found) { answer_run(respond, found, false); });
}

void Api::add_log(Call call) {
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    auto report = runs::parse_log_report(*body);
    if (!report) return call.respond(failed(report.error()));
    runs_.log(call.captured[0], std::move(*report), call.caller(),
              [respond = call.respond, id = call.captured[0]](Result<journal::LogLine> line) {
                  if (!line) return respond(failed(line.error()));
                  respond(ok(201, "runLog", runs::log_json(id, *line)));
              });
}

void Api::list_logs(Call call) {
    const auto paging = paging_of(call.request);
    if (!paging) return call.respond(failed(paging.error()));
    journal_.logs(call.captured[0], paging->cursor, paging->limit,
                  [respond = call.respond, id = call.captured[0],
                   limit = paging->limit](Result<std::vector<journal::LogLine>> lines) {
                      if (!lines) return respond(failed(lines.error()));
                      std::string list = "[";
                      for (const journal::LogLine& line : *lines) {
                          if (list.size() > 1) list += ',';
                          list += runs::log_json(id, line);
                      }
                      list += "],\"next\":";
                      list += lines->size() < limit
                                  ? "null"
                                  : "\"" + std::to_string(lines->back().number) + "\"";
                      respond(ok(200, "runLogs", list));
                  });
}

void Api::list_rejections(Call call) {
    const auto paging = paging_of(call.request);
    if (!paging) return call.respond(failed(paging.error()));
    runs_.rejections().list(
        paging->cursor, paging->limit,
        [respond = call.respond](Result<journal::RejectionPage> page) {
            if (!page) return respond(failed(page.error()));
            std::string list = "[";
            for (const journal::Rejection& rejection : page->rejections) {
                if (list.size() > 1) list += ',';
                list += runs::rejection_json(rejection);
            }
            list += "],\"next\":";
            list += page->next == 0 ? "null" : "\"" + std::to_string(page->next) + "\"";
            respond(ok(200, "rejections", list));
        });
}

void Api::redeliver(Call call) {
    runs_.redeliver(call.captured[0],
                    [respond = call.respond](auto found) { answer_run(respond, found, false); });
}

void Api::cancel(Call call) {
    runs_.cancel(call.captured[0],
                 [respond = call.respond](auto found) { answer_run(respond, found, false); });
}

}  // namespace signalbox::api
