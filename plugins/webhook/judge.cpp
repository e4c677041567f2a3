#include <cstddef>
#include <string>

#include "signalbox/plugin/retry_after.hpp"
#include "target.hpp"

namespace webhook {

using namespace signalbox::plugin;

namespace {

std::string answered(const Response& response) {
    return "the service answered " + std::to_string(response.status);
}

/// What is kept in the run's log: the status, and the body as it came.
std::string kept(const Response& response) {
    std::string text = "HTTP " + std::to_string(response.status);
    if (const auto type = response.header("Content-Type")) text += ", " + std::string(*type);
    if (!response.body.empty()) text += "\n\n" + std::string(response.body);
    return text;
}

/// Replies that say by their definition that nothing was done, and when to come back.
bool is_put_off(int status, const Response& response) {
    return status == 408 || status == 425 || status == 429 ||
           (status == 503 && response.header("Retry-After"));
}

Verdict put_off(const Response& response) {
    const auto wait_ms = retry_after_ms(response);
    if (response.status == 408 || response.status == 425) {
        return Verdict::retryable(answered(response) + " and did not take up the request")
            .with_retry_after_ms(wait_ms);
    }
    return Verdict::throttled(answered(response) + " and asks for a pause")
        .with_retry_after_ms(wait_ms);
}

Verdict refused_credentials(const Response& response) {
    return Verdict::unauthenticated(answered(response))
        .with_advice("Check the connection's authorization and its signing key, on both sides.");
}

/// Azure DevOps, and proxies that ask people to sign in, answer so to a program.
bool is_sign_in_page(const Response& response) {
    const auto type = response.header("Content-Type").value_or("");
    return response.status == 203 && type.substr(0, 9) == "text/html";
}

Verdict judge_doubt(const Response& response) {
    return Verdict::effect_unknown(answered(response) + ", which does not say whether it acted")
        .with_retry_after_ms(retry_after_ms(response))
        .with_advice(
            "Look at the service. If it ignores a delivery id that it has seen, set deduplicates: "
            "true, and such attempts are sent again.");
}

Verdict judge_synchronized(const Response& response) {
    if (response.status / 100 == 2) {
        return Verdict::accepted(answered(response))
            .as_finished(true)
            .with_retry_after_ms(retry_after_ms(response))
            .with_response(kept(response));
    }
    if (response.status / 100 == 4) {
        return Verdict::permanent(answered(response)).with_response(kept(response));
    }
    return Verdict::accepted(answered(response)).as_finished(false).with_response(kept(response));
}

}  // namespace

Verdict Target::judge(const Run& run, const State&, const Response& response) {
    const int status = response.status;
    if (is_put_off(status, response)) return put_off(response);
    if (status == 401 || status == 407 || is_sign_in_page(response))
        return refused_credentials(response);
    if (status / 100 == 3) {
        return Verdict::permanent(answered(response) + ", a redirect, which is never followed")
            .with_advice("Write the URL that it points to.");
    }
    // A template may have made a text of it.
    const json::Value& synchronized = members_of(run)["synchronized"];
    if (synchronized.bool_or(synchronized.text_or("") == "true"))
        return judge_synchronized(response);
    if (status / 100 == 2) {
        return Verdict::accepted(answered(response)).with_retry_after_ms(retry_after_ms(response));
    }
    if (status / 100 == 4) {
        return Verdict::permanent(answered(response) + " and refuses the request")
            .with_advice("Check the action's url, method, headers and body.");
    }
    return judge_doubt(response);
}

}  // namespace webhook
