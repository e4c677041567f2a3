// Signed webhooks from outside, through a real `signalbox` and to the Azure stand-in.
#include <catch2/catch.hpp>
#include <chrono>

#include "support/signed_message.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

const char* const kUnauthorized = "the message does not prove that a known source has sent it now";

std::string now_s(std::int64_t from_now_s = 0) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                              std::chrono::system_clock::now().time_since_epoch())
                              .count() +
                          from_now_s);
}

/// Port's invocation message for the action of this world.
std::string port_message(const std::string& run_id, const std::string& name = "checkout",
                         const std::string& action = "release") {
    return R"({"action":")" + action +
           R"(","resourceType":"run","status":"TRIGGERED","trigger":{"by":{"orgId":"org_1",)"
           R"("userId":"auth0|42","user":{"email":"jane@example.com"}},"origin":"UI",)"
           R"("at":"2026-11-13T15:20:16.641Z"},"context":{"entity":null,"blueprint":"service",)"
           R"("runId":")" +
           run_id +
           R"("},"payload":{"entity":null,"action":{"invocationMethod":{"type":"WEBHOOK"}},)"
           R"("properties":{"name":")" +
           name + R"("},"censoredProperties":[]}})";
}

WorldOptions with_sources(const std::string& sources) {
    WorldOptions options;
    options.config = "sources:\n" + sources;
    return options;
}

const char* const kPort = "  port: { verify: port-v1, key: { file: port.key } }\n";

class Sender {
  public:
    explicit Sender(World& world) : world_(world) {}

    Called send(const std::string& source, const std::string& body, Headers headers) {
        return call(world_.url(), "POST", "/v1/sources/" + source, body, headers);
    }
    Called port(const std::string& body, const std::string& key = "port-secret") {
        return send("port", body, port_headers(key, now_s(), body));
    }

  private:
    World& world_;
};

}  // namespace

TEST_CASE("sources: a signed Port message becomes a run that says where it came from",
          "[integration][sources]") {
    World world(with_sources(kPort));
    world.folder().write("port.key", "port-secret\n");
    world.start_standin();
    world.start();
    const Called taken = Sender(world).port(port_message("r_Port1"));
    INFO(taken.body + world.log());
    REQUIRE(taken.status == 202);
    const std::string id = taken.text("run.id");
    CHECK(taken.headers.at("location") == "/v1/actions/runs/" + id);
    const Called run = world.await(id, {"accepted"});
    CHECK(run.text("run.trigger.origin") == "port");
    CHECK(run.text("run.trigger.by") == "jane@example.com");
    CHECK(run.text("run.trigger.client") == "source:port");
    CHECK(run.text("run.trigger.runId") == "r_Port1");
    CHECK(run.text("run.properties.name") == "checkout");
    CHECK(world.received() == std::vector<std::string>{id});
    CHECK(world.stop() == 0);
}

TEST_CASE("sources: who asked for a run at the sender does not decide on it here",
          "[integration][sources]") {
    WorldOptions options = with_sources(kPort);
    options.portal = "may: [ invoke, view, approve ], trusted: true";
    World world(options);
    world.folder().write("port.key", "port-secret");
    std::string document = world.folder().read("actions/release.yaml");
    world.folder().write("actions/release.yaml", document + "requiredApproval: true\n");
    world.start_standin();
    world.start();
    const Called taken = Sender(world).port(port_message("r_Port1"));
    REQUIRE(taken.status == 202);
    const std::string path = "/v1/actions/runs/" + taken.text("run.id") + "/approval?run_as=";
    const auto say = [&](const std::string& who, const std::string& what) {
        return world.as("portal", "PATCH", path + who, R"({"status":")" + what + "\"}");
    };
    for (const char* what : {"APPROVE", "DECLINE"}) {
        CHECK(say("jane@example.com", what).text("error") == "approver_is_requester");
        CHECK(say("Jane@Example.com", what).text("error") == "approver_is_requester");
    }
    CHECK(say("ada@example.com", "APPROVE").status == 201);
}

TEST_CASE("sources: check warns of two sources whose messages are each other's",
          "[integration][sources]") {
    World world(with_sources(std::string(kPort) +
                             "  twin: { verify: port-v1, key: { file: port.key } }\n"));
    world.folder().write("port.key", "port-secret");
    world.start_standin();
    const Ran checked = world.cli({"check", "--json", "--config", world.config().string()});
    INFO(checked.output);
    CHECK(checked.code == 0);
    CHECK(checked.output.find("sources 'port' and 'twin' have a key in common") !=
          std::string::npos);
}

