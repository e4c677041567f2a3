#include "api/api.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "api/reply.hpp"
#include "base/encoding.hpp"
#include "base/identity.hpp"
#include "base/limits.hpp"
#include "net/text.hpp"

namespace signalbox::api {
namespace {

using config::Right;

constexpr int kNobody = 0;

/// A host header's name, without its port and lower-cased.
std::string host_name(std::string_view host) {
    const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
    return net::to_lower(host.substr(0, end));
}

bool is_local_name(std::string_view name) {
    return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

/// A field's value without its spaces and quotes, lower-cased.
std::string bare(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '"'; });
    return net::to_lower(text);
}

/// JSON is UTF-8 (RFC 8259, 8.1): another charset would be read as what it is not.
bool is_json(const std::string* media_type) {
    if (!media_type) return false;
    const std::string type = bare(*media_type);
    return type == "application/json" || type == "application/json;charset=utf-8";
}

/// Why a body of this request would be misread, or empty.
std::string unreadable(const net::Request& request) {
    if (!is_json(request.header("content-type")))
        return "a body must be application/json in UTF-8; send Content-Type: application/json";
    const std::string* coding = request.header("content-encoding");
    if (coding && bare(*coding) != "identity")
        return "a body is read as it is; send it without a Content-Encoding";
    return {};
}

bool matches(const Api::Route& route, const std::vector<std::string>& parts,
             std::vector<std::string>& captured) {
    if (route.pattern.size() != parts.size()) return false;
    captured.clear();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (route.pattern[i] == "*") {
            captured.push_back(parts[i]);
        } else if (route.pattern[i] != parts[i]) {
            return false;
        }
    }
    return true;
}

/// The token of `Authorization: Bearer`, or empty.
std::string_view bearer_token(const net::Request& request) {
    const std::string* header = request.header("authorization");
    if (!header || net::to_lower(header->substr(0, 7)) != "bearer ") return {};
    return std::string_view(*header).substr(7);
}

/// The name of a header that stands twice and may stand once: of the two, one reader would believe the first
/// and another the last. Empty: none does.
std::string_view repeated(const net::Request& request) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> single = {
        {{"authorization", "Authorization"},
         {"content-type", "Content-Type"},
         {"content-encoding", "Content-Encoding"},
         {"origin", "Origin"},
         {"last-event-id", "Last-Event-ID"}}};
    std::array<bool, single.size()> seen{};
    for (const auto& [name, value] : request.headers) {
        for (std::size_t i = 0; i < single.size(); ++i) {
            if (name == single[i].first && std::exchange(seen[i], true)) return single[i].second;
        }
    }
    return {};
}

}  // namespace

Api::Api(runs::Runs& runs, dispatch::Engine& engine, journal::Journal& journal, Clients& clients,
         const Clock& clock, LogSink& log, const Origins& origins, Views views)
    : runs_(runs),
      engine_(engine),
      journal_(journal),
      clients_(clients),
      clock_(clock),
      log_(log),
      origins_(origins),
      views_(std::move(views)),
      refusals_(clock, log, "client_refused", "client", limits::client_refusal_log_ms) {}

