// From Port through Signalbox to Azure and back to Port.
#include <catch2/catch.hpp>
#include <algorithm>
#include <chrono>
#include <thread>

#include "port_api/port_api.hpp"
#include "support/signed_message.hpp"
#include "support/world.hpp"

using namespace signalbox::test;
using port_api::PortApi;

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
      post() { curl -sS --fail-with-body -X "$1" -H "Authorization: Bearer $token" -H "$json" -d "$3" "$url$2"; }
      token=$(printf '{"clientId":"pipeline","clientSecret":"%s"}' "$PIPELINE_SECRET" |
        curl -sS -H "$json" --data-binary @- "$url/auth/access_token" |
        sed -n 's/.*"accessToken" *: *"\([^"]*\)".*/\1/p')
      post POST "/actions/runs/$RUN_ID/claim" '{"link":"https://dev.azure.com/run/1","externalRunId":"1"}'
      post POST "/actions/runs/$RUN_ID/logs" '{"message":"building"}'
      post POST "/actions/runs/$RUN_ID/logs" '{"message":"deploying"}'
      post PATCH "/actions/runs/$RUN_ID" '{"status":"SUCCESS","summary":"released"}'
)yaml";

class PortWorld {
  public:
    PortApi port{"port-id", "port-secret"};
    World world;

    explicit PortWorld(bool with_pipeline = true) : world(options(port, with_pipeline)) {
        world.folder().write("port.key", "port-secret");
        world.start_standin();
        world.start();
    }

    std::string send(const std::string& run_id) {
        port.add_run(run_id);
        const std::string body =
            R"({"action":"release","context":{"runId":")" + run_id +
            R"("},"payload":{"properties":{"name":"shop"}}})";
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        const std::string timestamp =
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now).count());
        const Called taken = call(world.url(), "POST", "/v1/sources/port", body,
                                  port_headers("port-secret", timestamp, body));
        INFO(taken.body + world.log());
        REQUIRE(taken.status == 202);
        return taken.text("run.id");
    }

    /// Until Port's run says this; bounded by 60 s.
    bool await(const std::string& run_id, const std::string& word) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (std::chrono::steady_clock::now() < end) {
            const auto history = port.history(run_id);
            if (std::find(history.begin(), history.end(), word) != history.end()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks
        }
        return false;
    }

  private:
    static WorldOptions options(const PortApi& port, bool with_pipeline) {
        static const Folder folder;
        WorldOptions options;
        if (with_pipeline)
            options.standin = {"--pipeline", folder.write("pipeline.yml", kPipeline).string()};
        options.config =
            "sources:\n  port:\n    verify: port-v1\n    key: { file: port.key }\n"
            "    report:\n      url: " +
            port.url() +
            "\n      client_id: port-id\n      client_secret: { file: port.key }\n"
            "      egress: { allow: [ 127.0.0.0/8 ] }\n      first: 10ms\n      cap: 100ms\n";
        return options;
    }
};

std::size_t place(const std::vector<std::string>& history, const std::string& word) {
    return static_cast<std::size_t>(std::find(history.begin(), history.end(), word) -
                                    history.begin());
}

/// Status, link, the log lines and the end, each once and in this order.
void check_story(const PortApi& port, const std::string& run_id) {
    const auto history = port.history(run_id);
    std::string shown;
    for (const std::string& word : history)
        shown += word + "\n";
    INFO(shown);
    const auto count = [&](const std::string& word) {
        return std::count(history.begin(), history.end(), word);
    };
    CHECK(count("log:building") == 1);
    CHECK(count("log:deploying") == 1);
    CHECK(count("end:SUCCESS") == 1);
    CHECK(place(history, "link:\"https://dev.azure.com/run/1\"") < place(history, "log:building"));
    CHECK(place(history, "log:building") < place(history, "log:deploying"));
    CHECK(place(history, "log:deploying") < place(history, "end:SUCCESS"));
    CHECK(place(history, "summary:released") < place(history, "end:SUCCESS"));
    CHECK(history.back() == "end:SUCCESS");
    const port_api::Run run = port.run(run_id);
    CHECK(run.status == "SUCCESS");
    CHECK(run.summary == "released");
    CHECK(run.external_run_id == "1");
}

}  // namespace

