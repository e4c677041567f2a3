#include "runs/prepare.hpp"

#include <catch2/catch.hpp>

#include "json/door.hpp"

using namespace signalbox;
using namespace signalbox::runs;

namespace {

constexpr const char* kMembers = R"({"type":"object","additionalProperties":false,"properties":{
    "url":{"type":"string","maxLength":30},"method":{"type":"string","default":"POST"}}})";

Offer offer_of(const std::string& url) {
    document::Problems problems;
    auto action = actions::read_text(
        "identifier: order\ntrigger: { type: self-service, operation: CREATE }\n"
        "invocationMethod: { type: WEBHOOK, url: \"" + url + "\", body: {} }\n",
        "order.yaml", problems);
    REQUIRE(action.has_value());
    Offer offer;
    offer.action = std::make_shared<const actions::Action>(std::move(*action));
    offer.members = schema::Schema::compile(json::parse(kMembers).value(), false).value();
    return offer;
}

Result<journal::RunSeed> prepared(const Offer& offer) {
    return prepare(offer, json::Object(), {}, "r_1", 1'000);
}

}  // namespace

TEST_CASE("runs: a method that is always the same is made ready once and comes out the same",
          "[runs]") {
    Offer offer = offer_of("https://target.test/");
    const auto before = prepared(offer);
    REQUIRE(before);
    CHECK(before->method == R"({"url":"https://target.test/","method":"POST"})");
    make_ready(offer);
    CHECK(offer.method == before->method);
    CHECK(prepared(offer)->method == before->method);
}

TEST_CASE("runs: a method with an expression is made for each run", "[runs]") {
    Offer offer = offer_of("https://target.test/{{ .run.id }}");
    make_ready(offer);
    CHECK(offer.method.empty());
    CHECK(prepared(offer)->method == R"({"url":"https://target.test/r_1","method":"POST"})");
}

TEST_CASE("runs: a method that does not fit is refused at each invocation", "[runs]") {
    Offer offer = offer_of("https://target.test/" + std::string(30, 'x'));
    make_ready(offer);
    CHECK(offer.method.empty());
    const auto refused = prepared(offer);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "plan_refused");
    REQUIRE(refused.error().details.size() == 1);
    CHECK(refused.error().details[0].pointer == "/invocationMethod/url");
}
