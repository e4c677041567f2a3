// Approvals and permissions as their users meet them: over HTTP and by the command line, through restarts.
#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

const std::string kApproval = "/v1/actions/runs/";

std::string document(const std::string& identifier, const std::string& approval) {
    return "identifier: " + identifier + R"(
trigger:
  type: self-service
  operation: CREATE
  blueprintIdentifier: service
  userInputs: { properties: { name: { type: string } } }
invocationMethod:
  type: AZURE_DEVOPS
  org: contoso
  webhook: release
  payload:
    name: "{{ .inputs.name }}"
    by: "{{ .trigger.by.user.email }}"
    port_context: { runId: "{{ .run.id }}" }
)" + approval + "\n";
}

WorldOptions with_approvers() {
    WorldOptions options;
    options.portal = "may: [ invoke, view, approve ], trusted: true";
    options.more_clients = {{"lead", "may: [ view, approve ]"}, {"boss", "may: [ view, approve ]"}};
    return options;
}

/// A world with `careful` (anyone approves) and `strict` (lead and bob must).
struct Careful : World {
    explicit Careful(WorldOptions options = with_approvers()) : World(std::move(options)) {
        folder().write("actions/careful.yaml", document("careful", "requiredApproval: true"));
        folder().write("actions/strict.yaml",
                       document("strict", "requiredApproval: { type: ALL }"));
        start_standin();
    }
    Called ask(const std::string& action, const std::string& query = "") {
        return as("portal", "POST", "/v1/actions/" + action + "/runs" + query,
                  R"({"properties":{"name":"x"}})");
    }
    Called say(const std::string& client, const std::string& id, const std::string& status,
               const std::string& query = "") {
        return as(client, "PATCH", kApproval + id + "/approval" + query,
                  R"({"status":")" + status + R"(","description":"because"})");
    }
};

}  // namespace

TEST_CASE("approval: a run sits still through a restart and goes out when somebody approves",
          "[integration][approval]") {
    Careful world;
    world.start();
    const Called asked = world.ask("careful", "?run_as=Ada%40Example.com");
    REQUIRE(asked.status == 202);
    const std::string id = asked.text("run.id");
    CHECK(asked.text("run.phase") == "waiting_approval");
    CHECK(asked.text("run.status") == "WAITING_FOR_APPROVAL");
    CHECK(asked.text("run.approval.type") == "ANY");
    CHECK(asked.text("run.trigger.by") == "ada@example.com");
    world.kill();
    world.start();
    CHECK(world.await(id, {"waiting_approval"}).text("run.phase") == "waiting_approval");
    CHECK(world.received().empty());
    CHECK(world.as("ops", "GET", "/metrics")
              .body.find("signalbox_runs_waiting_approval 1") != std::string::npos);

    CHECK(world.say("portal", id, "APPROVE", "?run_as=ada@example.com").status == 403);
    const Called approved = world.say("lead", id, "APPROVE");
    CHECK(approved.status == 201);
    CHECK(approved.text("run.approval.decisions.0.status") == "APPROVE");
    CHECK(approved.text("run.approval.decisions.0.client") == "lead");
    CHECK(approved.text("run.approval.decisions.0.description") == "because");
    CHECK(world.await(id, {"accepted"}).text("run.phase") == "accepted");
    CHECK(world.received() == std::vector<std::string>{id});
    CHECK(world.received_body().find(R"("by":"ada@example.com")") != std::string::npos);
    CHECK(world.say("boss", id, "APPROVE").status == 409);
}

TEST_CASE("approval: a declined run is over, stays declined, and was never sent",
          "[integration][approval]") {
    Careful world;
    world.start();
    const std::string id = world.ask("careful", "?run_as=ada@example.com").text("run.id");
    CHECK(world.say("portal", id, "DECLINE", "?run_as=bob@example.com").status == 201);
    world.kill();
    world.start();
    const Called run = world.as("ops", "GET", kApproval + id);
    CHECK(run.text("run.status") == "DECLINED");
    CHECK(run.text("run.reason") ==
          "declined by bob@example.com (by client 'portal'): because");
    CHECK(run.text("run.approval.decisions.0.user") == "bob@example.com");
    CHECK(world.say("lead", id, "APPROVE").status == 409);
    CHECK(world.received().empty());
}

