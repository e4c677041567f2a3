#include "port_api/port_api.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>

#include <sstream>

namespace port_api {
namespace {

constexpr std::size_t kBodyBytesMax = 1024 * 1024;

std::string failure(const std::string& error, const std::string& message) {
    return R"({"ok":false,"error":")" + error + R"(","message":")" + message + "\"}";
}

bool is_text(const Poco::JSON::Object& body, const std::string& name) {
    return body.get(name).isString();
}

bool is_ending(const Poco::JSON::Object& body, const std::string& name) {
    return is_text(body, name) && (body.getValue<std::string>(name) == "SUCCESS" ||
                                   body.getValue<std::string>(name) == "FAILURE");
}

bool is_link(const Poco::JSON::Object& body) {
    if (is_text(body, "link")) return true;
    if (!body.isArray("link")) return false;
    for (const auto& each : *body.getArray("link")) {
        if (!each.isString()) return false;
    }
    return true;
}

/// Only these members, each of them a text but for those that are judged elsewhere.
bool is_closed(const Poco::JSON::Object& body, const std::set<std::string>& members) {
    for (const auto& [name, value] : body) {
        if (members.count(name) == 0) return false;
    }
    return true;
}

std::string shown(const Poco::Dynamic::Var& value) {
    std::ostringstream text;
    Poco::JSON::Stringifier::stringify(value, text);
    return text.str();
}

}  // namespace

class PortApi::Handler final : public Poco::Net::HTTPRequestHandler {
  public:
    explicit Handler(PortApi& api) : api_(api) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request,
                       Poco::Net::HTTPServerResponse& response) override {
        std::string body;
        Poco::StreamCopier::copyToString(request.stream(), body);
        const bool json = request.getContentType() == "application/json";
        const Answer given = api_.answer(request.getMethod(), request.getURI(),
                                         request.get("Authorization", ""), json ? body : "not JSON");
        response.setStatus(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(given.status));
        response.setContentType("application/json");
        response.sendBuffer(given.body.data(), given.body.size());
    }

  private:
    PortApi& api_;
};

class PortApi::Factory final : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    explicit Factory(PortApi& api) : api_(api) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest&) override {
        return new Handler(api_);
    }

  private:
    PortApi& api_;
};

PortApi::PortApi(std::string client_id, std::string client_secret)
    : client_id_(std::move(client_id)), client_secret_(std::move(client_secret)) {
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    auto* parameters = new Poco::Net::HTTPServerParams;
    parameters->setKeepAlive(false);  // a connection that idles would keep a thread of Poco's
    server_ = std::make_unique<Poco::Net::HTTPServer>(new Factory(*this), socket, parameters);
    server_->start();
}

PortApi::~PortApi() {
    server_->stopAll(true);
}

std::string PortApi::url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
}

void PortApi::add_run(const std::string& id) {
    const std::lock_guard lock(mutex_);
    runs_[id] = {};
}

Run PortApi::run(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    return runs_.at(id);
}

std::vector<Call> PortApi::calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
}

std::vector<std::string> PortApi::history(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = history_.find(id);
    return found == history_.end() ? std::vector<std::string>() : found->second;
}

int PortApi::tokens() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
}

void PortApi::set(Fault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
}

void PortApi::revoke_tokens() {
    const std::lock_guard lock(mutex_);
    token_.clear();
}

PortApi::Answer PortApi::answer(const std::string& method, const std::string& path,
                                const std::string& authorization, const std::string& body) {
    const std::lock_guard lock(mutex_);
    const bool chosen = counted_++ % 2 == 0;
    Answer given{500, failure("internal_error", "told to fail")};
    if (fault_ == Fault::all) {
        given = {503, failure("unavailable", "told to fail")};
    } else if (fault_ != Fault::every_other || !chosen) {
        given = dispatch(method, path, authorization, body);
        if (fault_ == Fault::every_other_reply && chosen)
            given = {502, failure("bad_gateway", "done, and told to lose the answer")};
    }
    calls_.push_back({method, path, body, given.status});
    return given;
}