const std::vector<Api::Route>& Api::routes() {
    // Literal parts stand before `*`: "runs" is not an action's identifier.
    static const std::vector<Route> all = {
        {"POST", {"v1", "actions", "*", "runs"}, int(Right::invoke), &Api::invoke},
        {"PATCH", {"v1", "actions", "runs", "*"}, int(Right::report), &Api::report},
        {"GET", {"v1", "actions", "runs", "*"}, int(Right::view), &Api::get_run},
        {"POST", {"v1", "actions", "runs", "*", "logs"}, int(Right::report), &Api::add_log},
        {"PATCH", {"v1", "actions", "runs", "*", "approval"}, int(Right::approve), &Api::decide_approval},
        {"GET", {"v1", "actions", "runs", "*", "approvers"}, int(Right::view), &Api::list_approvers},
        {"PATCH", {"v1", "actions", "runs", "*", "response"}, int(Right::report), &Api::report_response},
        {"GET", {"v1", "actions", "runs", "*", "logs"}, int(Right::view), &Api::list_logs},
        {"POST", {"v1", "actions", "runs", "*", "redeliver"}, int(Right::admin), &Api::redeliver},
        {"POST", {"v1", "actions", "runs", "*", "cancel"}, int(Right::admin), &Api::cancel},
        {"POST", {"v1", "actions", "runs", "*", "claim"}, int(Right::report), &Api::claim},
        {"POST", {"v1", "sources", "*"}, kNobody, &Api::take_message},
        {"POST", {"v1", "actions", "runs", "redeliver"}, int(Right::admin), &Api::redeliver_many},
        {"POST", {"v1", "actions", "runs", "cancel"}, int(Right::admin), &Api::cancel_many},
        {"GET", {"v1", "rejections"}, int(Right::view), &Api::list_rejections},
        {"POST", {"v1", "backups"}, int(Right::admin), &Api::backup},
        {"GET", {"v1", "actions", "runs", "*", "events"}, int(Right::view), &Api::run_events},
        {"GET", {"v1", "events"}, int(Right::view), &Api::all_events},
        {"POST", {"v1", "reload"}, int(Right::admin), &Api::reload},
        {"GET", {"metrics"}, int(Right::view), &Api::metrics},
        {"GET", {"openapi.json"}, kNobody, &Api::openapi},
        {"GET", {""}, int(Right::view), &Api::runs_page, true},
        {"GET", {"runs", "*"}, int(Right::view), &Api::run_page, true},
        {"GET", {"rejections"}, int(Right::view), &Api::rejections_page, true},
        {"GET", {"v1", "actions", "runs"}, int(Right::view), &Api::list_runs},
        {"POST", {"v1", "actions", "*", "preview"}, int(Right::invoke), &Api::preview},
        {"GET", {"v1", "actions"}, int(Right::view), &Api::list_actions},
        {"GET", {"v1", "actions", "*"}, int(Right::view), &Api::get_action},
        {"POST", {"v1", "auth", "access_token"}, kNobody, &Api::access_token},
        {"GET", {"healthz"}, kNobody, &Api::health},
        {"GET", {"readyz"}, kNobody, &Api::ready},
    };
    return all;
}

net::Response Api::refuse(int status, std::string_view code, std::string_view message) {
    return failed(status, code, message);
}

bool Api::host_allowed(const net::Request& request) const {
    if (!clients_.open()) return true;
    const std::string* host = request.header("host");
    return !host || is_local_name(host_name(*host));
}

bool Api::origin_allowed(const net::Request& request) const {
    const std::string* origin = request.header("origin");
    if (!clients_.open() || !origin) return true;
    if (!origins_.public_url.empty() && *origin == origins_.public_url) return true;
    // A page of ours, by whichever local name it was opened.
    const std::string_view scheme = origins_.tls ? "https://" : "http://";
    if (!origin->starts_with(scheme)) return false;
    const std::string_view authority = std::string_view(*origin).substr(scheme.size());
    return is_local_name(host_name(authority)) &&
           authority.ends_with(":" + std::to_string(origins_.port));
}

const Client* Api::caller_of(const net::Request& request, bool page) {
    if (clients_.open()) return &clients_.anyone();
    const std::string* header = request.header("authorization");
    if (page && header && header->starts_with("Basic "))
        return by_basic(std::string_view(*header).substr(6), request.peer);
    return clients_.of_token(bearer_token(request), clock_.wall_ms() / 1000);
}

const Client* Api::by_basic(std::string_view credentials, const std::string& peer) {
    const std::string pair = from_base64(credentials).value_or("");
    const std::size_t colon = std::min(pair.find(':'), pair.size());
    const std::string_view id = std::string_view(pair).substr(0, colon);
    const Client* client = clients_.of_secret(
        id, std::string_view(pair).substr(std::min(colon + 1, pair.size())));
    if (!client) note_refusal(id, peer);
    return client;
}

void Api::note_refusal(std::string_view id, const std::string& peer) {
    // Only a client's id is repeated: what else stands in its place may be a secret.
    const bool known = clients_.knows(id);
    refusals_.note(known ? std::string(id) : std::string(),
                   known ? "the secret is not this client's" : "there is no client of that id", peer);
    views_.meter.add(Counter::clients_refused, {}, 1);
}

