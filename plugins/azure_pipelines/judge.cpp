#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/retry_after.hpp"
#include "target.hpp"

namespace azure_pipelines {

using namespace signalbox::plugin;

namespace {

constexpr const char* look_first =
    "Look at the pipeline's runs before you redeliver: Azure does not deduplicate, so a second "
    "event "
    "can start a second run.";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string answered(const Response& response) {
    return "Azure answered " + std::to_string(response.status);
}

bool is_html(const Response& response) {
    std::string type(response.header("Content-Type").value_or(""));
    std::transform(type.begin(), type.end(), type.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return contains(type, "text/html") || contains(type, "application/xhtml");
}

/// The part of an error reply that names the error: the exception's type and the beginning of its
/// message. What follows may be the payload, echoed, and a payload must not choose its own verdict.
/// A reply that echoes a large one is not parsed at all: its message begins within the head as
/// well.
std::string error_name(std::string_view body) {
    constexpr std::size_t head_bytes_max = 160;
    constexpr std::size_t parsed_bytes_max = 64 * 1024;
    const auto json = body.size() <= parsed_bytes_max ? json::try_parse(body) : std::nullopt;
    if (!json || !(*json)["message"].is_string())
        return std::string(body.substr(0, head_bytes_max));
    return (*json)["typeKey"].text_or("").substr(0, head_bytes_max) + '\n' +
           (*json)["message"].text_or("").substr(0, head_bytes_max);
}

/// Azure reports mistakes in its configuration as 500. They had no effect, and only a person can
/// repair them; any other 500 may come from behind the queue.
Verdict judge_500(const Run& run, const Response& response) {
    const std::string error = error_name(response.body);
    if (contains(error, "Cannot find webhook") || contains(error, "WebHookIdNotFound")) {
        const std::string webhook = json::parse(run.method)["webhook"].text_or("");
        return Verdict::permanent("Azure knows no webhook named '" + webhook + "'")
            .with_advice(
                "Check the WebHook Name of the Incoming WebHook service connection; run the "
                "pipeline that uses it once on its default branch, because Azure registers the "
                "webhook then; after a rename, commit to its YAML there.");
    }
    if (contains(error, "RequiredHeaderSignatureNotFound")) {
        return Verdict::permanent("Azure found no signature in the header it expects")
            .with_advice(
                "Give this connection's signing.header the name that is written under Http "
                "Header in the Incoming WebHook service connection.");
    }
    if (contains(error, "HashDoesNotMatch") || contains(error, "hash does not match")) {
        return Verdict::permanent("Azure computed another signature")
            .with_advice(
                "Give this connection's signing.key the Secret of the Incoming WebHook "
                "service connection, without spaces or a line end around it.");
    }
    if (contains(error, "EmptyWebHookEventPayload")) {
        return Verdict::permanent("Azure received an empty payload")
            .with_advice(
                "Give the action a payload, and check what a proxy on the way does to it.");
    }
    return Verdict::effect_unknown("Azure answered 500 without naming a mistake it is known for")
        .with_advice(look_first);
}

Verdict sign_in_page(const Response& response) {
    return Verdict::unauthenticated(answered(response) + " and asks to sign in")
        .with_advice(
            "The webhook needs no sign-in, so this is not it: check organization and base_url, "
            "and whether a proxy on the way asks for credentials.");
}

Verdict judge_redirect(const Response& response) {
    const auto location = response.header("Location").value_or("");
    if (response.status == 302 || contains(location, "_signin")) return sign_in_page(response);
    return Verdict::permanent(answered(response) + ", a redirect, which is never followed")
        .with_advice("Set base_url to where the organization now is.");
}

Verdict judge_4xx(const Response& response) {
    switch (response.status) {
        case 401:
            return sign_in_page(response);
        case 404:
            return Verdict::permanent("Azure has nothing at this address")
                .with_advice("Check organization, base_url and api_version of the connection.");
        // By their definition the server has not taken up the request.
        case 408:
        case 425:
            return Verdict::retryable(answered(response) + " and did not take up the request")
                .with_retry_after_ms(retry_after_ms(response));
        case 413:
            return Verdict::permanent("the payload is too large for Azure")
                .with_advice("Send less, or a link to it.");
        case 429:
            return Verdict::throttled("Azure limits the rate of requests")
                .with_retry_after_ms(retry_after_ms(response));
        default:
            return Verdict::permanent(answered(response) + " and refuses the request")
                .with_advice(
                    "Check the connection's settings and the access policies of the "
                    "organization and of proxies on the way.");
    }
}

Verdict judge_5xx(const Run& run, const Response& response) {
    const auto wait_ms = retry_after_ms(response);
    if (response.status == 500) return judge_500(run, response).with_retry_after_ms(wait_ms);
    if (response.status == 503 && wait_ms) {
        return Verdict::throttled("Azure is not available for now").with_retry_after_ms(wait_ms);
    }
    return Verdict::effect_unknown(answered(response))
        .with_advice(look_first)
        .with_retry_after_ms(wait_ms);
}

}  // namespace

Verdict Target::judge(const Run& run, const State&, const Response& response) {
    if (response.status == 203) return sign_in_page(response);
    if (response.status == 200) {
        if (is_html(response)) return sign_in_page(response);
        // Azure may ask for a pause on a 200 as well.
        return Verdict::accepted("Azure took the event")
            .with_retry_after_ms(retry_after_ms(response));
    }
    const int status_class = response.status / 100;
    if (status_class == 3) return judge_redirect(response);
    if (status_class == 4) return judge_4xx(response);
    if (status_class == 5) return judge_5xx(run, response);
    return Verdict::effect_unknown(answered(response) + ", which its webhooks are not known to do")
        .with_advice(look_first);
}

}  // namespace azure_pipelines