PortApi::Answer PortApi::dispatch(const std::string& method, const std::string& path,
                                  const std::string& authorization, const std::string& body) {
    if (body.size() > kBodyBytesMax) return {413, failure("too_large", "the body is over 1 MiB")};
    Poco::JSON::Object::Ptr object;
    try {
        object = Poco::JSON::Parser().parse(body).extract<Poco::JSON::Object::Ptr>();
    } catch (const Poco::Exception&) {
        return {422, failure("invalid_request", "the body is not a JSON object")};
    }
    if (method == "POST" && path == "/v1/auth/access_token") return token(*object);
    if (token_.empty() || authorization != "Bearer " + token_)
        return {401, failure("unauthorized", "no such token")};
    const std::string prefix = "/v1/actions/runs/";
    if (path.compare(0, prefix.size(), prefix) != 0) return {404, failure("not_found", "no route")};
    std::string id = path.substr(prefix.size());
    const bool logs = id.size() > 5 && id.compare(id.size() - 5, 5, "/logs") == 0;
    if (logs) id.resize(id.size() - 5);
    if (runs_.count(id) == 0) return {404, failure("not_found", "no run of that id")};
    if (logs && method == "POST") return log(id, *object);
    if (!logs && method == "PATCH") return patch(id, *object);
    return {404, failure("not_found", "no route")};
}

PortApi::Answer PortApi::token(const Poco::JSON::Object& body) {
    if (!is_closed(body, {"clientId", "clientSecret"}) || !is_text(body, "clientId") ||
        !is_text(body, "clientSecret"))
        return {422, failure("invalid_request", "clientId and clientSecret, and no more")};
    if (body.getValue<std::string>("clientId") != client_id_ ||
        body.getValue<std::string>("clientSecret") != client_secret_)
        return {401, failure("unauthorized", "wrong credentials")};
    // Port has one live token a pair of credentials: asked again, it answers the same.
    if (token_.empty()) token_ = "port-token-" + std::to_string(++tokens_);
    return {200, R"({"ok":true,"accessToken":")" + token_ +
                     R"(","expiresIn":10800,"tokenType":"Bearer"})"};
}

PortApi::Answer PortApi::patch(const std::string& id, const Poco::JSON::Object& body) {
    if (!is_closed(body, {"status", "statusLabel", "link", "summary", "externalRunId", "message"}))
        return {422, failure("invalid_request", "an unknown member")};
    Run& run = runs_[id];
    if (run.status != "IN_PROGRESS") return {422, failure("run_ended", "the run has ended")};
    if (body.has("status") && !is_ending(body, "status"))
        return {422, failure("invalid_request", "status is SUCCESS or FAILURE")};
    if (body.has("link") && !is_link(body))
        return {422, failure("invalid_request", "link is a string or a list of strings")};
    std::vector<std::string>& history = history_[id];
    const auto take = [&](const char* name, const char* word, std::string& into) {
        if (!body.has(name)) return true;
        if (!is_text(body, name)) return false;
        into = body.getValue<std::string>(name);
        history.push_back(std::string(word) + ":" + into);
        return true;
    };
    if (!take("statusLabel", "label", run.status_label) ||
        !take("summary", "summary", run.summary) ||
        !take("externalRunId", "external", run.external_run_id))
        return {422, failure("invalid_request", "a member is no text")};
    if (body.has("link")) {
        run.link = shown(body.get("link"));
        history.push_back("link:" + run.link);
    }
    if (body.has("status")) {
        run.status = body.getValue<std::string>("status");
        history.push_back("end:" + run.status);
    }
    return {200, R"({"ok":true,"run":{"id":")" + id + R"(","status":")" + run.status + "\"}}"};
}

PortApi::Answer PortApi::log(const std::string& id, const Poco::JSON::Object& body) {
    if (!is_closed(body, {"message", "terminationStatus", "statusLabel"}) ||
        !is_text(body, "message"))
        return {422, failure("invalid_request", "message, and two members more at most")};
    Run& run = runs_[id];
    if (run.status != "IN_PROGRESS") return {422, failure("run_ended", "the run has ended")};
    if (body.has("statusLabel") && !is_text(body, "statusLabel"))
        return {422, failure("invalid_request", "statusLabel is no text")};
    if (body.has("terminationStatus") && !is_ending(body, "terminationStatus"))
        return {422, failure("invalid_request", "terminationStatus is SUCCESS or FAILURE")};
    run.log_lines.push_back(body.getValue<std::string>("message"));
    history_[id].push_back("log:" + run.log_lines.back());
    if (body.has("statusLabel")) run.status_label = body.getValue<std::string>("statusLabel");
    if (body.has("terminationStatus")) {
        run.status = body.getValue<std::string>("terminationStatus");
        history_[id].push_back("end:" + run.status);
    }
    return {201, R"({"ok":true,"runLog":{"id":"l_)" + std::to_string(run.log_lines.size()) +
                     R"(","runId":")" + id + "\"}}"};
}

}  // namespace port_api
