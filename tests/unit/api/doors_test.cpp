// What is judged before any route: headers that stand twice, and who asks for a token.
#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "desk.hpp"

using namespace signalbox;
using namespace signalbox::api::test;
using config::Right;

namespace {

const std::string kSecret = "a-secret-of-the-test";

std::vector<config::ClientSettings> clients() {
    return {client("desk", kSecret, int(Right::view))};
}

std::string asking(const std::string& id, const std::string& secret) {
    return R"({"clientId":")" + id + R"(","clientSecret":")" + secret + "\"}";
}

}  // namespace

TEST_CASE("api: a header that may stand once and stands twice is refused by its name", "[api]") {
    Desk desk(clients());
    const auto [name, shown] = GENERATE(table<std::string, std::string>(
        {{"authorization", "Authorization"},
         {"content-type", "Content-Type"},
         {"content-encoding", "Content-Encoding"},
         {"origin", "Origin"},
         {"last-event-id", "Last-Event-ID"}}));
    const bool token_less = GENERATE(false, true);
    net::Request request = desk.get(token_less ? "/healthz" : "/v1/actions");
    request.headers.emplace_back(
        "authorization", "Bearer " + desk.token("desk", kSecret));
    if (name != "authorization") request.headers.emplace_back(name, "1");
    CHECK(desk.ask(request).status == 200);
    request.headers.emplace_back(name, "1");
    const net::Response reply = desk.ask(request);
    CHECK(reply.status == 400);
    CHECK(reply.body.find("duplicate_header") != std::string::npos);
    CHECK(reply.body.find("two " + shown + " headers") != std::string::npos);
}

TEST_CASE("api: asking for a token takes as much as it may and no more", "[api]") {
    Desk desk(clients());
    std::string body = asking("desk", kSecret);
    body.insert(body.size() - 1, limits::token_request_bytes_max - body.size(), ' ');
    CHECK(desk.ask_token(body).status == 200);
    body.insert(body.size() - 1, 1, ' ');
    const net::Response reply = desk.ask_token(body);
    CHECK(reply.status == 413);
    CHECK(reply.body.find("4096 bytes") != std::string::npos);
}

TEST_CASE("api: whoever may not do what they ask for need not send the body", "[api]") {
    Desk desk(clients());
    net::Request invocation = desk.post("/v1/actions/deploy/runs");
    const auto judge = [&](const net::Request& head) {
        const auto terms = desk.api.terms_of_body(head);
        return terms.refusal ? terms.refusal->status : 0;
    };
    CHECK(judge(invocation) == 401);
    invocation.headers.emplace_back("authorization", "Bearer " + desk.token("desk", kSecret));
    CHECK(judge(invocation) == 403);
    CHECK(judge(desk.post("/v1/nowhere")) == 404);
    CHECK(judge(desk.post("/healthz")) == 405);
    // Whose body says who they are.
    CHECK(judge(desk.post("/v1/sources/hook")) == 0);
    net::Request for_token = desk.post("/v1/auth/access_token");
    for_token.headers.emplace_back("content-length", std::to_string(limits::token_request_bytes_max));
    CHECK(judge(for_token) == 0);
    for_token.headers.back().second = std::to_string(limits::token_request_bytes_max + 1);
    CHECK(judge(for_token) == 413);
}

TEST_CASE("api: who may do what they ask for is let to send the body", "[api]") {
    Desk desk({client("desk", kSecret, int(Right::invoke))});
    net::Request invocation = desk.post("/v1/actions/deploy/runs");
    invocation.headers.emplace_back("authorization", "Bearer " + desk.token("desk", kSecret));
    const net::BodyTerms terms = desk.api.terms_of_body(invocation);
    CHECK_FALSE(terms.refusal);
    CHECK_FALSE(terms.from_stranger);
    CHECK(terms.bytes_max == limits::http_body_bytes_max);
}

TEST_CASE("api: who asks for a token or sends to a source is a stranger until the body is read", "[api]") {
    Desk desk(clients());
    const net::BodyTerms token = desk.api.terms_of_body(desk.post("/v1/auth/access_token"));
    CHECK(token.from_stranger);
    CHECK(token.bytes_max == limits::token_request_bytes_max);
    CHECK(desk.api.terms_of_body(desk.post("/v1/sources/hook")).from_stranger);
}

TEST_CASE("api: who proves no client is counted, and fills no log", "[api]") {
    Desk desk(clients());
    for (int i = 0; i < 100; ++i)
        CHECK(desk.ask_token(asking("desk", "not-its-secret")).status == 401);
    REQUIRE(desk.log.lines.size() == 1);
    CHECK(desk.log.lines[0] ==
          "client_refused client=desk reason=the secret is not this client's peer=203.0.113.7 unnoted=0");
    for (int i = 0; i < 100; ++i)
        CHECK(desk.ask_token(asking("name-" + std::to_string(i), kSecret)).status == 401);
    REQUIRE(desk.log.lines.size() == 2);
    CHECK(desk.log.lines[1].find("client= ") != std::string::npos);
    desk.clock.pass(limits::client_refusal_log_ms);
    CHECK(desk.ask_token(asking("desk", "not-its-secret")).status == 401);
    REQUIRE(desk.log.lines.size() == 3);
    CHECK(desk.log.lines[2].find("unnoted=99") != std::string::npos);
    CHECK(desk.refused() == 201);
}

TEST_CASE("api: a browser's wrong secret counts as a token's does", "[api]") {
    Desk desk(clients());
    net::Request request = desk.get("/");
    request.headers.emplace_back("authorization", "Basic ZGVzazpub3BlLW5vcGU=");  // desk:nope-nope
    CHECK(desk.ask(request).status == 401);
    CHECK(desk.refused() == 1);
    REQUIRE(desk.log.lines.size() == 1);
    CHECK(desk.log.lines[0].find("client=desk") != std::string::npos);
    request.headers[0].second = "Basic ZGVzazphLXNlY3JldC1vZi10aGUtdGVzdA==";  // desk:a-secret-of-the-test
    CHECK(desk.ask(request).status == 200);
    CHECK(desk.ask(desk.get("/")).status == 401);  // has not tried
    CHECK(desk.refused() == 1);
}
