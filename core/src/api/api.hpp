#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/clients.hpp"
#include "api/event_streams.hpp"
#include "base/limits.hpp"
#include "base/meter.hpp"
#include "base/refusal_log.hpp"
#include "journal/journal.hpp"
#include "net/http.hpp"
#include "runs/runs.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "sources/sources.hpp"

/// The HTTP API (openapi.json): who calls, may they, which route, then over to runs/. Thin: a route parses
/// and answers, and decides nothing about runs.
namespace signalbox::api {

struct Origins {
    std::string public_url;  ///< an Origin equal to this one's is ours
    std::uint16_t port = 0;  ///< what is listened on; known once it is
    bool tls = false;        ///< it is https://
};

/// What is shown beside the runs, and what an operator may ask for.
struct Views {
    EventStreams& events;
    Meter& meter;
    sources::Sources& sources;
    /// Reads the config again; answers once, on the loop.
    std::function<void(std::function<void(Result<Done>)>)> reload;
};

/// [loop thread] Order of judgement: framing (the server's), route, token (401), right (403), media type
/// (415), body.
class Api final : public net::Handler {
  public:
    /// All must outlive this.
    Api(runs::Runs& runs, dispatch::Engine& engine, journal::Journal& journal, Clients& clients,
        const Clock& clock, LogSink& log, const Origins& origins, Views views);

    static runs::Principal principal_of(const Client& client, const std::string& user) {
        return {client.id, user, client.may(config::Right::admin), client.may(config::Right::view)};
    }

    void handle(net::Request request, net::Respond respond) override;
    /// Whoever may not do what they ask for need not send the body.
    net::BodyTerms terms_of_body(const net::Request& head) override;
    net::Response refuse(int status, std::string_view code, std::string_view message) override;

    /// What a route is given.
    struct Call {
        const net::Request& request;
        const Client& client;
        std::vector<std::string> captured;  ///< the path's variable parts, decoded
        net::Respond respond;
        std::string user = {};  ///< the identity that a trusted client passes on (`run_as`); empty: none
        runs::Caller caller() const { return {client.id, "API", {}, user}; }
        runs::Principal principal() const { return principal_of(client, user); }
    };
    static constexpr int nobody = 0;  ///< a route's right where no token is needed
    struct Route {
        const char* method;
        std::vector<std::string> pattern;  ///< `*` captures a part
        int right;                         ///< of config::Right, or `nobody`
        void (Api::*serve)(Call call);
        bool page = false;  ///< for browsers, which can prove themselves by HTTP Basic only
        std::size_t body_bytes_max = limits::http_body_bytes_max;
    };
    static const std::vector<Route>& routes();

  private:
    // routes_actions.cpp
    void access_token(Call call);
    void list_actions(Call call);
    void get_action(Call call);
    void health(Call call);
    void ready(Call call);
    // routes_runs.cpp
    void invoke(Call call);
    void preview(Call call);
    void list_runs(Call call);
    void get_run(Call call);
    void report(Call call);
    void add_log(Call call);
    void list_logs(Call call);
    void list_rejections(Call call);
    void redeliver(Call call);
    void cancel(Call call);
    /// Answers a report: who may not see the action's runs is told only what reporting needs.
    runs::Runs::RunDone reported(const Call& call) const;
    /// May they be shown what proves a request to its target? With it a request can be sent past
    /// Signalbox, so it is for those who may send it: admins, and where no approval is needed whoever may
    /// invoke.
    bool sees_signatures(const Client& client, const runs::Principal& who,
                         const std::string& action) const;
    // routes_approval.cpp
    void decide_approval(Call call);
    void list_approvers(Call call);
    void report_response(Call call);
    void claim(Call call);
    // routes_sources.cpp
    void take_message(Call call);
    void take(Call call, sources::Received received);
    void note_rejection(const Error& error, const runs::Caller& caller, std::string_view action);
    // routes_views.cpp
    void metrics(Call call);
    void openapi(Call call);
    void run_events(Call call);
    void all_events(Call call);
    void runs_page(Call call);
    void rejections_page(Call call);
    void run_page(Call call);
    void reload(Call call);
    void listen(const Call& call, const std::string& run_id);
    /// The part of a run's page about its approval, as HTML; empty where it needs none.
    std::string approval_of(const journal::Run& run, bool signatures) const;

    // routes_upkeep.cpp
    void redeliver_many(Call call);
    void cancel_many(Call call);
    void change_many(Call call, runs::Hand hand);
    void backup(Call call);
    static std::optional<Error> own_deed(const Call& call, const std::string& deed);

    // judgement.cpp
    /// What a request's head decided.
    struct Judged {
        const Route* route = nullptr;
        const Client* client = nullptr;
        std::vector<std::string> captured;
        std::string user;
    };
    std::variant<Judged, net::Response> judge(const net::Request& request);
    /// Keeps what was refused of an invocation; nothing of another request.
    void note_refused(const Judged& judged, const Error& error);
    static net::Response too_large(const Route& route);
    bool host_allowed(const net::Request& request) const;
    bool origin_allowed(const net::Request& request) const;
    runs::Guard guard(const Call& call, runs::Verb verb) const {
        return runs::guard(runs_.permissions(), verb, call.principal());
    }
    /// `then` if they may see the run, else 404.
    void when_visible(const Call& call, std::function<void()> then);
    /// Whom the client speaks for, if anyone and if it may.
    Result<std::string> identity_of(const net::Request& request, const Client& client) const;
    const Client* caller_of(const net::Request& request, bool page);
    const Client* by_basic(std::string_view credentials, const std::string& peer);
    /// Whoever called, for as long as they go on listening.
    EventStreams::Listener listener_of(const Call& call);
    /// Counted, and said in the log at most once in a while.
    void note_refusal(std::string_view id, const std::string& peer);

    runs::Runs& runs_;
    dispatch::Engine& engine_;
    journal::Journal& journal_;
    Clients& clients_;
    const Clock& clock_;
    LogSink& log_;
    const Origins& origins_;
    const Views views_;
    RefusalLog refusals_;
};

/// The parts of a path between its slashes, percent-decoded; none where the encoding is broken.
std::optional<std::vector<std::string>> path_parts(std::string_view path);
/// The members of a query string, decoded, in order. Error `invalid_query`: the encoding is broken,
/// or a member is there twice, of which one of two readers would take the first.
Result<std::vector<std::pair<std::string, std::string>>> query_members(std::string_view query);

}  // namespace signalbox::api
