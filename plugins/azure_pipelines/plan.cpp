#include <cstddef>
#include <string>

#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/uri.hpp"
#include "target.hpp"

namespace azure_pipelines {

using namespace signalbox::plugin;

namespace {

/// Azure reads a webhook's body through a stream that ends here.
constexpr std::size_t body_bytes_max = 5 * 1024 * 1024;

std::string webhook_of(const json::Value& members) {
    const std::string webhook = members["webhook"].text_or("");
    if (webhook.empty()) {
        throw Refusal(
            "/webhook",
            "is missing; write the WebHook Name of the Incoming WebHook service connection");
    }
    if (webhook.front() == '<' && webhook.back() == '>') {
        throw Refusal("/webhook",
                      "is still a placeholder; write the WebHook Name of the Incoming "
                      "WebHook service connection in its place");
    }
    constexpr const char* accepted =
        "-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (webhook.find_first_not_of(accepted) != std::string::npos) {
        throw Refusal("/webhook", "'" + webhook +
                                      "' is no webhook name; letters, digits, '-' and "
                                      "'_' are accepted");
    }
    return webhook;
}

void check_organization(const json::Value& members, const Settings& settings) {
    const json::Value& org = members["org"];
    if (org.is_null() || org.text_or("") == settings.organization) return;
    throw Refusal("/org", "'" + org.text_or("(not a text)") +
                              "' is not this connection's organization '" + settings.organization +
                              "'; leave org out, or choose the connection of that organization");
}

void check_payload(std::string_view payload) {
    if (payload.empty()) {
        throw Refusal("", "the payload is empty, which Azure refuses; give the action a payload");
    }
    if (payload.size() > body_bytes_max) {
        throw Refusal("", "the payload has " + std::to_string(payload.size()) +
                              " bytes and Azure reads at most " + std::to_string(body_bytes_max) +
                              " (5 MiB); send less, or a link to it");
    }
}

}  // namespace

Target::Target(std::string_view settings, Host) : settings_(read_settings(settings)) {}

Plan Target::plan(const Run& run, const State&) {
    const json::Value members = json::parse(run.method);
    const std::string webhook = webhook_of(members);
    check_organization(members, settings_);
    check_payload(run.payload);

    return Request::post(settings_.base_url + "/_apis/public/distributedtask/webhooks/" +
                         percent_encode(webhook) +
                         "?api-version=" + percent_encode(settings_.api_version))
        .with_header("Content-Type", "application/json")
        .with_header("Accept", "application/json")
        .with_header("User-Agent", "Signalbox")
        // Otherwise Azure answers a refusal with a redirect to its sign-in page.
        .with_header("X-TFS-FedAuthRedirect", "Suppress");
}

}  // namespace azure_pipelines