TEST_CASE("upstream: Port sees label, link, log lines and the end in order while half of its API fails",
          "[integration][sources]") {
    PortWorld there;
    there.port.set(PortApi::Fault::every_other);
    const std::string id = there.send("r_Port1");
    REQUIRE(there.await("r_Port1", "end:SUCCESS"));
    check_story(there.port, "r_Port1");
    CHECK(there.world.await(id, {"finished"}).text("run.status") == "SUCCESS");
    CHECK(there.port.tokens() == 1);
    std::size_t failed = 0;
    for (const port_api::Call& call : there.port.calls())
        failed += call.status == 500 ? 1 : 0;
    CHECK(failed >= there.port.calls().size() / 2);
    CHECK(there.world.log().find("port-secret") == std::string::npos);
    CHECK(there.world.stop() == 0);
}

TEST_CASE("upstream: what Port did not hear is told after a kill -9 and a start",
          "[integration][sources]") {
    PortWorld there;
    there.port.set(PortApi::Fault::all);
    const std::string id = there.send("r_Port1");
    REQUIRE(there.world.await(id, {"finished"}).text("run.status") == "SUCCESS");
    there.world.kill();
    there.port.set(PortApi::Fault::none);
    CHECK(there.port.history("r_Port1").empty());
    there.world.start();
    REQUIRE(there.await("r_Port1", "end:SUCCESS"));
    check_story(there.port, "r_Port1");
    // And once it is told, it is not told again.
    const std::size_t calls = there.port.calls().size();
    CHECK(there.world.stop() == 0);
    there.world.start();
    const std::string next = there.send("r_Port2");
    REQUIRE(there.await("r_Port2", "end:SUCCESS"));
    for (std::size_t i = calls; i < there.port.calls().size(); ++i)
        CHECK(there.port.calls()[i].path.find("r_Port1") == std::string::npos);
}

TEST_CASE("upstream: a token that Port no longer takes is fetched anew", "[integration][sources]") {
    PortWorld there;
    there.send("r_Port1");
    REQUIRE(there.await("r_Port1", "end:SUCCESS"));
    there.port.revoke_tokens();
    there.send("r_Port2");
    REQUIRE(there.await("r_Port2", "end:SUCCESS"));
    check_story(there.port, "r_Port2");
    CHECK(there.port.tokens() == 2);
}

TEST_CASE("upstream: the end of a run that Port has ended is logged and dropped",
          "[integration][sources]") {
    PortWorld there(false);
    const std::string id = there.send("r_Port1");
    there.world.await(id, {"accepted"});
    REQUIRE(there.await("r_Port1", "label:Accepted by the target"));
    // Somebody ends it in Port meanwhile.
    const std::string token = R"({"clientId":"port-id","clientSecret":"port-secret"})";
    const std::string bearer =
        call(there.port.url(), "POST", "/v1/auth/access_token", token).text("accessToken");
    REQUIRE(call(there.port.url(), "PATCH", "/v1/actions/runs/r_Port1", R"({"status":"FAILURE"})",
                 {{"Authorization", "Bearer " + bearer}})
                .status == 200);
    REQUIRE(there.world.as("pipeline", "PATCH", "/v1/actions/runs/" + id, R"({"status":"SUCCESS"})")
                .status == 200);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (there.world.log().find("upstream_report_refused") == std::string::npos &&
           std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks
    CHECK(there.world.log().find("upstream_report_refused") != std::string::npos);
    CHECK(there.world.as("ops", "GET", "/v1/actions/runs/" + id).text("run.status") == "SUCCESS");
    CHECK(there.port.run("r_Port1").status == "FAILURE");
}
