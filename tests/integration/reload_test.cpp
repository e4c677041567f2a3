#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <iterator>
#include <thread>

#include "certificates.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

void edit(const World& world, const std::string& file, const std::string& old,
          const std::string& now) {
    std::string text = world.folder().read(file);
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    world.folder().write(file, text.replace(at, old.size(), now));
}

}  // namespace

TEST_CASE("reload: a broken file under load fails no request and the old config serves",
          "[integration]") {
    World world;
    world.start_standin();
    world.start();
    world.as("portal", "GET", "/v1/actions");  // the token, before the threads share it
    world.as("ops", "GET", "/v1/actions");
    std::atomic<bool> stop{false};
    std::atomic<int> taken{0};
    std::atomic<int> failed{0};
    std::thread load([&] {
        while (!stop)
            ++(world.invoke("load").empty() ? failed : taken);
    });
    edit(world, "actions/release.yaml", "type: number", "type: numbr");
    edit(world, "signalbox.yaml", "in_flight", "in_fligt");
    for (int i = 0; i < 5; ++i) {
        const Called refused = world.as("ops", "POST", "/v1/reload");
        CHECK(refused.status == 422);
        CHECK(refused.text("error") == "config_invalid");
        CHECK(refused.body.find("did you mean") != std::string::npos);
        CHECK(refused.body.find("the old one goes on serving") != std::string::npos);
        CHECK(refused.body.find("release.yaml:") != std::string::npos);
    }
    stop = true;
    load.join();
    CHECK(failed == 0);
    CHECK(taken > 0);
    CHECK(world.as("portal", "GET", "/v1/actions").text("actions.0.identifier") == "release");
    CHECK(world.as("portal", "POST", "/v1/reload").status == 403);
}

TEST_CASE("reload: new actions and clients serve and what began before goes on", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string run = world.invoke("before");
    world.await(run, {"accepted"});
    std::string action = world.folder().read("actions/release.yaml");
    action.replace(action.find("identifier: release"), 19, "identifier: second");
    world.folder().write("actions/second.yaml", action);
    edit(world, "signalbox.yaml", "id: pipeline", "id: conveyor");
    REQUIRE(world.as("ops", "POST", "/v1/reload").status == 200);
    CHECK(world.as("portal", "GET", "/v1/actions/second").status == 200);
    CHECK(world.as("portal", "POST", "/v1/actions/second/runs", R"({"properties":{"name":"x"}})")
              .status == 202);
    CHECK(world.as("pipeline", "GET", "/v1/actions").status == 401);
    CHECK(world.as("ops", "PATCH", "/v1/actions/runs/" + run, R"({"status":"SUCCESS"})").status ==
          200);
}

TEST_CASE("reload: what needs a new start is refused and says so", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    edit(world, "signalbox.yaml", "journal: ./data", "journal: ./elsewhere");
    const Called refused = world.as("ops", "POST", "/v1/reload");
    CHECK(refused.status == 422);
    CHECK(refused.body.find("journal cannot be changed by a reload") != std::string::npos);
    edit(world, "signalbox.yaml", "journal: ./elsewhere", "journal: ./data");

    const Certificates certificates(world.folder());
    edit(world, "signalbox.yaml", "journal: ./data",
         "journal: ./data\ntls: { certificate: server.pem, key: server.key }");
    const Called plain = world.as("ops", "POST", "/v1/reload");
    CHECK(plain.status == 422);
    CHECK(plain.body.find("tls cannot be changed by a reload") != std::string::npos);
}

TEST_CASE("reload: SIGHUP reads the config again", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    std::string action = world.folder().read("actions/release.yaml");
    action.replace(action.find("identifier: release"), 19, "identifier: second");
    world.folder().write("actions/second.yaml", action);
    world.hang_up();
    // The signal has no reply: asked until it is seen, and the test's own limit ends it.
    while (world.as("portal", "GET", "/v1/actions/second").status != 200)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(world.stop() == 0);
    CHECK(world.log().find("reloaded") != std::string::npos);
}

TEST_CASE("reload: the event stream of a client that is taken away ends at once", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string token =
        call(world.url(), "POST", "/v1/auth/access_token",
             R"({"clientId":"portal","clientSecret":"portal-secret-of-the-test"})")
            .text("accessToken");
    const Poco::URI url(world.url());
    Poco::Net::HTTPClientSession session(url.getHost(), url.getPort());
    Poco::Net::HTTPRequest request("GET", "/v1/events", "HTTP/1.1");
    request.set("Authorization", "Bearer " + token);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& stream = session.receiveResponse(response);
    REQUIRE(response.getStatus() == 200);
    edit(world, "signalbox.yaml", "id: portal", "id: gate");
    REQUIRE(world.as("ops", "POST", "/v1/reload").status == 200);
    const std::string heard(std::istreambuf_iterator<char>(stream), {});
    CHECK(heard == ": listening\n\n");
}
