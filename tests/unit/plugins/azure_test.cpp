#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

constexpr std::int64_t november_1994_ms = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT

std::unique_ptr<Connection> azure(std::string_view settings = R"({"organization": "contoso"})") {
    const auto plugin = load(azure_plugin(), fake_log(), fake_clock());
    REQUIRE(plugin);
    json::Value value = parsed(settings);
    (*plugin)->descriptor().settings.fill_defaults(value);
    const auto findings = (*plugin)->descriptor().settings.validate(value);
    CAPTURE(findings.empty() ? "" : findings.front().message);
    REQUIRE(findings.empty());
    auto connection = (*plugin)->connect(value);
    REQUIRE(connection);
    return std::move(*connection);
}

RunView a_run(std::string_view method = R"({"webhook":"deploy"})",
              std::string_view payload = "{}") {
    RunView run;
    run.id = "r_1";
    run.type = "AZURE_DEVOPS";
    run.method = method;
    run.payload = payload;
    return run;
}

Verdict judged(int status, const std::vector<Header>& headers = {}, std::string_view body = {}) {
    ResponseView response;
    response.status = status;
    response.headers = &headers;
    response.body = body;
    response.wall_ms = november_1994_ms;
    auto verdict = azure()->judge(a_run(), response);
    REQUIRE(verdict);
    return *verdict;
}

std::string envelope(const std::string& message) {
    return R"({"$id":"1","innerException":null,"message":")" + message +
           R"(","typeName":"Microsoft.TeamFoundation.Some.Type","typeKey":"SomeException","errorCode":0,"eventId":3000})";
}

Error refused(std::string_view method, std::string_view payload = "{}") {
    const auto request = azure()->plan(a_run(method, payload));
    REQUIRE_FALSE(request);
    CHECK(request.error().code == "plan_refused");
    REQUIRE_FALSE(request.error().details.empty());
    return request.error();
}

bool settings_fit(std::string_view settings) {
    const auto plugin = load(azure_plugin(), fake_log(), fake_clock());
    REQUIRE(plugin);
    return (*plugin)->descriptor().settings.validate(parsed(settings)).empty();
}

}  // namespace

TEST_CASE("plugins: azure posts the payload to the organization's webhook", "[plugins]") {
    const auto request = azure()->plan(a_run());
    REQUIRE(request);
    CHECK(request->method == "POST");
    CHECK(request->url ==
          "https://dev.azure.com/contoso/_apis/public/distributedtask/webhooks/deploy"
          "?api-version=6.0-preview");
    CHECK(request->headers == std::vector<Header>{{"Content-Type", "application/json"},
                                                  {"Accept", "application/json"},
                                                  {"User-Agent", "Signalbox"},
                                                  {"X-TFS-FedAuthRedirect", "Suppress"}});
    CHECK_FALSE(request->body);
    CHECK_FALSE(request->safe);
    CHECK_FALSE(request->done);
}

