// Invocations that made no run: on record with who, what, why and where, and never with what was sent.
#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

const std::string kRuns = "/v1/actions/release/runs";

Called invoke(World& world, const std::string& body, std::map<std::string, std::string> headers = {},
              const std::string& client = "portal", const std::string& path = kRuns) {
    return world.as(client, "POST", path, body, std::move(headers));
}

}  // namespace

TEST_CASE("rejections: each refused invocation is on record, without a value that was sent",
          "[integration]") {
    World world;
    world.start_standin();
    world.start();
    CHECK(invoke(world, R"({"properties":{"name":"HUNTER2","count":0}})").status == 422);
    CHECK(invoke(world, R"({"properties":{"name":"x"})").status == 400);
    CHECK(invoke(world, R"({"properties":{"name":"x"}})", {}, "portal", "/v1/actions/relase/runs")
              .status == 404);
    CHECK(invoke(world, R"({"properties":{"name":"x"}})", {}, "pipeline").status == 403);
    CHECK(invoke(world, "name=HUNTER2", {{"Content-Type", "text/plain"}}).status == 415);
    CHECK(invoke(world, "{}", {{"Idempotency-Key", "two words"}}).status == 422);
    // Who does not prove to be anybody has no say in what is on record.
    CHECK(call(world.url(), "POST", kRuns, "{}").status == 401);

    // Recorded after the answers: asked for until the last is there.
    Called list;
    do {
        list = world.as("ops", "GET", "/v1/rejections");
        REQUIRE(list.status == 200);
    } while (list.text("rejections.0.error") != "invalid_idempotency_key");
    const std::vector<std::string> codes = {"invalid_idempotency_key", "unsupported_media_type",
                                            "forbidden", "action_not_found", "invalid_json",
                                            "invalid_inputs"};
    for (std::size_t i = 0; i < codes.size(); ++i)
        CHECK(list.text("rejections." + std::to_string(i) + ".error") == codes[i]);
    CHECK(list.json()->getArray("rejections")->size() == codes.size());
    CHECK(list.text("rejections.2.client") == "pipeline");
    CHECK(list.text("rejections.3.action") == "relase");
    CHECK(list.text("rejections.5.client") == "portal");
    CHECK(list.text("rejections.5.origin") == "API");
    CHECK(list.body.find("\"/properties/name\"") != std::string::npos);
    CHECK(list.body.find("\"/properties/count\"") != std::string::npos);
    CHECK(list.body.find("HUNTER2") == std::string::npos);

    const Called first = world.as("ops", "GET", "/v1/rejections?limit=4");
    const Called second =
        world.as("ops", "GET", "/v1/rejections?limit=4&cursor=" + first.text("next"));
    CHECK(first.json()->getArray("rejections")->size() == 4);
    CHECK(second.json()->getArray("rejections")->size() == 2);
    CHECK(second.text("next").empty());
    CHECK(world.as("pipeline", "GET", "/v1/rejections").status == 403);
    CHECK(world.as("ops", "GET", "/v1/rejections?limit=1001").status == 422);
    CHECK(world.as("ops", "GET", "/v1/rejections?who=x").status == 422);

    const Ran shown = world.cli({"runs", "rejected"});
    CHECK(shown.code == 0);
    CHECK(shown.output.find("portal via API") != std::string::npos);
    CHECK(shown.output.find("/properties/name") != std::string::npos);
    CHECK(shown.output.find("HUNTER2") == std::string::npos);
    CHECK(world.cli({"runs", "rejected", "--json", "--limit", "1"}).output.find(
              "\"error\":\"invalid_idempotency_key\"") != std::string::npos);
    const Called page = world.as("ops", "GET", "/rejections");
    CHECK(page.status == 200);
    CHECK(page.body.find("action_not_found") != std::string::npos);
    CHECK(page.body.find("HUNTER2") == std::string::npos);

    const std::string figures = world.as("ops", "GET", "/metrics").body;
    CHECK(figures.find("signalbox_invocations_rejected_total{outcome=\"invalid_inputs\"} 1\n") !=
          std::string::npos);
    CHECK(figures.find("relase") == std::string::npos);
}

TEST_CASE("rejections: a repeat of a known invocation is on record with its run, after a restart too",
          "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string body = R"({"properties":{"name":"once"}})";
    const Called made = invoke(world, body, {{"Idempotency-Key", "build-1"}});
    REQUIRE(made.status == 202);
    const Called repeated = invoke(world, body, {{"Idempotency-Key", "build-1"}});
    CHECK(repeated.status == 202);
    CHECK(repeated.text("run.id") == made.text("run.id"));
    CHECK(invoke(world, R"({"properties":{"name":"other"}})", {{"Idempotency-Key", "build-1"}})
              .status == 409);
    while (world.as("ops", "GET", "/v1/rejections").text("rejections.0.error") !=
           "idempotency_conflict") {
    }
    CHECK(world.as("ops", "GET", "/metrics").body.find("signalbox_invocations_replayed_total 1\n") !=
          std::string::npos);
    REQUIRE(world.stop() == 0);
    world.start();
    const Called list = world.as("ops", "GET", "/v1/rejections");
    CHECK(list.text("rejections.1.error") == "idempotency_replayed");
    CHECK(list.text("rejections.1.runId") == made.text("run.id"));
    CHECK(list.text("rejections.1.action") == "release");
}
