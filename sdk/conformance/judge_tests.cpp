#include <algorithm>

#include "suite.hpp"

// What replies mean to it: the ones that targets and what stands before them really send.
namespace signalbox::conformance {
namespace {

using plugins::Outcome;

constexpr std::int64_t retry_ms = 7'000;

struct Judging {
    explicit Judging(const Subject& subject) : talk(subject) {
        if (talk.blocking()) skip("it is a blocking target and judges nothing");
        run = talk.sample(subject);
    }
    plugins::Verdict verdict(const Reply& reply) {
        const Judged judged = talk.judge(run, reply);
        if (!judged.broken.empty())
            fail("for a " + std::to_string(reply.status) + ": " + judged.broken);
        return judged.verdict;
    }
    Talk talk;
    Run run;
};

/// Would the run count as done, or on its way, though the reply says otherwise?
bool is_success(const plugins::Verdict& verdict) {
    return verdict.outcome == Outcome::accepted && verdict.finished.value_or(true);
}

Reply html(int status) {
    return {status,
            {{"Content-Type", "text/html; charset=utf-8"}},
            "<!DOCTYPE html><html><head><title>Sign In</title></head><body><form "
            "action=\"/login\"></form></body></html>"};
}

std::string heeds_retry_after(const Subject& subject, const std::string& value) {
    Judging judging(subject);
    const auto verdict = judging.verdict({429, {{"Retry-After", value}}, "slow down"});
    if (is_success(verdict)) fail("a 429 is taken for success");
    if (verdict.outcome == Outcome::permanent) fail("a 429 ends the run");
    if (verdict.retry_after_ms < retry_ms)
        fail("a 429 asks for a pause of 7 s (Retry-After: " + value + "), and " +
             (verdict.retry_after_ms < 0 ? std::string("none")
                                         : std::to_string(verdict.retry_after_ms) + " ms") +
             " is kept");
    return {};
}

std::string retry_after_seconds(const Subject& subject) {
    return heeds_retry_after(subject, "7");
}

std::string retry_after_date(const Subject& subject) {
    // Seven seconds after the fake host's present time, 2023-11-14 22:13:20.
    return heeds_retry_after(subject, "Tue, 14 Nov 2023 22:13:27 GMT");
}

std::string retry_after_garbage(const Subject& subject) {
    Judging judging(subject);
    for (const char* value :
         {"", "soon", "-5", "99999999999999999999", "1e9", "Tue, 99 Foo 2023"}) {
        if (is_success(judging.verdict({429, {{"Retry-After", value}}, ""})))
            fail("a 429 is taken for success");
    }
    return {};
}

std::string sign_in_401(const Subject& subject) {
    Judging judging(subject);
    const auto verdict = judging.verdict(html(401));
    if (is_success(verdict)) fail("a 401 is taken for success");
    if (verdict.outcome != Outcome::unauthenticated)
        return "a 401 with a sign-in page is not judged unauthenticated, so the credentials are "
               "not "
               "named as the cause";
    return {};
}

std::string sign_in_203(const Subject& subject) {
    Judging judging(subject);
    if (is_success(judging.verdict(html(203))))
        fail("a 203 with a sign-in page, as Azure DevOps sends it, is taken for success");
    return {};
}

std::string errors_are_no_success(const Subject& subject) {
    Judging judging(subject);
    for (const int status :
         {400, 403, 404, 405, 409, 410, 413, 422, 451, 500, 501, 502, 503, 504}) {
        if (is_success(judging.verdict({status, {}, "{\"ok\":true,\"id\":1}"})))
            fail("a " + std::to_string(status) + " is taken for success");
    }
    return {};
}

std::string redirects_are_no_success(const Subject& subject) {
    Judging judging(subject);
    for (const int status : {301, 302, 303, 307, 308}) {
        if (is_success(judging.verdict({status, {{"Location", "https://elsewhere.example/"}}, ""})))
            fail("a redirect, which is never followed, is taken for success");
    }
    return {};
}

std::string doubt_is_unknown(const Subject& subject) {
    Judging judging(subject);
    for (const int status : {500, 502, 504}) {
        const auto outcome =
            judging.verdict({status, {}, "upstream closed the connection"}).outcome;
        if (outcome == Outcome::retryable || outcome == Outcome::throttled)
            return "a " + std::to_string(status) +
                   " is tried again; does the target prove that it had no effect?";
    }
    return {};
}

std::string truncated(const Subject& subject) {
    Judging judging(subject);
    for (const char* body : {"{\"id\":", "{\"id\":\"12", "[", "{\"a\":{\"b\":[1,2,"})
        judging.verdict(
            {200, {{"Content-Type", "application/json"}, {"Content-Length", "900"}}, body});
    return {};
}

std::string garbage(const Subject& subject) {
    Judging judging(subject);
    const std::string deep(5000, '[');
    for (const std::string& body :
         {std::string("nonsense"), std::string("\xFF\xFE\x00\x01", 4), std::string("{}{}"), deep,
          std::string("{\"id\":1e999}"), std::string("{\"id\":{\"x\":[]}}"), std::string("null"),
          std::string("\"text\""), std::string("{\"id\":18446744073709551616}")}) {
        for (const int status : {200, 201, 204, 400, 500})
            judging.verdict({status, {{"Content-Type", "application/json"}}, body});
    }
    return {};
}

std::string ten_megabytes(const Subject& subject) {
    Judging judging(subject);
    const std::string text(10 * 1024 * 1024, 'x');
    judging.verdict({200, {{"Content-Type", "application/json"}}, "{\"text\":\"" + text + "\"}"});
    judging.verdict({500, {}, text});
    return {};
}

std::string bare_replies(const Subject& subject) {
    Judging judging(subject);
    for (int status = 100; status < 1000; ++status)
        judging.verdict({status, {}, ""});
    return {};
}

std::string odd_headers(const Subject& subject) {
    Judging judging(subject);
    Reply reply{200, {}, "{}"};
    for (int i = 0; i < 256; ++i)
        reply.headers.emplace_back("X-" + std::to_string(i), std::string(100, 'v'));
    reply.headers.emplace_back("Content-Type", "");
    reply.headers.emplace_back("content-type", "text/html\xFF");
    reply.headers.emplace_back("", "");
    judging.verdict(reply);
    return {};
}

std::string judge_is_pure(const Subject& subject) {
    Judging judging(subject);
    for (const int status : {200, 201, 401, 404, 429, 500, 503}) {
        const Reply reply{status, {{"Retry-After", "7"}}, "{\"message\":\"a\"}"};
        const std::string first = judging.talk.judge(judging.run, reply).said();
        judging.talk.judge(judging.run, {202, {}, ""});
        if (judging.talk.judge(judging.run, reply).said() != first)
            fail("the same reply, a " + std::to_string(status) +
                 ", is judged differently the second "
                 "time");
    }
    return {};
}

std::string reply_is_not_quoted(const Subject& subject) {
    Judging judging(subject);
    for (const int status : {200, 400, 401, 500}) {
        const auto verdict =
            judging.verdict({status,
                             {{"Content-Type", "application/json"}},
                             "{\"message\":\"" + std::string(reply_marker) + "\",\"error\":\"" +
                                 std::string(reply_marker) + "\"}"});
        if ((verdict.reason + verdict.advice).find(reply_marker) != std::string::npos)
            return "reason or advice quotes the reply, which may echo a secret; say it in words of "
                   "your own, or as response";
    }
    return {};
}

std::string state_round_trip(const Subject& subject) {
    Judging judging(subject);
    bool any = false;
    for (const int status : {200, 201, 202}) {
        const Reply reply{
            status, {{"Content-Type", "application/json"}}, "{\"id\":7,\"state\":\"x\"}"};
        const auto verdict = judging.verdict(reply);
        if (!verdict.state) continue;
        any = true;
        Run next = judging.run;
        next.state_version = verdict.state->first;
        next.state = verdict.state->second;
        const Planned planned = judging.talk.plan(next);
        if (!planned.broken.empty()) fail("with the state that it wrote: " + planned.broken);
        if (planned.code != SIGNALBOX_OK) fail("it refuses the state that it wrote");
        const Judged judged = judging.talk.judge(next, reply);
        if (!judged.broken.empty()) fail("with the state that it wrote: " + judged.broken);
    }
    if (!any) skip("it writes no state for the replies tried");
    return {};
}

std::string capabilities_hold(const Subject& subject) {
    Judging judging(subject);
    for (const int status : {200, 201}) {
        const auto verdict = judging.verdict({status,
                                              {{"Content-Type", "application/json"}},
                                              "{\"id\":7,\"url\":\"https://x.example/\"}"});
        if (!verdict.external_run_id.empty() && !subject.descriptor->returns_run_id)
            return "it names the target's run and does not declare returns_run_id";
    }
    return {};
}

}  // namespace

std::vector<Test> judge_tests() {
    return {
        {"retry-after-seconds", "a pause in seconds is kept", retry_after_seconds},
        {"retry-after-date", "a pause as a date is kept", retry_after_date},
        {"retry-after-garbage", "a pause that makes no sense does no harm", retry_after_garbage},
        {"sign-in-401", "a sign-in page is no success", sign_in_401},
        {"sign-in-203", "a sign-in page in the guise of success is none", sign_in_203},
        {"errors-are-no-success", "an error status is no success", errors_are_no_success},
        {"redirects-are-no-success", "a redirect is no success", redirects_are_no_success},
        {"doubt-is-unknown", "an effect that is not ruled out is unknown", doubt_is_unknown},
        {"truncated-reply", "a reply that is cut off does no harm", truncated},
        {"garbage-reply", "a reply that makes no sense does no harm", garbage},
        {"ten-megabytes", "a large reply does no harm", ten_megabytes},
        {"bare-replies", "every status has a verdict", bare_replies},
        {"odd-headers", "odd headers do no harm", odd_headers},
        {"judge-is-pure", "the same reply gives the same verdict", judge_is_pure},
        {"reply-is-not-quoted", "a reply's text is not passed off as a reason",
         reply_is_not_quoted},
        {"state-round-trip", "it can read the state that it writes", state_round_trip},
        {"capabilities-hold", "it declares what it does", capabilities_hold},
    };
}

}  // namespace signalbox::conformance
