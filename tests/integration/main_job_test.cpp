// The main job, end to end: invoked over HTTP, checked, signed, on disk before the 202, delivered,
// judged, and ended by the pipeline's own report.
#include <catch2/catch.hpp>
#include <set>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

/// A pipeline in Azure's own syntax that reports to Signalbox with curl, as one written for Port
/// does.
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
      post() { curl -sS --fail-with-body -X "$1" -H "Authorization: Bearer $token" -H "$json" -d "$3" "$url$2"; }
      token=$(printf '{"clientId":"pipeline","clientSecret":"%s"}' "$PIPELINE_SECRET" |
        curl -sS -H "$json" --data-binary @- "$url/auth/access_token" |
        sed -n 's/.*"accessToken" *: *"\([^"]*\)".*/\1/p')
      post POST "/actions/runs/$RUN_ID/logs" '{"message":"releasing ${{ parameters.release.name }}"}'
      link='"link":"https://dev.azure.com/contoso/run/1"'
      post PATCH "/actions/runs/$RUN_ID" "{\"status\":\"SUCCESS\",\"summary\":\"released\",$link}"
)yaml";

WorldOptions with_pipeline(std::vector<std::string> more = {}) {
    static const Folder folder;
    WorldOptions options;
    options.standin = {"--pipeline", folder.write("pipeline.yml", kPipeline).string()};
    options.standin.insert(options.standin.end(), more.begin(), more.end());
    return options;
}

}  // namespace

TEST_CASE("main job: an invoked action starts its pipeline and the pipeline's report ends the run",
          "[integration]") {
    World world(with_pipeline());
    world.start_standin();
    world.start();
    const std::string id = world.invoke("checkout");
    REQUIRE(id.rfind("r_", 0) == 0);

    const Called run = world.await(id, {"finished"});
    CHECK(run.text("run.status") == "SUCCESS");
    CHECK(run.text("run.phase") == "finished");
    CHECK(run.text("run.summary") == "released");
    CHECK(run.text("run.link") == "https://dev.azure.com/contoso/run/1");
    CHECK(run.text("run.trigger.by") == "portal");
    CHECK(run.text("run.source") == "API");
    CHECK(run.text("run.payload.type") == "AZURE_DEVOPS");
    CHECK(run.text("run.payload.webhook") == "release");
    CHECK(run.text("run.response") == "");
    CHECK(run.text("run.attempts.0.response.status") == "200");
    CHECK(run.text("run.attempts.0.request.url") ==
          world.standin_url() +
              "/contoso/_apis/public/distributedtask/webhooks/release?api-version=6.0-preview");
    const Called logs = world.as("ops", "GET", "/v1/actions/runs/" + id + "/logs");
    CHECK(logs.text("runLogs.0.message") == "releasing checkout");
    CHECK(logs.text("runLogs.0.createdBy") == "pipeline");
    CHECK(logs.text("runLogs.0.id") == id + ".1");
    CHECK(world.received() == std::vector<std::string>{id});
    CHECK(world.stop() == 0);
}

TEST_CASE("main job: the stored request is byte for byte what the target received",
          "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string id = world.invoke("checkout");
    world.await(id, {"accepted"});
    const Called run = world.as("ops", "GET", "/v1/actions/runs/" + id + "?request=true");
    const std::string body = run.text("run.attempts.0.request.body");
    CHECK(body ==
          "{\"name\":\"checkout\",\"count\":1,\"port_context\":{\"runId\":\"" + id + "\"}}");
    CHECK(world.received_body() == body);
}

TEST_CASE("main job: a pipeline that reports before the 200 is judged ends right",
          "[integration]") {
    World world(with_pipeline({"--pipeline-before-reply"}));
    world.start_standin();
    world.start();
    const std::string id = world.invoke("early");
    world.await(id, {"finished"});
    // The reply arrives after the report: recorded, and the run stays where the report put it.
    Called run;
    do {
        run = world.as("ops", "GET", "/v1/actions/runs/" + id);
    } while (run.text("run.attempts.0.outcome") != "accepted");
    CHECK(run.text("run.phase") == "finished");
    CHECK(run.text("run.status") == "SUCCESS");
    CHECK(run.text("run.attempts.0.response.status") == "200");
}

TEST_CASE("main job: a held run whose pipeline reports after all ends right", "[integration]") {
    WorldOptions options;
    options.timeout = "300ms";
    options.standin = {"--fault", "hang-after-body"};
    World world(options);
    world.start_standin();
    world.start();
    const std::string id = world.invoke("late");
    const Called held = world.await(id, {"held"});
    CHECK(held.text("run.status") == "IN_PROGRESS");
    CHECK(held.text("run.attempts.0.outcome") == "effect_unknown");

    const Called first = world.as("pipeline", "POST", "/v1/actions/runs/" + id + "/logs",
                                  R"({"message":"I was started after all"})");
    CHECK(first.status == 201);
    CHECK(first.text("runLog.id") == id + ".1");
    CHECK(world.as("ops", "GET", "/v1/actions/runs/" + id).text("run.phase") == "confirmed");
    const Called last =
        world.as("pipeline", "PATCH", "/v1/actions/runs/" + id, R"({"status":"SUCCESS"})");
    CHECK(last.status == 200);
    CHECK(last.text("run.status") == "SUCCESS");
    CHECK(
        world.as("pipeline", "PATCH", "/v1/actions/runs/" + id, R"({"status":"FAILURE"})").status ==
        409);
    CHECK(world.as("pipeline", "POST", "/v1/actions/runs/" + id + "/logs", R"({"message":"x"})")
              .status == 409);
}