TEST_CASE("approval: a deadline that passes while nothing runs declines the run at the next start",
          "[integration][approval]") {
    WorldOptions options = with_approvers();
    options.config = "policies: { careful: { approval: { deadline: 1ms } } }\n";
    Careful world(options);
    world.start();
    const std::string id = world.ask("careful", "?run_as=ada@example.com").text("run.id");
    world.kill();
    world.start();
    const Called run = world.await(id, {"declined"});
    CHECK(run.text("run.status") == "DECLINED");
    CHECK(run.text("run.reason").find("nobody approved it by ") == 0);
    CHECK(world.received().empty());
}

TEST_CASE("approval: under ALL each who is named has to approve", "[integration][approval]") {
    WorldOptions options = with_approvers();
    options.config = "permissions: { strict: { approve: [ lead, 'user:bob@example.com' ] } }\n";
    Careful world(options);
    world.start();
    const std::string id = world.ask("strict", "?run_as=ada@example.com").text("run.id");
    const Called asked =
        world.as("lead", "GET", kApproval + id + "/approvers?include_pending_approvers=true");
    CHECK(asked.status == 200);
    CHECK(asked.text("approvers.0.client") == "lead");
    CHECK(asked.text("approvers.0.status") == "PENDING");
    CHECK(asked.text("approvers.1.user") == "bob@example.com");
    CHECK(world.say("boss", id, "APPROVE").status == 403);
    CHECK(world.say("ops", id, "APPROVE").status == 403);
    CHECK(world.say("lead", id, "APPROVE").text("run.phase") == "waiting_approval");
    CHECK(world.say("lead", id, "APPROVE").text("error") == "already_decided");
    CHECK(world.received().empty());
    CHECK(world.say("portal", id, "APPROVE", "?run_as=bob@example.com").status == 201);
    CHECK(world.await(id, {"accepted"}).text("run.phase") == "accepted");
    CHECK(world.as("lead", "GET", kApproval + id + "/approvers").text("approvers.1.status") ==
          "APPROVE");
}

TEST_CASE("approval: the command line shows what would be sent, approves and declines",
          "[integration][approval]") {
    Careful world;
    world.start();
    const std::string id = world.ask("careful", "?run_as=ada@example.com").text("run.id");
    const Ran shown = world.cli({"runs", "show", id});
    CHECK(shown.output.find("by anyone who may") != std::string::npos);
    CHECK(shown.output.find("signalbox runs approve " + id) != std::string::npos);
    const Ran request = world.cli({"runs", "show", id, "--request"});
    CHECK(request.output.find("/webhooks/release") != std::string::npos);
    CHECK(request.output.find(R"("name":"x")") != std::string::npos);
    const std::string page = world.as("ops", "GET", "/runs/" + id).body;
    CHECK(page.find("What will be sent") != std::string::npos);
    CHECK(page.find("Asked for by ada@example.com") != std::string::npos);
    CHECK(page.find("lead, boss") == std::string::npos);  // in the order of the config
    CHECK(page.find("portal, boss, lead") != std::string::npos);

    CHECK(world.cli({"runs", "approve", id, "--comment", "go"}).code == 0);
    world.await(id, {"accepted"});
    CHECK(world.cli({"runs", "show", id}).output.find("approved by ops: go") != std::string::npos);
    const std::string other = world.ask("careful", "?run_as=ada@example.com").text("run.id");
    CHECK(world.cli({"runs", "decline", other}).code == 0);
    CHECK(world.cli({"runs", "decline", other}).code == 1);
    CHECK(world.as("ops", "GET", "/runs/" + other).body.find("declined") != std::string::npos);
}

