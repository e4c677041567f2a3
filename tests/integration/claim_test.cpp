// Azure's webhook signs no timestamp, so a delivery can be replayed; a pipeline's first step stops it.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "support/signed_message.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

const char* const kPipeline = R"yaml(trigger: none
resources:
  webhooks:
    - webhook: release
      connection: release
variables:
  RUN_ID: ${{ parameters.release.port_context.runId }}
steps:
  - script: |
      set -e
      url="$SIGNALBOX_TEST_URL/v1"
      json='Content-Type: application/json'
      token=$(printf '{"clientId":"pipeline","clientSecret":"%s"}' "$PIPELINE_SECRET" |
        curl -sS -H "$json" --data-binary @- "$url/auth/access_token" |
        sed -n 's/.*"accessToken" *: *"\([^"]*\)".*/\1/p')
      curl -sS --fail-with-body -X POST -H "Authorization: Bearer $token" "$url/actions/runs/$RUN_ID/claim"
      printf '\n##vso[task.setvariable variable=token]%s\n' "$token"
  - script: |
      curl -sS --fail-with-body -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
        -d '{"message":"the work is done"}' "$SIGNALBOX_TEST_URL/v1/actions/runs/$RUN_ID/logs"
    env:
      TOKEN: $(token)
)yaml";

/// The result of the stand-in's n-th run, from 1, once it is over; bounded by 30 s.
std::string result_of(World& world, int number) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
        const Called runs = call(world.standin_url(), "GET", "/_standin/runs");
        for (int i = 0; i < 4; ++i) {
            const std::string at = std::to_string(i);
            if (runs.text(at + ".id") == std::to_string(number) &&
                runs.text(at + ".state") == "completed")
                return runs.text(at + ".result");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two questions
    }
    return "none";
}

}  // namespace

TEST_CASE("claim: a replayed Azure delivery stops at the pipeline's first step",
          "[integration][sources]") {
    const Folder folder;
    WorldOptions options;
    options.standin = {"--pipeline", folder.write("pipeline.yml", kPipeline).string()};
    World world(options);
    world.start_standin();
    world.start();
    const std::string id = world.invoke("checkout");
    const std::string result = result_of(world, 1);
    INFO(world.as("ops", "GET", "/v1/actions/runs/" + id).body);
    REQUIRE(result == "succeeded");
    Called run = world.await(id, {"confirmed"});
    CHECK_FALSE(run.text("run.claimedAt").empty());

    // Whoever has seen the delivery sends the same bytes under the same signature.
    const std::string body = world.received_body();
    const Called replayed =
        call(world.standin_url(), "POST",
             "/contoso/_apis/public/distributedtask/webhooks/release?api-version=6.0-preview", body,
             {{"X-Port-Signature", hex(hmac(EVP_sha1(), "azure-secret", body))}});
    REQUIRE(replayed.status == 200);
    CHECK(result_of(world, 2) == "failed");
    const Called logs = world.as("ops", "GET", "/v1/actions/runs/" + id + "/logs");
    CHECK(logs.text("runLogs.0.message") == "the work is done");
    CHECK(logs.text("runLogs.1.message").empty());
}

TEST_CASE("claim: it works once, proves the effect, and survives a kill -9", "[integration][sources]") {
    World world;
    world.start_standin();
    world.start();
    const std::string id = world.invoke("checkout");
    world.await(id, {"accepted"});
    const std::string path = "/v1/actions/runs/" + id + "/claim";
    CHECK(world.as("portal", "POST", path).status == 403);
    CHECK(world.as("pipeline", "POST", path, R"({"status":"SUCCESS"})").status == 422);
    const Called first =
        world.as("pipeline", "POST", path, R"({"link":"https://dev.azure.com/run/7"})");
    CHECK(first.status == 200);
    CHECK(first.text("run.phase") == "confirmed");
    CHECK(first.text("run.link") == "https://dev.azure.com/run/7");
    const Called second = world.as("pipeline", "POST", path);
    CHECK(second.status == 409);
    CHECK(second.text("error") == "run_claimed");
    world.kill();
    world.start();
    CHECK(world.as("pipeline", "POST", path).text("error") == "run_claimed");
    CHECK(world.as("pipeline", "POST", "/v1/actions/runs/r_none/claim").status == 404);
}
