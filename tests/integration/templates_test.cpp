// Templates of jq, in the program as a user runs it.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "support/signed_message.hpp"
#include "support/world.hpp"

using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

/// An action on the stand-in's webhook, whose payload has one member `value`.
std::string action(const std::string& identifier, const std::string& expression,
                   const std::string& more = {}) {
    return "identifier: " + identifier +
           "\n"
           "trigger:\n"
           "  type: self-service\n"
           "  operation: CREATE\n"
           "  userInputs:\n"
           "    properties:\n"
           "      name: { type: string }\n" +
           more +
           "invocationMethod:\n"
           "  type: AZURE_DEVOPS\n"
           "  org: contoso\n"
           "  webhook: release\n"
           "  payload:\n"
           "    id: \"{{ .run.id }}\"\n"
           "    value: '{{ " +
           expression + " }}'\n";
}

Called invoke(World& world, const std::string& identifier, const std::string& name = "Some Name") {
    return world.as("portal", "POST", "/v1/actions/" + identifier + "/runs",
                    R"({"properties":{"name":")" + name + "\"}}");
}

}  // namespace

TEST_CASE("templates: jq is evaluated for an invocation and a preview", "[integration]") {
    World world;
    world.folder().write("actions/slug.yaml",
                         action("slug", ".inputs.name | gsub(\" \"; \"-\") | ascii_downcase"));
    world.start_standin();
    world.start();
    const Called previewed = world.as("portal", "POST", "/v1/actions/slug/preview",
                                      R"({"properties":{"name":"Some Name"}})");
    REQUIRE(previewed.status == 200);
    CHECK(previewed.text("request.body") == R"({"id":"r_preview","value":"some-name"})");
    const Called invoked = invoke(world, "slug");
    REQUIRE(invoked.status == 202);
    const std::string id = invoked.text("run.id");
    world.await(id, {"accepted"});
    CHECK(world.received_body() == R"({"id":")" + id + R"(","value":"some-name"})");
    const Ran offline = world.cli(
        {"preview", "slug", "-i", "name=A B", "--offline", "--config", world.config().string()});
    CHECK(offline.code == 0);
    CHECK_THAT(offline.output, Contains(R"("value":"a-b")"));
}

TEST_CASE("templates: what jq refuses is 422 without the inputs", "[integration]") {
    World world;
    world.folder().write("actions/number.yaml", action("number", ".inputs.name | tonumber"));
    world.start_standin();
    world.start();
    const Called refused = invoke(world, "number", "hush-hush");
    CHECK(refused.status == 422);
    CHECK(refused.text("error") == "template_failed");
    CHECK_THAT(refused.text("message"), Contains("number.yaml:14:16") && Contains("tonumber"));
    CHECK_THAT(refused.body, !Contains("hush"));
    CHECK(invoke(world, "number", "12").status == 202);
}

TEST_CASE("templates: an endless expression is answered and the next invocation works",
          "[integration]") {
    World world;
    world.folder().write("actions/endless.yaml",
                         action("endless", "def f: f; f", "unbounded: true\n"));
    world.folder().write("actions/quick.yaml", action("quick", ".inputs.name | length"));
    world.start_standin();
    world.start();
    world.as("portal", "GET", "/v1/actions");  // the token, before the threads share it
    std::vector<std::thread> callers;
    std::vector<int> statuses(3);
    std::vector<std::string> errors(3);
    for (std::size_t i = 0; i < statuses.size(); ++i) {
        callers.emplace_back([&world, &statuses, &errors, i] {
            const Called answer = invoke(world, "endless");
            statuses[i] = answer.status;
            errors[i] = answer.text("error");
        });
    }
    for (std::thread& caller : callers)
        caller.join();
    CHECK(statuses == std::vector<int>(3, 422));
    CHECK(errors == std::vector<std::string>(3, "template_timeout"));
    CHECK(invoke(world, "quick").status == 202);
    CHECK(world.as("ops", "GET", "/v1/actions/runs?action=endless").text("runs.0.id") == "");
    CHECK(world.stop() == 0);
}