TEST_CASE("plugins: azure takes another base URL and version", "[plugins]") {
    const auto url = [](std::string_view settings) {
        const auto request = azure(settings)->plan(a_run());
        REQUIRE(request);
        return request->url;
    };
    CHECK(
        url(R"({"organization": "c", "base_url": "http://127.0.0.1:8081/", "api_version": "7.2-preview.2"})") ==
        "http://127.0.0.1:8081/_apis/public/distributedtask/webhooks/deploy"
        "?api-version=7.2-preview.2");
    CHECK(url(R"({"organization": "My Collection"})")
              .rfind("https://dev.azure.com/My%20Collection/_apis/", 0) == 0);
    CHECK(url(R"({"organization": "c", "base_url": "https://ado.example:8443/tfs/Main"})")
              .rfind("https://ado.example:8443/tfs/Main/_apis/", 0) == 0);
}

TEST_CASE("plugins: azure's settings are checked by its schema", "[plugins]") {
    CHECK(settings_fit(R"({"organization": "contoso-2"})"));
    CHECK(settings_fit(R"({"organization": "a"})"));
    CHECK_FALSE(settings_fit("{}"));
    CHECK_FALSE(settings_fit(R"({"organization": ""})"));
    CHECK_FALSE(settings_fit(R"({"organization": "<ORG>"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "../other"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a/b"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a?b"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "organisation": "b"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "base_url": "dev.azure.com"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "base_url": "https://u:p@h"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "base_url": "https://h/?x"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "base_url": "ftp://h"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "base_url": "https://h/a b"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "base_url": "https://h/%2"})"));
    CHECK(settings_fit(
        R"({"organization": "a", "base_url": "https://[::1]:8443/tfs/My%20Collection"})"));
    CHECK_FALSE(settings_fit(R"({"organization": "a", "api_version": "6.0&x=1"})"));
}

TEST_CASE("plugins: azure refuses what is no webhook name", "[plugins]") {
    CHECK(refused("{}").details[0].pointer == "/webhook");
    CHECK(contains(refused("{}").message, "refuses this: /webhook is missing"));
    CHECK(contains(refused(R"({"webhook":7})").message, "is missing"));
    CHECK(contains(refused(R"({"webhook":""})").message, "is missing"));
    CHECK(contains(refused(R"({"webhook":"<NAME>"})").message, "placeholder"));
    for (const char* name : {R"({"webhook":"a b"})", R"({"webhook":"a/../b"})",
                             R"({"webhook":"a?x=1"})", R"({"webhook":"\u00e9"})"}) {
        CAPTURE(name);
        CHECK(contains(refused(name).message, "is no webhook name"));
    }
    CHECK(azure()->plan(a_run(R"({"webhook":"-_aZ09"})")));
}

TEST_CASE("plugins: azure refuses another organization than its connection's", "[plugins]") {
    CHECK(azure()->plan(a_run(R"({"webhook":"deploy","org":"contoso"})")));
    const Error error = refused(R"({"webhook":"deploy","org":"fabrikam"})");
    CHECK(error.details[0].pointer == "/org");
    CHECK(contains(error.message, "'fabrikam' is not this connection's organization 'contoso'"));
    CHECK(refused(R"({"webhook":"deploy","org":1})").details[0].pointer == "/org");
}

TEST_CASE("plugins: azure refuses a payload past 5 MiB or empty", "[plugins]") {
    const std::string largest(5 * 1024 * 1024, 'x');
    CHECK(azure()->plan(a_run(R"({"webhook":"deploy"})", largest)));
    CHECK(contains(refused(R"({"webhook":"deploy"})", largest + "x").message, "5242881 bytes"));
    CHECK(contains(refused(R"({"webhook":"deploy"})", "").message, "empty"));
}

TEST_CASE("plugins: azure's 200 is accepted and never more", "[plugins]") {
    const Verdict plain = judged(200);
    CHECK(plain.outcome == Outcome::accepted);
    CHECK(plain.retry_after_ms < 0);
    CHECK(plain.external_run_id.empty());
    CHECK_FALSE(plain.state);
    CHECK(plain.next_step_after_ms < 0);
    CHECK_FALSE(contains(plain.reason, "ran"));
    const Verdict slowed = judged(200, {{"retry-after", "30"}});
    CHECK(slowed.outcome == Outcome::accepted);
    CHECK(slowed.retry_after_ms == 30'000);
}

TEST_CASE("plugins: azure's configuration errors under 500 are permanent", "[plugins]") {
    struct Row {
        std::string body;
        const char* reason;
        const char* advice;
    };
    const Row row = GENERATE(
        Row{envelope(
                "Cannot find webhook for the given webHookId deploy. Try enabling CD trigger for "
                "this artifact."),
            "no webhook named 'deploy'", "default branch"},
        Row{envelope("Properties.Resources.RequiredHeaderSignatureNotFound"), "no signature",
            "signing.header"},
        Row{"RequiredHeaderSignatureNotFound", "no signature", "signing.header"},
        Row{envelope("WebHookPayloadHashDoesNotMatch {secret-payload}"), "another signature",
            "signing.key"},
        Row{R"({"message":"x","typeKey":"WebHookPayloadHashDoesNotMatchException"})",
            "another signature", "signing.key"},
        Row{envelope("Properties.Resources.EmptyWebHookEventPayload"), "empty payload", "payload"});
    CAPTURE(row.body);
    const Verdict verdict = judged(500, {{"Content-Type", "application/json"}}, row.body);
    CHECK(verdict.outcome == Outcome::permanent);
    CHECK(contains(verdict.reason, row.reason));
    CHECK(contains(verdict.advice, row.advice));
    CHECK_FALSE(contains(verdict.reason + verdict.advice, "secret-payload"));
}

TEST_CASE("plugins: azure's other server errors leave the effect unknown", "[plugins]") {
    const int status = GENERATE(500, 501, 502, 503, 504, 599);
    CAPTURE(status);
    const Verdict verdict = judged(status, {}, envelope("database is down {secret-payload}"));
    CHECK(verdict.outcome == Outcome::effect_unknown);
    CHECK(contains(verdict.advice, "does not deduplicate"));
    CHECK_FALSE(contains(verdict.reason + verdict.advice, "secret-payload"));
}

TEST_CASE("plugins: a payload that azure echoes does not choose the verdict", "[plugins]") {
    const std::string echoed =
        "An unexpected error occurred while the event was handled: " + std::string(200, '.') +
        " Cannot find webhook";
    CHECK(judged(500, {}, envelope(echoed)).outcome == Outcome::effect_unknown);
    CHECK(judged(500, {}, echoed).outcome == Outcome::effect_unknown);
    // A large echo is recognised by its beginning.
    const std::string large = "WebHookPayloadHashDoesNotMatch " + std::string(1024 * 1024, 'x');
    CHECK(judged(500, {}, envelope(large)).outcome == Outcome::permanent);
}

TEST_CASE("plugins: azure's throttling waits as long as it says", "[plugins]") {
    CHECK(judged(429).outcome == Outcome::throttled);
    CHECK(judged(429).retry_after_ms < 0);
    const Verdict seconds = judged(429, {{"Retry-After", "12"}});
    CHECK(seconds.outcome == Outcome::throttled);
    CHECK(seconds.retry_after_ms == 12'000);
    const Verdict date = judged(503, {{"Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"}});
    CHECK(date.outcome == Outcome::throttled);
    CHECK(date.retry_after_ms == 60'000);
    CHECK(judged(503, {{"Retry-After", "soon"}}).outcome == Outcome::effect_unknown);
}

TEST_CASE("plugins: azure's sign-in pages are no acceptance", "[plugins]") {
    const std::vector<Header> html = {{"content-type", "Text/HTML; charset=utf-8"}};
    CHECK(judged(203, html, "<html>").outcome == Outcome::unauthenticated);
    CHECK(judged(203).outcome == Outcome::unauthenticated);
    CHECK(judged(200, html, "<html>").outcome == Outcome::unauthenticated);
    CHECK(judged(302, {{"Location", "https://x/_signin?payload=secret"}}).outcome ==
          Outcome::unauthenticated);
    CHECK(judged(307, {{"Location", "https://x/_signin"}}).outcome == Outcome::unauthenticated);
    CHECK(judged(401).outcome == Outcome::unauthenticated);
    CHECK(contains(judged(401).advice, "organization and base_url"));
}

TEST_CASE("plugins: azure's refusals are permanent unless nothing was taken up", "[plugins]") {
    for (const int status : {301, 308, 400, 403, 404, 405, 410, 413, 415, 422}) {
        CAPTURE(status);
        const Verdict verdict = judged(status, {}, "secret-payload");
        CHECK(verdict.outcome == Outcome::permanent);
        CHECK_FALSE(verdict.advice.empty());
        CHECK_FALSE(contains(verdict.reason + verdict.advice, "secret-payload"));
    }
    for (const int status : {408, 425})
        CHECK(judged(status).outcome == Outcome::retryable);
    CHECK(judged(408, {{"Retry-After", "2"}}).retry_after_ms == 2'000);
}

TEST_CASE("plugins: azure's unheard-of successes leave the effect unknown", "[plugins]") {
    for (const int status : {201, 202, 204, 299, 100, 600}) {
        CAPTURE(status);
        CHECK(judged(status).outcome == Outcome::effect_unknown);
    }
}
