#include <algorithm>

#include "api/api.hpp"
#include "api/paging.hpp"
#include "api/reply.hpp"
#include "api/run_filter.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/limits.hpp"
#include "base/trace.hpp"
#include "json/door.hpp"
#include "runs/idempotency.hpp"
#include "runs/report.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

/// The body as JSON; an empty one counts as an empty object.
Result<json::Value> body_of(const net::Request& request) {
    if (request.body.empty()) return json::Value(json::Object());
    return json::parse(request.body);
}

void answer_run(const runs::Catalog& catalog, const net::Respond& respond,
                const Result<journal::RunWithAttempts>& found, bool requests) {
    if (!found) return respond(failed(found.error()));
    respond(ok(200, "run", runs::run_json(catalog, found->run, found->attempts, requests)));
}

/// Answers with the run as it came out.
std::function<void(Result<journal::RunWithAttempts>)> answer(const runs::Catalog& catalog,
                                                             const net::Respond& respond) {
    return [&catalog, respond](const Result<journal::RunWithAttempts>& found) {
        answer_run(catalog, respond, found, false);
    };
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

Result<runs::Idempotency> idempotency_of(const net::Request& request, const runs::Catalog& catalog,
                                         const std::string& action, const std::string& user) {
    const std::string* key = request.header("idempotency-key");
    if (!key) return runs::Idempotency{};
    const auto keys = std::count_if(request.headers.begin(), request.headers.end(),
                                    [](const auto& field) { return field.first == "idempotency-key"; });
    bool good = keys == 1 && !key->empty() && key->size() <= limits::idempotency_key_bytes_max;
    for (const char c : *key)
        good = good && c >= 0x21 && c <= 0x7e;
    if (!good) {
        return Error{"invalid_idempotency_key",
                     "an Idempotency-Key is 1 to 255 printable ASCII "
                     "characters without spaces, and stands once"};
    }
    std::string digest = runs::body_digest(catalog, action, request.body);
    // What one person asked for is not the run that another one is answered with.
    if (!user.empty()) digest = sha256(digest + user);
    return runs::Idempotency{*key, std::move(digest)};
}

/// The lines and `next`, as they stand in a reply.
std::string log_page(const std::string& run_id, const std::vector<journal::LogLine>& lines,
                     std::size_t limit) {
    RowList rows;
    std::int64_t last = 0;
    for (const journal::LogLine& line : lines) {
        if (rows.full()) break;
        rows.add(runs::log_json(run_id, line));
        last = line.number;
    }
    // A row has more bytes than its text, so a page that the journal ended early is full here too.
    return rows.end(rows.full() || lines.size() == limit ? last : 0);
}

}  // namespace

void Api::invoke(Call call) {
    const auto refuse = [&](const Error& error) {
        runs_.rejections().refused(error, call.caller(), call.captured[0]);
        call.respond(failed(error));
    };
    auto allowed =
        runs_.permissions()->check(runs::Verb::invoke, call.captured[0], call.principal());
    if (!allowed) return refuse(allowed.error());
    auto idempotency = idempotency_of(call.request, runs_.catalog(), call.captured[0], call.user);
    if (!idempotency) return refuse(idempotency.error());
    auto body = body_of(call.request);
    if (!body) return refuse(body.error());
    runs::Caller caller = call.caller();
    caller.trace = trace_of(call.request);
    runs_.invoke(call.captured[0], std::move(*body), caller, std::move(*idempotency),
                 [this, respond = call.respond](const Result<runs::Invoked>& invoked) {
                     if (!invoked) return respond(failed(invoked.error()));
                     const journal::RunSeed& seed = *invoked->seed;
                     auto reply = ok(202, "run", runs::run_json(runs_.catalog(), seed,
                                                                invoked->state, {}, false));
                     reply.headers.emplace_back("Location", "/v1/actions/runs/" + seed.id);
                     if (invoked->replayed)
                         reply.headers.emplace_back("Idempotency-Replayed", "true");
                     respond(std::move(reply));
                 });
}

void Api::preview(Call call) {
    auto allowed =
        runs_.permissions()->check(runs::Verb::invoke, call.captured[0], call.principal());
    if (!allowed) return call.respond(failed(allowed.error()));
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    const bool signatures = sees_signatures(call.client, call.principal(), call.captured[0]);
    const auto offer = runs_.catalog().find(call.captured[0]);
    const std::string connection = offer == runs_.catalog().end() ? "" : offer->second.connection;
    runs_.preview(call.captured[0], std::move(*body), call.caller(),
                  [this, respond = call.respond, signatures,
                   connection](Result<runs::Previewed> previewed) {
                      if (!previewed) return respond(failed(previewed.error()));
                      if (!signatures) runs_.hide_signatures(connection, previewed->request);
                      respond(ok(200, "request",
                                 runs::request_json(previewed->request, previewed->payload)));
                  });
}