TEST_CASE("templates: check shows a bad expression at its place", "[integration]") {
    World world;
    world.folder().write("actions/bad.yaml", action("bad", ".inputs.name | toTFVariables"));
    world.folder().write("actions/outside.yaml", action("outside", "env.HOME"));
    world.start_standin();
    const Ran checked = world.cli({"check", "--strict", "--json", "--config", world.config().string()});
    CHECK(checked.code == 2);
    CHECK_THAT(checked.output,
               Contains("bad.yaml\",\"line\":14,\"column\":16,\"message\":\"the expression {{ .inputs.name | "
                        "toTFVariables }} is not jq: toTFVariables/0 is not defined") &&
                   Contains("outside.yaml\",\"line\":14,\"column\":16,\"message\":\"the expression {{ env.HOME "
                            "}} uses `env`"));
}

TEST_CASE("templates: a reload under load changes the expression and fails no invocation",
          "[integration]") {
    World world;
    world.folder().write("actions/slug.yaml", action("slug", ".inputs.name | ascii_downcase"));
    world.start_standin();
    world.start();
    world.as("portal", "GET", "/v1/actions");
    std::atomic<bool> stop{false};
    std::atomic<int> taken{0};
    std::atomic<int> failed{0};
    std::thread load([&] {
        while (!stop)
            ++(invoke(world, "slug").status == 202 ? taken : failed);
    });
    for (int i = 0; i < 5; ++i) {
        const std::string length = std::to_string(i);
        world.folder().write("actions/slug.yaml",
                             action("slug", ".inputs.name | length + " + length));
        CHECK(world.as("ops", "POST", "/v1/reload").status == 200);
        const Called previewed = world.as("ops", "POST", "/v1/actions/slug/preview",
                                          R"({"properties":{"name":"four"}})");
        CHECK_THAT(previewed.text("request.body"), Contains("\"value\":" + std::to_string(4 + i)));
    }
    stop = true;
    load.join();
    CHECK(failed == 0);
    CHECK(taken > 0);
}

TEST_CASE("templates: what jq made waits for its approval and then goes out", "[integration][approval]") {
    WorldOptions options;
    options.portal = "may: [ invoke, view ], trusted: true";
    options.more_clients = {{"lead", "may: [ view, approve ]"}};
    World world(options);
    world.folder().write("actions/slug.yaml",
                         action("slug", ".trigger.by.user.email + .inputs.name", "requiredApproval: true\n"));
    world.start_standin();
    world.start();
    const Called asked = world.as("portal", "POST", "/v1/actions/slug/runs?run_as=ada%40example.com",
                                  R"({"properties":{"name":"!"}})");
    INFO(asked.body);
    REQUIRE(asked.status == 202);
    const std::string id = asked.text("run.id");
    CHECK(asked.text("run.phase") == "waiting_approval");
    CHECK(world.received().empty());
    // What was approved is what the action was when it was invoked.
    world.folder().write("actions/slug.yaml", action("slug", ".inputs.name", "requiredApproval: true\n"));
    CHECK(world.as("ops", "POST", "/v1/reload").status == 200);
    CHECK(world.as("lead", "PATCH", "/v1/actions/runs/" + id + "/approval", R"({"status":"APPROVE"})")
              .status == 201);
    world.await(id, {"accepted"});
    CHECK(world.received_body() == R"({"id":")" + id + R"(","value":"ada@example.com!"})");
}

TEST_CASE("templates: a message from outside invokes an action with jq, once", "[integration][sources]") {
    WorldOptions options;
    options.config = "sources:\n  port: { verify: port-v1, key: { file: port.key } }\n";
    World world(options);
    world.folder().write("port.key", "port-secret\n");
    world.folder().write("actions/slug.yaml", action("slug", ".trigger.by.userId + .inputs.name"));
    world.start_standin();
    world.start();
    const std::string body =
        R"({"action":"slug","trigger":{"by":{"userId":"auth0|42"},"origin":"UI"},)"
        R"("context":{"runId":"r_Port1"},"payload":{"properties":{"name":"!"}}})";
    const auto send = [&] {
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(
            std::chrono::system_clock::now().time_since_epoch());
        return call(world.url(), "POST", "/v1/sources/port", body,
                    port_headers("port-secret", std::to_string(now.count()), body));
    };
    const Called taken = send();
    INFO(taken.body + world.log());
    REQUIRE(taken.status == 202);
    const std::string id = taken.text("run.id");
    CHECK(world.await(id, {"accepted"}).text("run.trigger.runId") == "r_Port1");
    CHECK(world.received_body() == R"({"id":")" + id + R"(","value":"auth0|42!"})");
    CHECK(send().status == 409);
}
