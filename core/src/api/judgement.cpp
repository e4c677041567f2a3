#include <algorithm>
#include <array>
#include <utility>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "base/encoding.hpp"
#include "base/identity.hpp"
#include "net/text.hpp"

/// What a request's head decides: whether it is plain, which route it takes, who calls, and may they.
namespace signalbox::api {
namespace {

using config::Right;

/// A host header's name, without its port and lower-cased.
std::string host_name(std::string_view host) {
    const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
    return net::to_lower(host.substr(0, end));
}

bool is_local_name(std::string_view name) {
    return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
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

void Api::note_refused(const Judged& judged, const Error& error) {
    if (judged.route->serve != &Api::invoke) return;
    runs_.rejections().refused(error, {judged.client->id, "API", {}}, judged.captured[0]);
}

std::variant<Api::Judged, net::Response> Api::judge(const net::Request& request) {
    if (const std::string_view name = repeated(request); !name.empty()) {
        return failed(400, "duplicate_header",
                      "the request has two " + std::string(name) +
                          " headers, and it is not said which of them counts; send one");
    }
    if (!host_allowed(request) || !origin_allowed(request)) {
        return failed(403, "forbidden",
                      "without clients in the config, only localhost is served, and only to "
                      "pages of its own; configure `clients` to serve others");
    }
    const auto parts = path_parts(request.path);
    if (!parts)
        return failed(400, "invalid_path", "the path's percent-encoding is broken, or is not that of UTF-8");

    Judged judged;
    std::string allowed;
    for (const Route& candidate : routes()) {
        if (!matches(candidate, *parts, judged.captured)) continue;
        // HEAD is GET without the body, which the server leaves out.
        if (request.method == candidate.method ||
            (request.method == "HEAD" && std::string_view(candidate.method) == "GET")) {
            judged.route = &candidate;
            break;
        }
        allowed.append(allowed.empty() ? "" : ", ").append(candidate.method);
    }
    if (!judged.route) {
        if (allowed.empty()) return failed(404, "not_found", "nothing is served at " + request.path);
        auto reply =
            failed(405, "method_not_allowed",
                   request.path + " is not served to " + request.method + "; accepted: " + allowed);
        reply.headers.emplace_back("Allow", allowed);
        return reply;
    }

    judged.client = &clients_.anyone();
    if (judged.route->right == nobody) return judged;
    judged.client = caller_of(request, judged.route->page);
    if (!judged.client) {
        auto reply = failed(Error{"unauthorized",
                                  "a valid bearer token is needed: POST /v1/auth/access_token "
                                  "with clientId and clientSecret gives one"});
        if (judged.route->page)
            reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Signalbox\"");
        return reply;
    }
    if (!judged.client->may(static_cast<Right>(judged.route->right))) {
        const Error error{"forbidden", "client '" + judged.client->id +
                                           "' may not do this; its rights are in the "
                                           "config, under clients"};
        note_refused(judged, error);
        return failed(error);
    }
    auto user = identity_of(request, *judged.client);
    if (!user) return failed(user.error());
    judged.user = *std::move(user);
    return judged;
}

net::BodyTerms Api::terms_of_body(const net::Request& head) {
    auto judged = judge(head);
    if (auto* refusal = std::get_if<net::Response>(&judged)) return {std::move(*refusal)};
    const Route& route = *std::get<Judged>(judged).route;
    const std::string* announced = head.header("content-length");
    if (announced && net::parse_decimal(*announced).value_or(0) > route.body_bytes_max)
        return {too_large(route)};
    return {std::nullopt, route.body_bytes_max, route.right == nobody};
}

net::Response Api::too_large(const Route& route) {
    return failed(413, "body_too_large",
                  "the body is over " + std::to_string(route.body_bytes_max) +
                      " bytes, which is more than is needed here; send a smaller one");
}

}  // namespace signalbox::api
