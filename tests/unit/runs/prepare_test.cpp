// From an invocation to what would be recorded.
#include "runs/prepare.hpp"

#include <catch2/catch.hpp>

#include "json/door.hpp"

using namespace signalbox;
using namespace signalbox::runs;

namespace {

Offer ordered_by(const std::string& input) {
    document::Problems problems;
    auto action = actions::read_text(
        "identifier: a\n"
        "trigger:\n  type: self-service\n  operation: DAY-2\n  blueprintIdentifier: service\n"
        "  userInputs:\n    properties:\n"
        "      service: { type: string, format: entity, blueprint: service }\n"
        "      word: { type: string }\n"
        "invocationMethod:\n  type: WEBHOOK\n  url: https://example.test\n"
        "  body: { service: \"{{ .inputs.service.identifier }}\", on: \"{{ .entity.identifier }}\" "
        "}\n",
        "a.yaml", problems);
    REQUIRE(action);
    REQUIRE(problems.empty());
    Offer offer;
    offer.action = std::make_shared<const actions::Action>(std::move(*action));
    offer.connection = "target";
    offer.ordered = true;
    offer.order_by = input;
    return offer;
}

journal::RunSeed seed_of(const Offer& offer, std::string_view invocation) {
    auto seed = prepare(offer, json::parse(invocation).value(), {}, "r_1", 0);
    REQUIRE(seed);
    return std::move(*seed);
}

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

TEST_CASE("prepare: an entity has one line of runs, however it was sent", "[runs]") {
    const Offer offer = ordered_by("service");
    const auto line = [&](const char* invocation) { return seed_of(offer, invocation).order_key; };
    const std::string cart = line(R"({"properties":{"service":"cart"}})");
    CHECK(cart == line(R"({"properties":{"service":{"identifier":"cart","title":"Cart"}}})"));
    CHECK(cart != line(R"({"properties":{"service":{"identifier":"shop","title":"Cart"}}})"));
}

TEST_CASE("prepare: entities are recorded as they were sent", "[runs]") {
    const Offer offer = ordered_by("word");
    const journal::RunSeed texts =
        seed_of(offer, R"({"properties":{"service":"cart"},"entity":"shop"})");
    CHECK(texts.properties == R"({"service":"cart"})");
    CHECK(texts.entity == R"("shop")");
    CHECK(texts.entity_id == "shop");
    CHECK(texts.payload == R"({"service":"cart","on":"shop"})");
    const journal::RunSeed objects = seed_of(
        offer,
        R"({"properties":{"service":{"identifier":"cart","n":1}},"entity":{"identifier":"shop"}})");
    CHECK(objects.properties == R"({"service":{"identifier":"cart","n":1}})");
    CHECK(objects.entity == R"({"identifier":"shop"})");
    CHECK(objects.entity_id == "shop");
    CHECK(objects.payload == texts.payload);
}

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
