#include <charconv>

#include "api/api.hpp"
#include "api/exposition.hpp"
#include "api/openapi.hpp"
#include "api/pages.hpp"
#include "api/paging.hpp"
#include "api/reply.hpp"
#include "base/limits.hpp"
#include "json/writer.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

net::Response text(std::string_view type, std::string body) {
    net::Response response;
    response.headers = {{"Content-Type", std::string(type)}};
    response.body = std::move(body);
    return response;
}

net::Response page(std::string body) {
    net::Response response = text("text/html; charset=utf-8", std::move(body));
    // Nothing is loaded, run or framed: whatever a run's texts hold, they stay texts.
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'none'; style-src 'unsafe-inline'; "
                                  "form-action 'none'; frame-ancestors 'none'; base-uri 'none'");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    return response;
}

}  // namespace

void Api::metrics(Call call) {
    std::string figures = exposition(views_.meter.snapshot());
    figures +=
        "# HELP signalbox_event_listeners Event streams that are open.\n"
        "# TYPE signalbox_event_listeners gauge\nsignalbox_event_listeners " +
        std::to_string(views_.events.listeners()) + "\n";
    call.respond(text("text/plain; version=0.0.4; charset=utf-8", std::move(figures)));
}

void Api::openapi(Call call) {
    call.respond(text("application/json", std::string(openapi_document)));
}

void Api::listen(const Call& call, const std::string& run_id) {
    std::optional<std::uint64_t> after;
    if (const std::string* id = call.request.header("last-event-id"); id && !id->empty()) {
        std::uint64_t number = 0;
        const auto [end, failed_at] = std::from_chars(id->data(), id->data() + id->size(), number);
        if (failed_at != std::errc() || end != id->data() + id->size()) {
            return call.respond(
                failed(400, "invalid_event_id",
                       "Last-Event-ID is the id of an event that this server has sent"));
        }
        after = number;
    }
    views_.events.open(run_id, after, listener_of(call), call.respond);
}

void Api::run_events(Call call) {
    listen(call, call.captured[0]);
}

void Api::all_events(Call call) {
    listen(call, {});
}

void Api::runs_page(Call call) {
    const auto paging = paging_of(call.request);
    if (!paging) return call.respond(failed(paging.error()));
    journal::RunFilter filter;
    filter.limit = paging->limit;
    if (paging->cursor > 0) filter.before = paging->cursor;
    filter.actions = runs_.permissions()->visible_actions(call.principal());
    journal_.list(std::move(filter), [respond = call.respond](Result<journal::RunPage> found) {
        if (!found) return respond(failed(found.error()));
        respond(page(runs_html(*found)));
    });
}

void Api::rejections_page(Call call) {
    const auto paging = paging_of(call.request);
    if (!paging) return call.respond(failed(paging.error()));
    runs_.rejections().list(
        paging->cursor, paging->limit,
        [respond = call.respond, permissions = runs_.permissions(),
         who = call.principal()](Result<journal::RejectionPage> found) {
            if (!found) return respond(failed(found.error()));
            std::erase_if(found->rejections, [&](const journal::Rejection& each) {
                return !permissions->allow(runs::Verb::view, each.action, who);
            });
            respond(page(rejections_html(*found)));
        });
}

void Api::run_page(Call call) {
    runs_.find(
        call.captured[0],
        [this, respond = call.respond, client = call.client, who = call.principal()](auto found) {
            if (!found) return respond(failed(found.error()));
            const std::string id = found->run.seed.id;  // kept, as the answer takes the run with it
            std::string approval =
                approval_of(found->run, sees_signatures(client, who, found->run.seed.action));
            journal_.last_logs(id, [respond, approval = std::move(approval),
                                    found = std::move(*found)](auto lines) {
                if (!lines) return respond(failed(lines.error()));
                respond(page(run_html(found.run, found.attempts, *lines, approval)));
            });
        },
        guard(call, runs::Verb::view));
}

void Api::reload(Call call) {
    if (auto refused = own_deed(call, "a reload")) return call.respond(failed(*refused));
    views_.reload([respond = call.respond](Result<Done> reloaded) {
        respond(reloaded ? ok() : failed(reloaded.error()));
    });
}

}  // namespace signalbox::api
