#include "app/client/render.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "app/client/json.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

namespace {

std::string shown(const std::string& json) {
    const auto run = parse_object(json);
    REQUIRE(run.ok());
    std::ostringstream out;
    print_run(out, *run);
    return out.str();
}

}  // namespace

TEST_CASE("app: the road of a run is shown from who to what was reported", "[app]") {
    CHECK(
        shown(
            R"({"id":"r_1","action":"deploy","status":"SUCCESS","phase":"finished","connection":"contoso",
        "statusLabel":"Deployed","link":["https://a","https://b"],"summary":"two\nlines",
        "externalRunId":"4711","properties":{"service":"checkout","replicas":3,
        "big":100000000000000000000,"tags":["a",1.5]},"entity":null,
        "trigger":{"by":"portal","origin":"API","at":"2026-01-31T09:00:00.000Z"},
        "createdAt":"2026-01-31T09:00:00.000Z","updatedAt":"2026-01-31T09:00:12.300Z",
        "endedAt":"2026-01-31T09:00:12.300Z","attempts":[
        {"number":1,"startedAt":"2026-01-31T09:00:00.004Z","phases":{"dns":0.5,"connect":12.2,
         "tls":40,"send":0.1,"wait":88.4,"read":-1},"request":{"method":"POST","url":"https://x/y"},
         "response":{"status":503},"outcome":"throttled","reason":"asked to wait",
         "nextAt":"2026-01-31T09:00:02.000Z"},
        {"number":2,"startedAt":"2026-01-31T09:00:02.000Z","phases":{"dns":null,"connect":null},
         "request":{"method":"POST","url":"https://x/y"},"response":null,"outcome":"retryable",
         "reason":"the connection was refused","nextAt":null},
        {"number":3,"startedAt":"2026-01-31T09:00:04.000Z","request":{"method":"POST",
         "url":"https://x/y"}}]})") ==
        "run         r_1\n"
        "action      deploy\n"
        "connection  contoso\n"
        "status      SUCCESS (finished)\n"
        "by          portal via API\n"
        "created     2026-01-31T09:00:00.000Z\n"
        "ended       2026-01-31T09:00:12.300Z (after 12.3 s)\n"
        "inputs\n"
        "  service   checkout\n"
        "  replicas  3\n"
        "  big       100000000000000000000\n"
        "  tags      [\"a\",1.5]\n"
        "attempts\n"
        "  1  2026-01-31T09:00:00.004Z  throttled\n"
        "     POST https://x/y\n"
        "     replied 503\n"
        "     141 ms: dns 0.5, connect 12, tls 40, send 0.1, wait 88\n"
        "     asked to wait\n"
        "     next attempt at 2026-01-31T09:00:02.000Z\n"
        "  2  2026-01-31T09:00:02.000Z  retryable\n"
        "     POST https://x/y\n"
        "     no reply\n"
        "     the connection was refused\n"
        "  3  2026-01-31T09:00:04.000Z  under way\n"
        "     POST https://x/y\n"
        "label       Deployed\n"
        "link        https://a\n"
        "            https://b\n"
        "external    4711\n"
        "summary     two\n"
        "            lines\n");
}

TEST_CASE("app: a run of which little is known is shown all the same", "[app]") {
    CHECK(
        shown(R"({"id":"r_1","action":"deploy","status":"IN_PROGRESS","phase":"queued"})") ==
        "run         r_1\naction      deploy\nstatus      IN_PROGRESS (queued)\nby          nobody "
        "named\n");
    CHECK(contains(shown("{}"), "status"));
}

TEST_CASE("app: members of a run that are not what they should be do no harm", "[app]") {
    const std::string member =
        GENERATE("1", "\"x\"", "[]", "[null]", "[[1]]", "{}", "true", "null");
    INFO(member);
    std::string json = R"({"id":"r_1")";
    for (const char* name : {"action", "status", "trigger", "properties", "attempts", "link",
                             "endedAt", "createdAt", "entity"}) {
        json += ",\"" + std::string(name) + "\":" + member;
    }
    CHECK(shown(json + "}").starts_with("run         r_1\n"));
}

TEST_CASE("app: Port's form of who triggered a run is understood", "[app]") {
    CHECK(
        contains(shown(R"({"trigger":{"by":{"userId":"u_1","user":{"email":"ada@example.com"}}}})"),
                 "by          ada@example.com\n"));
    CHECK(contains(shown(R"({"trigger":{"by":{"userId":"u_1"},"origin":"UI"}})"), "u_1 via UI\n"));
}

TEST_CASE("app: a run that stands still says what a person can do", "[app]") {
    const auto held = shown(R"({"id":"r_1","phase":"held","reason":"stopped during attempt 2"})");
    CHECK(contains(held, "reason      stopped during attempt 2\n"));
    CHECK(contains(held, "`signalbox runs redeliver r_1` or `signalbox runs cancel r_1`"));
    const auto unconfirmed = shown(R"({"id":"r_1","phase":"unconfirmed"})");
    CHECK(contains(unconfirmed, "`signalbox runs redeliver r_1`"));
    CHECK_FALSE(contains(unconfirmed, "cancel"));
    CHECK_FALSE(contains(shown(R"({"id":"r_1","phase":"accepted"})"), "A person decides"));
}

TEST_CASE("app: a run's texts cannot steer the terminal", "[app]") {
    const std::string text = shown(
        R"({"id":"r_\u001b1","action":"\u001b","summary":"\u001b[2J","properties":{"\u001b":"\n\u009b"},
        "attempts":[{"number":1,"outcome":"\u001b","reason":"a\nb\u001b","request":{"method":"\u001b",
        "url":"\r"}}]})");
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
    CHECK(text.find("\xC2\x9B") == std::string::npos);
    CHECK(contains(text, "     a b\\x1b\n"));
}