EventStreams::Listener Api::listener_of(const Call& call) {
    return [this, token = std::string(bearer_token(call.request)),
            user = call.user]() -> std::optional<runs::Principal> {
        const Client* client = clients_.open()
                                   ? &clients_.anyone()
                                   : clients_.of_token(token, clock_.wall_ms() / 1000);
        if (!client || !client->may(Right::view)) return {};
        if (!user.empty() && !client->trusted) return {};
        return principal_of(*client, user);
    };
}

Result<std::string> Api::identity_of(const net::Request& request, const Client& client) const {
    const auto members = query_members(request.query);
    if (!members) return members.error();
    std::string user;
    for (const auto& [name, value] : *members) {
        if (name != "run_as") continue;
        if (!client.trusted) {
            return Error{"forbidden", "client '" + client.id +
                                          "' may not speak for others (run_as); the config says who "
                                          "may, as `trusted: true` of a client"};
        }
        const auto email = parse_identity(value);
        if (!email) {
            return Error{"invalid_query", "run_as is one email, such as ada@example.com"};
        }
        user = *email;
    }
    return user;
}

void Api::handle(net::Request request, net::Respond respond) {
    if (const std::string_view name = repeated(request); !name.empty()) {
        return respond(failed(400, "duplicate_header",
                              "the request has two " + std::string(name) +
                                  " headers, and it is not said which of them counts; send one"));
    }
    if (!host_allowed(request) || !origin_allowed(request)) {
        return respond(
            failed(403, "forbidden",
                   "without clients in the config, only localhost is served, and only to "
                   "pages of its own; configure `clients` to serve others"));
    }
    const auto parts = path_parts(request.path);
    if (!parts)
        return respond(failed(400, "invalid_path", "the path's percent-encoding is broken, or is not that of UTF-8"));

    const Route* route = nullptr;
    std::vector<std::string> captured;
    std::string allowed;
    for (const Route& candidate : routes()) {
        if (!matches(candidate, *parts, captured)) continue;
        // HEAD is GET without the body, which the server leaves out.
        if (request.method == candidate.method ||
            (request.method == "HEAD" && std::string_view(candidate.method) == "GET")) {
            route = &candidate;
            break;
        }
        allowed.append(allowed.empty() ? "" : ", ").append(candidate.method);
    }
    if (!route) {
        if (allowed.empty()) {
            return respond(failed(404, "not_found", "nothing is served at " + request.path));
        }
        auto reply =
            failed(405, "method_not_allowed",
                   request.path + " is not served to " + request.method + "; accepted: " + allowed);
        reply.headers.emplace_back("Allow", allowed);
        return respond(std::move(reply));
    }

    const Client* client = &clients_.anyone();
    const auto refuse = [&](const Error& error) {
        if (route->serve == &Api::invoke)
            runs_.rejections().refused(error, {client->id, "API", {}}, captured[0]);
        respond(failed(error));
    };
    if (route->right != kNobody) {
        client = caller_of(request, route->page);
        if (!client) {
            auto reply = failed(Error{"unauthorized",
                                      "a valid bearer token is needed: POST /v1/auth/access_token "
                                      "with clientId and clientSecret gives one"});
            if (route->page)
                reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Signalbox\"");
            return respond(std::move(reply));
        }
        if (!client->may(static_cast<Right>(route->right))) {
            return refuse(Error{"forbidden", "client '" + client->id +
                                                 "' may not do this; its rights are in the "
                                                 "config, under clients"});
        }
    }
    auto user = route->right == kNobody ? Result<std::string>(std::string())
                                        : identity_of(request, *client);
    if (!user) return respond(failed(user.error()));
    if (const std::string why = unreadable(request); !request.body.empty() && !why.empty())
        return refuse(Error{"unsupported_media_type", why});
    try {
        (this->*route->serve)({request, *client, std::move(captured), respond, std::move(*user)});
    } catch (const std::exception& fault) {
        // A fault in the program: said in the log, not to the caller.
        LogEvent event;
        event.level = LogLevel::error;
        event.name = "request_failed";
        event.fields = {
            {"method", request.method}, {"path", request.path}, {"fault", fault.what()}};
        log_.write(event);
        respond(failed(500, "internal_error", "this is a defect of Signalbox; its log says more"));
    }
}

}  // namespace signalbox::api