TEST_CASE("sources: a replay is refused, after a restart and after a kill -9 too",
          "[integration][sources]") {
    World world(with_sources(kPort));
    world.folder().write("port.key", "port-secret");
    world.start_standin();
    world.start();
    const std::string body = port_message("r_Port1");
    const Headers headers = port_headers("port-secret", now_s(), body);
    Sender sender(world);
    REQUIRE(sender.send("port", body, headers).status == 202);
    const auto refused = [&] {
        const Called again = sender.send("port", body, headers);
        return again.status == 409 && again.text("error") == "replay_refused";
    };
    CHECK(refused());
    CHECK(world.stop() == 0);
    world.start();
    CHECK(refused());
    // Signed anew by Port: the same invocation still.
    CHECK(sender.send("port", body, port_headers("port-secret", now_s(1), body)).status == 409);

    const std::string other = port_message("r_Port2");
    const Headers other_headers = port_headers("port-secret", now_s(), other);
    REQUIRE(sender.send("port", other, other_headers).status == 202);
    world.kill();
    world.start();
    CHECK(refused());
    CHECK(sender.send("port", other, other_headers).status == 409);
    CHECK(world.as("ops", "GET", "/v1/actions/runs").text("runs.1.trigger.runId") == "r_Port1");
    CHECK(world.as("ops", "GET", "/v1/actions/runs").text("runs.2.id").empty());
    CHECK(world.log().find("replay_refused") != std::string::npos);
}

TEST_CASE("sources: who proves nothing learns nothing", "[integration][sources]") {
    World world(with_sources(kPort));
    world.folder().write("port.key", "port-secret");
    world.start_standin();
    world.start();
    Sender sender(world);
    const std::string body = port_message("r_Port1");
    const std::vector<Called> refused = {
        sender.send("port", body, {}),
        sender.send("port", body, port_headers("another-secret", now_s(), body)),
        sender.send("port", body + " ", port_headers("port-secret", now_s(), body)),
        sender.send("port", body, port_headers("port-secret", now_s(-400), body)),
        sender.send("port", body, port_headers("port-secret", now_s(400), body)),
        sender.send("no-such-source", body, port_headers("port-secret", now_s(), body))};
    for (const Called& each : refused) {
        CHECK(each.status == 401);
        CHECK(each.text("message") == kUnauthorized);
        CHECK(each.body == refused.front().body);
    }
    CHECK(world.as("ops", "GET", "/v1/actions/runs").text("runs.0.id").empty());
    CHECK(world.log().find("source_refused") != std::string::npos);
    CHECK(world.log().find("port-secret") == std::string::npos);
}

TEST_CASE("sources: both keys hold during a rotation, and the old one is refused after it",
          "[integration][sources]") {
    World world(with_sources("  port:\n    verify: port-v1\n    key: { file: new.key }\n"
                             "    previous_keys: [ { file: old.key } ]\n"));
    world.folder().write("new.key", "new-secret");
    world.folder().write("old.key", "old-secret");
    world.start_standin();
    world.start();
    Sender sender(world);
    CHECK(sender.port(port_message("r_1"), "old-secret").status == 202);
    CHECK(sender.port(port_message("r_2"), "new-secret").status == 202);
    const std::string text = world.folder().read("signalbox.yaml");
    const std::size_t line = text.find("    previous_keys");
    world.folder().write("signalbox.yaml",
                         text.substr(0, line) + text.substr(text.find('\n', line) + 1));
    REQUIRE(world.as("ops", "POST", "/v1/reload").status == 200);
    CHECK(sender.port(port_message("r_3"), "old-secret").status == 401);
    CHECK(sender.port(port_message("r_3"), "new-secret").status == 202);
    CHECK(sender.port(port_message("r_1"), "new-secret").status == 409);
}

TEST_CASE("sources: what cannot be invoked is told to the operator and not to the sender",
          "[integration][sources]") {
    World world(with_sources(kPort));
    world.folder().write("port.key", "port-secret");
    world.start_standin();
    world.start();
    Sender sender(world);
    const Called unknown = sender.port(port_message("r_1", "checkout", "releese"));
    const Called inputs = sender.port(port_message("r_2", "Not A Name!"));
    const Called no_json = sender.port("{ no JSON");
    const Called no_invocation = sender.port(R"({"hello":"world"})");
    for (const Called* each : {&unknown, &inputs, &no_json, &no_invocation}) {
        CHECK(each->status == 422);
        CHECK(each->text("error") == "message_rejected");
        CHECK(each->body == unknown.body);
    }
    const std::string log = world.log();
    for (const char* told : {"action_not_found", "invalid_inputs", "invalid_json",
                             "invalid_message", "/properties/name"})
        CHECK(log.find(told) != std::string::npos);
    // It started nothing, so it is no replay once it can be invoked.
    CHECK(sender.port(port_message("r_2")).status == 202);
}