TEST_CASE("main job: a throttled target is tried again after the time it asked for",
          "[integration]") {
    WorldOptions options;
    options.standin = {"--fault", "status=503,retry-after=1,times=1"};
    World world(options);
    world.start_standin();
    world.start();
    const std::string id = world.invoke("busy");
    const Called run = world.await(id, {"accepted"});
    CHECK(run.text("run.attempts.0.outcome") == "throttled");
    INFO(run.body);
    CHECK(run.text("run.attempts.1.outcome") == "accepted");
    CHECK(world.received() == std::vector<std::string>{id});
}

TEST_CASE("main job: an unknown webhook ends as FAILURE at once with advice and no payload in it",
          "[integration]") {
    WorldOptions options;
    options.standin = {};
    World world(options);
    world.start_standin();
    world.folder().write("actions/other.yaml", R"(identifier: other
trigger: { type: self-service, operation: CREATE, userInputs: { properties: {} } }
invocationMethod: { type: AZURE_DEVOPS, org: contoso, webhook: nobody_registered_me }
)");
    world.start();
    const Called invoked = world.as("portal", "POST", "/v1/actions/other/runs", "{}");
    REQUIRE(invoked.status == 202);
    const Called run = world.await(invoked.text("run.id"), {"finished"});
    CHECK(run.text("run.status") == "FAILURE");
    CHECK(run.text("run.attempts.0.outcome") == "permanent");
    CHECK(run.text("run.attempts.0.response.status") == "500");
    CHECK(run.text("run.reason").size() > 40);
}

TEST_CASE("main job: a wrong key is a permanent failure and the echoed payload is not kept",
          "[integration]") {
    World world;
    world.start_standin();
    world.start();
    world.stop();
    // The same Signalbox with another key: every signature is wrong now.
    const std::string text = world.folder().read("signalbox.yaml");
    world.folder().write("signalbox.yaml", text.substr(0, text.find("AZURE_SECRET")) +
                                               "OPS_SECRET" +
                                               text.substr(text.find("AZURE_SECRET") + 12));
    world.start();
    const std::string id = world.invoke("forged");
    const Called run = world.await(id, {"finished"});
    CHECK(run.text("run.attempts.0.outcome") == "permanent");
    CHECK(run.text("run.attempts.0.reason").find("forged") == std::string::npos);
    CHECK(world.received().empty());
}

TEST_CASE("main job: a refused connection waits to be tried again and can be cancelled", "[integration]") {
    WorldOptions options;
    options.retry = "{ attempts: 100, first: 10m, factor: 1, cap: 10m, jitter: 0 }";
    World world(options);
    world.start_standin();
    world.stop_standin();
    world.start();
    const std::string id = world.invoke("patient");
    const Called run = world.await(id, {"retrying"});
    CHECK(run.text("run.attempts.0.outcome") == "retryable");
    CHECK(run.text("run.attempts.0.reason").size() > 10);
    CHECK(run.text("run.attempts.0.nextAt") == run.text("run.nextAt"));
    const Called cancelled = world.as("ops", "POST", "/v1/actions/runs/" + id + "/cancel");
    CHECK(cancelled.status == 200);
    CHECK(cancelled.text("run.status") == "CANCELLED");
}

TEST_CASE("main job: what was accepted survives a stop and a start", "[integration]") {
    WorldOptions options;
    options.in_flight = 1;
    options.standin = {"--delay-reply", "100ms"};
    World world(options);
    world.start_standin();
    world.start();
    std::set<std::string> accepted;
    for (int i = 0; i < 10; ++i)
        accepted.insert(world.invoke("n" + std::to_string(i)));
    CHECK(accepted.size() == 10);
    CHECK(world.stop() == 0);
    world.start();
    for (const std::string& id : accepted)
        CHECK(world.await(id, {"accepted"}).text("run.phase") == "accepted");
    const auto received = world.received();
    CHECK(std::set<std::string>(received.begin(), received.end()) == accepted);
    CHECK(received.size() == 10);
}

TEST_CASE("main job: a second Signalbox on the same journal is refused by name", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string text = world.folder().read("signalbox.yaml");
    const std::string other = "listen: 127.0.0.1:0\n" + text.substr(text.find('\n') + 1);
    const auto file = world.folder().write("other.yaml", other);
    const Ran second = world.cli({"serve", "--config", file.string()});
    CHECK(second.code == 1);
}

TEST_CASE("main job: a held run is redelivered by hand as the same run", "[integration]") {
    WorldOptions options;
    options.timeout = "300ms";
    options.standin = {"--fault", "hang-after-body,times=1"};
    World world(options);
    world.start_standin();
    world.start();
    const std::string id = world.invoke("again");
    world.await(id, {"held"});
    CHECK(world.as("portal", "POST", "/v1/actions/runs/" + id + "/redeliver").status == 403);
    CHECK(world.as("ops", "POST", "/v1/actions/runs/" + id + "/redeliver").status == 200);
    const Called run = world.await(id, {"accepted"});
    CHECK(run.text("run.attempts.1.number") == "2");
    CHECK(world.as("ops", "POST", "/v1/actions/runs/" + id + "/redeliver").status == 409);
}
