#include <charconv>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/limits.hpp"
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

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return {};
    return value;
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
            const auto limit = number(value);
            if (!limit || *limit < 1 || *limit > std::int64_t(limits::list_rows_max)) {
                return bad_query("limit '" + value + "' is not a number from 1 to " +
                                 std::to_string(limits::list_rows_max));
            }
            filter.limit = static_cast<std::size_t>(*limit);
        } else if (name == "cursor") {
            const auto before = number(value);
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
    auto idempotency = idempotency_of(call.request);
    if (!idempotency) return call.respond(failed(idempotency.error()));
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    runs_.invoke(call.captured[0], std::move(*body), call.caller(), std::move(*idempotency),
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
    auto previewed = runs_.preview(call.captured[0], std::move(*body), call.caller());
    if (!previewed) return call.respond(failed(previewed.error()));
    call.respond(ok(200, "request", runs::request_json(previewed->request, previewed->payload)));
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
    std::int64_t after = 0;
    std::size_t limit = limits::list_rows_default;
    const auto members = query_members(call.request.query);
    if (!members) return call.respond(failed(bad_query("the query's percent-encoding is broken")));
    for (const auto& [name, value] : *members) {
        const auto count = number(value);
        if (name == "limit" && count && *count >= 1 &&
            *count <= std::int64_t(limits::list_rows_max)) {
            limit = static_cast<std::size_t>(*count);
        } else if (name == "cursor" && count && *count >= 0) {
            after = *count;
        } else {
            return call.respond(failed(bad_query(
                "'" + name + "=" + value + "' is not accepted; limit is 1 to " +
                std::to_string(limits::list_rows_max) + ", cursor is `next` of the page before")));
        }
    }
    journal_.logs(call.captured[0], after, limit,
                  [respond = call.respond, id = call.captured[0],
                   limit](Result<std::vector<journal::LogLine>> lines) {
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

void Api::redeliver(Call call) {
    runs_.redeliver(call.captured[0],
                    [respond = call.respond](auto found) { answer_run(respond, found, false); });
}

void Api::cancel(Call call) {
    runs_.cancel(call.captured[0],
                 [respond = call.respond](auto found) { answer_run(respond, found, false); });
}

}  // namespace signalbox::api