void Api::list_runs(Call call) {
    auto filter =
        run_filter(call.request, runs_.catalog(), *runs_.permissions(), call.principal());
    if (!filter) return call.respond(failed(filter.error()));
    journal_.list(std::move(*filter), [this, respond = call.respond](Result<journal::RunPage> page) {
        if (!page) return respond(failed(page.error()));
        RowList rows;
        std::int64_t next = page->next;
        for (const journal::Run& run : page->runs) {
            rows.add(runs::run_json(runs_.catalog(), run, {}, false));
            if (!rows.full() || run.sequence == page->runs.back().sequence) continue;
            next = run.sequence;
            break;
        }
        respond(ok(200, "runs", rows.end(next)));
    });
}

void Api::get_run(Call call) {
    const auto members = query_members(call.request.query);
    if (!members) return call.respond(failed(members.error()));
    bool requests = false;
    for (const auto& [name, value] : *members)
        requests |= name == "request" && value == "true";
    runs_.find(
        call.captured[0],
        [this, respond = call.respond, requests, client = call.client,
         who = call.principal()](auto found) {
            if (!found || !requests) return answer_run(runs_.catalog(), respond, found, false);
            const journal::RunSeed& seed = found->run.seed;
            const bool signatures = sees_signatures(client, who, seed.action);
            const auto hide = [&](journal::AttemptRequest& request) {
                if (!signatures) runs_.hide_signatures(seed.connection, request);
            };
            for (journal::Attempt& attempt : found->attempts)
                hide(attempt.request);
            if (found->run.state.open) hide(found->run.state.open->request);
            if (found->run.state.phase != journal::Phase::waiting_approval)
                return answer_run(runs_.catalog(), respond, found, true);
            auto upcoming = runs_.upcoming(found->run);
            if (upcoming) hide(upcoming->request);
            auto reply = ok(200, "run", runs::run_json(runs_.catalog(), found->run, found->attempts, true));
            // Beside the run: what would be sent is not a part of it before it is.
            reply.body.pop_back();
            reply.body += ",\"upcoming\":";
            reply.body += upcoming ? runs::request_json(upcoming->request, upcoming->payload) : "null";
            reply.body += '}';
            respond(std::move(reply));
        },
        guard(call, runs::Verb::view));
}

runs::Runs::RunDone Api::reported(const Call& call) const {
    return [this, respond = call.respond, permissions = runs_.permissions(),
            who = call.principal()](auto found) {
        if (found && !permissions->allow(runs::Verb::view, found->run.seed.action, who))
            return respond(ok(200, "run", runs::reported_json(found->run)));
        answer_run(runs_.catalog(), respond, found, false);
    };
}

bool Api::sees_signatures(const Client& client, const runs::Principal& who,
                          const std::string& action) const {
    if (who.admin && who.user.empty()) return true;
    const auto offer = runs_.catalog().find(action);
    return offer != runs_.catalog().end() && !offer->second.approval &&
           client.may(config::Right::invoke) &&
           runs_.permissions()->allow(runs::Verb::invoke, action, who);
}

void Api::report(Call call) {
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    auto report = runs::parse_report(*body);
    if (!report) return call.respond(failed(report.error()));
    runs_.report(call.captured[0], std::move(*report), reported(call),
                 guard(call, runs::Verb::report));
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
              },
              guard(call, runs::Verb::report));
}

void Api::list_logs(Call call) {
    const auto paging = paging_of(call.request);
    if (!paging) return call.respond(failed(paging.error()));
    when_visible(call, [this, id = call.captured[0], respond = call.respond, paging = *paging] {
        journal_.logs(
            id, paging.cursor, paging.limit,
            [respond, id, limit = paging.limit](Result<std::vector<journal::LogLine>> lines) {
                if (!lines) return respond(failed(lines.error()));
                respond(ok(200, "runLogs", log_page(id, *lines, limit)));
            });
    });
}

void Api::list_rejections(Call call) {
    const auto paging = paging_of(call.request);
    if (!paging) return call.respond(failed(paging.error()));
    runs_.rejections().list(
        paging->cursor, paging->limit,
        [respond = call.respond, permissions = runs_.permissions(),
         who = call.principal()](Result<journal::RejectionPage> page) {
            if (!page) return respond(failed(page.error()));
            RowList rows;
            std::int64_t next = page->next;
            for (const journal::Rejection& rejection : page->rejections) {
                if (!permissions->allow(runs::Verb::view, rejection.action, who)) continue;
                rows.add(runs::rejection_json(rejection));
                if (!rows.full() || rejection.number == page->rejections.back().number) continue;
                next = rejection.number;
                break;
            }
            respond(ok(200, "rejections", rows.end(next)));
        });
}

void Api::redeliver(Call call) {
    runs_.redeliver(
        call.captured[0],
        answer(runs_.catalog(), call.respond),
        guard(call, runs::Verb::invoke));
}

void Api::cancel(Call call) {
    runs_.cancel(
        call.captured[0],
        answer(runs_.catalog(), call.respond),
        guard(call, runs::Verb::invoke));
}

void Api::claim(Call call) {
    auto body = body_of(call.request);
    if (!body) return call.respond(failed(body.error()));
    auto claim = runs::parse_claim(*body);
    if (!claim) return call.respond(failed(claim.error()));
    runs_.claim(
        call.captured[0], std::move(*claim), reported(call),
        guard(call, runs::Verb::report));
}

}  // namespace signalbox::api
