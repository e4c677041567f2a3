#pragma once

#include <optional>
#include <string>
#include <vector>

#include "console.hpp"
#include "faults.hpp"
#include "ledger.hpp"
#include "pipeline.hpp"
#include "request.hpp"

namespace azure_standin {

/// An "incoming webhook" service connection.
struct WebhookConnection {
    std::string name;
    std::string secret;
    std::string header;  ///< empty: deliveries are not verified, even when there is a secret
};

/// What to answer and what to do besides.
struct Reply {
    enum class Manner { answer, hang, reset };

    int status = 200;
    std::string body;  ///< JSON, or empty
    std::string retry_after;
    Manner manner = Manner::answer;
    std::vector<RunPlan> runs;  ///< what the event starts
};

/// Azure's envelope around an error.
Reply error_reply(int status, const std::string& message, const std::string& type_key);

/// Azure's side of an incoming webhook: find it by name, verify, take, start pipelines.
/// Thread-safe.
class WebhookReceiver {
  public:
    WebhookReceiver(std::vector<WebhookConnection> connections, std::vector<Pipeline> pipelines,
                    NamedTexts variables, std::vector<Fault> faults, Ledger& ledger,
                    Console& console);

    /// `name` and `api_version` come from the request's target; the body has arrived in full.
    Reply receive(const Request& request, const std::string& name,
                  const std::optional<std::string>& api_version);

  private:
    Reply deliver(const Request& request, const std::string& name);
    struct Refusal {
        std::string why;      ///< for the console, without the payload
        std::string message;  ///< for the sender
    };
    static std::optional<Refusal> verify(const Request& request,
                                         const WebhookConnection& connection);
    std::vector<RunPlan> plan_runs(const Request& request, const std::string& name);
    const WebhookConnection* find(const std::string& name) const;
    void say(const Request& request, const std::string& name, const std::string& what);

    std::vector<WebhookConnection> connections_;
    std::vector<Pipeline> pipelines_;
    NamedTexts variables_;
    Faults faults_;
    Ledger& ledger_;
    Console& console_;
};

}  // namespace azure_standin
