#pragma once

#include <Poco/JSON/Object.h>

#include <optional>
#include <string>
#include <string_view>

#include "app/client/http.hpp"
#include "app/context.hpp"
#include "app/options.hpp"

namespace signalbox::app {

/// A reply that was understood.
struct ApiReply {
    int status = 0;
    std::string text;              ///< as it came
    Poco::JSON::Object::Ptr json;  ///< the same, read
};

/// Signalbox's HTTP API for one command: the server's address and who asks. Gets an access token
/// when it first needs one, and once more when it has run out. Used by one thread.
class Api {
  public:
    /// From `--server`, the environment, and where both name no server the `listen` of ./signalbox.yaml. Error
    /// `usage`; no secret's value is in it.
    static Result<Api> from(const Options& options, const Tools& tools);

    /// Any status. `target` is a path with its query; `body` is JSON or empty. Errors: those of
    /// exchange(), `not_signalbox` (no JSON object came), and those of getting a token.
    Result<ApiReply> call(const std::string& method, const std::string& target,
                          const std::string& body = "", const std::string& idempotency_key = "");

    /// As call(), and a status other than 2xx is the error that the reply names.
    Result<ApiReply> ask(const std::string& method, const std::string& target,
                         const std::string& body = "", const std::string& idempotency_key = "");

    /// The error that a reply of another status than 2xx names.
    Error error_of(const ApiReply& reply) const;

  private:
    Api(ServerAddress server, const Context& context)
        : server_(std::move(server)), context_(context) {}
    Result<ApiReply> exchange_json(const HttpRequest& request);
    Result<Done> get_token();

    ServerAddress server_;
    const Context& context_;
    std::string client_id_;
    std::string client_secret_;
    std::string token_;
};

/// One segment of a path or one value of a query.
std::string percent_encode(std::string_view text);

}  // namespace signalbox::app