TEST_CASE("permissions: what a caller may not see is not listed and not found",
          "[integration][permissions]") {
    WorldOptions options = with_approvers();
    options.more_clients["other"] = "may: [ invoke, view, report ]";
    options.config =
        "permissions: { careful: { view: [ portal, boss ], invoke: [ 'user:ada@example.com' ], "
        "report: [ pipeline ] } }\n";
    Careful world(options);
    world.start();
    CHECK(world.ask("careful").status == 403);
    CHECK(world.ask("careful", "?run_as=bob@example.com").status == 403);
    const Called hidden =
        world.as("other", "POST", "/v1/actions/carefl/runs", R"({"properties":{}})");
    CHECK(hidden.status == 404);
    CHECK(hidden.body.find("careful") == std::string::npos);
    CHECK(world.as("other", "POST", "/v1/actions/careful/preview", "{}").status == 404);
    const Called asked = world.ask("careful", "?run_as=ada@example.com");
    REQUIRE(asked.status == 202);
    const std::string id = asked.text("run.id");

    for (const std::string& path : std::vector<std::string>{
             "/v1/actions/careful", "/v1/actions/runs/" + id, "/v1/actions/runs/" + id + "/logs",
          "/v1/actions/runs/" + id + "/events", "/v1/actions/runs/" + id + "/approvers",
          "/runs/" + id}) {
        CAPTURE(path);
        CHECK(world.as("other", "GET", path).status == 404);
        if (path.find("events") == std::string::npos)
            CHECK(world.as("portal", "GET", path).status == 200);
    }
    CHECK(world.as("other", "GET", "/v1/actions").body.find("careful") == std::string::npos);
    CHECK(world.as("other", "GET", "/v1/actions/runs").text("runs.0.id") == "");
    CHECK(world.as("other", "GET", "/").body.find(id) == std::string::npos);
    CHECK(world.as("portal", "GET", "/v1/actions/runs").text("runs.0.id") == id);
    CHECK(world.as("other", "PATCH", "/v1/actions/runs/" + id, R"({"summary":"s"})").status ==
          404);
    CHECK(world.say("lead", id, "APPROVE").status == 404);  // lead may not even see it
    CHECK(world.say("boss", id, "APPROVE").status == 201);
    world.await(id, {"accepted"});
    CHECK(world.as("pipeline", "PATCH", "/v1/actions/runs/" + id, R"({"status":"SUCCESS"})")
              .status == 200);
}

TEST_CASE("permissions: only a trusted client speaks for others", "[integration][permissions]") {
    WorldOptions options;
    options.more_clients = {{"backstage", "may: [ invoke, view ], trusted: true"}};
    World world(options);
    world.start_standin();
    world.start();
    const std::string path = "/v1/actions/release/runs?run_as=";
    const std::string body = R"({"properties":{"name":"x"}})";
    CHECK(world.as("portal", "POST", path + "ada@example.com", body).status == 403);
    CHECK(world.as("portal", "GET", "/v1/actions?run_as=ada@example.com").status == 403);
    CHECK(world.as("backstage", "POST", path + "ada", body).status == 422);
    CHECK(world.as("backstage", "POST", path + "ada@x.y&run_as=bob@x.y", body).status == 422);
    const Called invoked = world.as("backstage", "POST", path + "ada@example.com", body);
    REQUIRE(invoked.status == 202);
    CHECK(invoked.text("run.trigger.by") == "ada@example.com");
    CHECK(invoked.text("run.trigger.client") == "backstage");
    const Called key = world.as("backstage", "POST", path + "ada@example.com", body,
                                {{"Idempotency-Key", "one"}});
    CHECK(key.status == 202);
    CHECK(world.as("backstage", "POST", path + "bob@example.com", body, {{"Idempotency-Key", "one"}})
              .status == 409);
}