TEST_CASE("sources: a GitHub webhook is mapped by templates, and a ping starts nothing",
          "[integration][sources]") {
    World world(with_sources(R"(  github:
    verify: hmac-sha256-prefixed
    key: { file: github.key }
    when:
      - { value: '{{ .headers["x-github-event"] }}', is: [ push ] }
      - { value: "{{ .body.ref }}", is: [ refs/heads/main ] }
    action: release
    properties: { name: "{{ .body.repository.name }}", count: "{{ .body.size }}" }
)"));
    world.folder().write("github.key", "github-secret");
    world.start_standin();
    world.start();
    Sender sender(world);
    const auto send = [&](const std::string& event, const std::string& body) {
        return sender.send("github", body,
                           {{"x-github-event", event},
                            {"x-github-delivery", "f5ba2b4e-" + now_s()},
                            {"x-hub-signature-256",
                             "sha256=" + hex(hmac(EVP_sha256(), "github-secret", body))}});
    };
    const Called ping = send("ping", R"({"zen":"Keep it logically awesome."})");
    CHECK(ping.status == 200);
    CHECK(ping.text("ignored") == "true");
    CHECK(send("push", R"({"ref":"refs/heads/other","repository":{"name":"shop"},"size":2})").status ==
          200);
    const std::string body = R"({"ref":"refs/heads/main","repository":{"name":"shop"},"size":2})";
    const Called push = send("push", body);
    INFO(push.body + world.log());
    REQUIRE(push.status == 202);
    const Called run = world.await(push.text("run.id"), {"accepted"});
    CHECK(run.text("run.properties.name") == "shop");
    CHECK(run.text("run.properties.count") == "2");
    CHECK(run.text("run.trigger.by") == "source:github");
    // The delivery's id is not signed: another one does not make another message of it.
    CHECK(send("push", body).status == 409);
}

TEST_CASE("sources: Standard Webhooks are known again by their id, whenever they are signed",
          "[integration][sources]") {
    World world(with_sources("  hooks: { verify: standard-webhooks, key: { file: hooks.key }, action: "
                             "release, properties: { name: \"{{ .body.name }}\" } }\n"));
    world.folder().write("hooks.key", "whsec_" + base64("twenty-four bytes of key"));
    world.start_standin();
    world.start();
    Sender sender(world);
    const std::string body = R"({"name":"hooked"})";
    const std::string key = "twenty-four bytes of key";
    const auto send = [&](const std::string& id, const std::string& timestamp) {
        return sender.send("hooks", body, standard_webhooks_headers(key, id, timestamp, body)).status;
    };
    CHECK(send("msg_1", now_s()) == 202);
    CHECK(send("msg_1", now_s(1)) == 409);
    CHECK(send("msg_2", now_s()) == 202);
    CHECK(send("msg_3", now_s(-301)) == 401);
}

TEST_CASE("sources: basic and bearer credentials prove a sender", "[integration][sources]") {
    World world(with_sources(
        "  basic: { verify: basic, user: hook, key: { file: hook.key } }\n"
        "  bearer: { verify: bearer, key: { file: hook.key }, per_second: 0.000001 }\n"));
    world.folder().write("hook.key", "hook-secret");
    world.start_standin();
    world.start();
    Sender sender(world);
    const auto send = [&](const std::string& source, const std::string& credentials,
                          const std::string& run_id) {
        return sender.send(source, port_message(run_id), {{"Authorization", credentials}});
    };
    CHECK(send("basic", "Basic " + base64("hook:hook-secret"), "r_1").status == 202);
    CHECK(send("basic", "Basic " + base64("hook:hook-secret"), "r_1").status == 409);
    CHECK(send("basic", "Basic " + base64("hook:wrong"), "r_2").status == 401);
    CHECK(send("basic", "Bearer hook-secret", "r_2").status == 401);
    CHECK(send("bearer", "Bearer wrong", "r_3").status == 401);
    CHECK(send("bearer", "bearer hook-secret", "r_3").status == 202);
    const Called limited = send("bearer", "Bearer hook-secret", "r_4");
    CHECK(limited.status == 429);
    CHECK(limited.headers.at("retry-after") == "1");
}