TEST_CASE("permissions: runs are found by Port's filters", "[integration][permissions]") {
    Careful world;
    world.start();
    const auto found = [&world](const std::string& query) {
        const Called page = world.as("ops", "GET", "/v1/actions/runs?" + query);
        INFO(query << " " << page.body);
        REQUIRE(page.status == 200);
        return page.text("runs.0.id");
    };
    const std::string waiting = world.ask("careful", "?run_as=ada@example.com").text("run.id");
    const Called made = world.as("portal", "POST", "/v1/actions/release/runs",
                                 R"({"properties":{"name":"x"},"entity":{"identifier":"cart"}})");
    const std::string id = made.text("run.id");
    world.await(id, {"accepted"});
    world.as("pipeline", "PATCH", "/v1/actions/runs/" + id,
             R"({"status":"SUCCESS","externalRunId":"ado_1"})");
    CHECK(found("external_run_id=ado_1&version=v2") == id);
    CHECK(found("external_run_id=ado_2") == "");
    CHECK(found("entity=cart") == id);
    CHECK(found("user_email=Ada@example.com") == waiting);
    CHECK(found("blueprint=service") == waiting);
    CHECK(found("blueprint=none") == "");
    CHECK(found("active=true") == waiting);
    CHECK(found("active=false") == id);
    CHECK(found("active=true&status=SUCCESS") == "");
    CHECK(found("source=API&limit=1000") == id);
    CHECK(found("source=UI") == "");
    for (const char* bad : {"active=yes", "version=v3", "limit=1001", "user_email=ada", "colour=1"})
        CHECK(world.as("ops", "GET", std::string("/v1/actions/runs?") + bad).status == 422);
}

TEST_CASE("permissions: a target's response is kept in the run and as a log line", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string id = world.invoke("x");
    world.await(id, {"accepted"});
    const std::string path = "/v1/actions/runs/" + id + "/response";
    CHECK(world.as("pipeline", "PATCH", path, R"({"response":{"id":7}})").text("run.response.id") ==
          "7");
    CHECK(world.as("ops", "GET", "/v1/actions/runs/" + id).text("run.response.id") == "7");
    CHECK(world.as("ops", "GET", "/v1/actions/runs/" + id + "/logs").text("runLogs.0.message") ==
          R"({"id":7})");
    CHECK(world.as("pipeline", "PATCH", path, "{}").status == 422);
    CHECK(world.as("portal", "PATCH", path, R"({"response":1})").status == 403);
}

TEST_CASE("approval: check says what is ignored and what nobody could approve",
          "[integration][approval]") {
    WorldOptions options = with_approvers();
    options.config =
        "permissions:\n"
        "  strict: { approve: [] }\n"
        "  release: { view: [ 'user:ada@example.com' ] }\n";
    options.portal = "may: [ invoke, view ]";
    Careful world(options);
    world.folder().write(
        "actions/noted.yaml",
        document("noted", "requiredApproval: true\n"
                          "approvalNotification: { type: webhook, url: 'https://hooks.example' }"));
    const Ran checked = world.cli({"check", "--json", "--config", world.config().string()});
    INFO(checked.output);
    CHECK(checked.code == 0);
    CHECK(checked.output.find("approvalNotification is ignored") != std::string::npos);
    CHECK(checked.output.find("nobody may do that") != std::string::npos);
    CHECK(checked.output.find("'user:ada@example.com' can do nothing here") != std::string::npos);
    world.start();
    const Called refused = world.ask("strict");
    CHECK(refused.status == 422);
    CHECK(refused.text("error") == "action_unavailable");
}

TEST_CASE("permissions: what proves a request to its target is for those who may send it",
          "[integration][permissions]") {
    WorldOptions options = with_approvers();
    options.more_clients["reader"] = "may: [ view ]";
    options.more_clients["chief"] = "may: [ admin ], trusted: true";
    Careful world(options);
    world.start();
    const auto shows = [](const Called& called) {
        CHECK(called.status == 200);
        CHECK(called.body.find("X-Port-Signature") != std::string::npos);
        return called.body.find("***") == std::string::npos;
    };
    const auto preview = [&](const std::string& client, const std::string& action,
                             const std::string& query = "") {
        return world.as(client, "POST", "/v1/actions/" + action + "/preview" + query,
                        R"({"properties":{"name":"x"}})");
    };
    CHECK(shows(preview("portal", "release")));
    CHECK_FALSE(shows(preview("portal", "careful")));
    CHECK(shows(preview("ops", "careful")));
    CHECK_FALSE(shows(preview("chief", "careful", "?run_as=ada@example.com")));

    const std::string waiting = kApproval + world.ask("careful").text("run.id");
    for (const std::string client : {"portal", "reader", "lead"})
        CHECK_FALSE(shows(world.as(client, "GET", waiting + "?request=true")));
    CHECK(shows(world.as("ops", "GET", waiting + "?request=true")));
    const Called page = world.as("lead", "GET", waiting.substr(std::string("/v1/actions").size()));
    CHECK_FALSE(shows(page));

    const std::string sent = world.invoke("x");
    world.await(sent, {"accepted"});
    CHECK(shows(world.as("portal", "GET", kApproval + sent + "?request=true")));
    CHECK_FALSE(shows(world.as("reader", "GET", kApproval + sent + "?request=true")));
}

TEST_CASE("permissions: an admin that speaks for somebody does no more than that one may",
          "[integration][permissions]") {
    WorldOptions options = with_approvers();
    options.more_clients["chief"] = "may: [ admin ], trusted: true";
    options.config = "permissions: { careful: { view: [ lead ] }, strict: { invoke: [ 'user:ada@example.com' ] } }\n";
    Careful world(options);
    world.start();
    const auto ask = [&](const std::string& action) {
        return world.as("chief", "POST", "/v1/actions/" + action + "/runs",
                        R"({"properties":{"name":"x"}})").text("run.id");
    };
    const std::string hidden = ask("careful");
    const std::string seen = ask("strict");
    const std::string bob = "?run_as=bob@example.com";
    const auto post = [&](const std::string& what, const std::string& body = "") {
        return world.as("chief", "POST", what, body);
    };
    CHECK(post(kApproval + hidden + "/cancel" + bob).status == 404);
    CHECK(post(kApproval + hidden + "/redeliver" + bob).status == 404);
    CHECK(post(kApproval + seen + "/cancel" + bob).status == 403);
    const Called many = post("/v1/actions/runs/cancel" + bob, R"({"filter":{}})");
    INFO(many.body);
    CHECK(many.body.find(hidden) == std::string::npos);
    CHECK(many.body.find(seen) == std::string::npos);
    CHECK(post("/v1/reload" + bob).status == 403);
    CHECK(post("/v1/backups" + bob, R"({"name":"x"})").status == 403);
    CHECK(world.as("chief", "GET", kApproval + hidden).text("run.phase") == "waiting_approval");
    CHECK(post(kApproval + hidden + "/cancel").status == 200);
}

TEST_CASE("permissions: who may report and not see is told what reporting needs",
          "[integration][permissions]") {
    WorldOptions options = with_approvers();
    options.config = "permissions: { release: { view: [ portal ], invoke: [ portal ], "
                     "report: [ pipeline ] } }\n";
    Careful world(options);
    world.start();
    const std::string id = world.invoke("topsecretinput");
    world.await(id, {"accepted"});
    const auto told = [&](const std::string& method, const std::string& path,
                          const std::string& body) {
        const Called called = world.as("pipeline", method, kApproval + id + path, body);
        INFO(called.body);
        CHECK(called.status < 300);
        CHECK(called.text("run.id") == id);
        CHECK(called.body.find("topsecretinput") == std::string::npos);
        CHECK(called.body.find("attempts") == std::string::npos);
        return called;
    };
    told("POST", "/claim", "{}");
    told("PATCH", "/response", R"({"response":{"a":1}})");
    CHECK(told("PATCH", "", R"({"status":"SUCCESS"})").text("run.status") == "SUCCESS");
}
