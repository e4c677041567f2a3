#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace signalbox::test;

TEST_CASE("pages: runs and a run are shown without script and with every text escaped",
          "[integration]") {
    WorldOptions options;
    options.clients = false;
    World world(options);
    world.start_standin();
    world.start();
    const std::string run = world.invoke("page");
    world.await(run, {"accepted"});
    REQUIRE(world
                .as("", "POST", "/v1/actions/runs/" + run + "/logs",
                    R"({"message":"<script>alert('x')</script> & \"more\""})")
                .status == 201);
    const Called list = world.as("", "GET", "/");
    CHECK(list.status == 200);
    CHECK(list.body.find("href=\"/runs/" + run + "\"") != std::string::npos);
    const Called shown = world.as("", "GET", "/runs/" + run);
    CHECK(shown.status == 200);
    CHECK(shown.body.find("<script") == std::string::npos);
    CHECK(
        shown.body.find("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;") !=
        std::string::npos);
    CHECK(shown.body.find("/_apis/public/distributedtask/webhooks/release") != std::string::npos);
    CHECK(shown.headers.at("content-security-policy").find("default-src 'none'") == 0);
    CHECK(world.as("", "GET", "/runs/r_nothing").status == 404);
}

TEST_CASE("pages: a browser proves itself by Basic and only for pages", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const Called asked = call(world.url(), "GET", "/");
    CHECK(asked.status == 401);
    CHECK(asked.headers.at("www-authenticate").find("Basic") != std::string::npos);
    const std::map<std::string, std::string> portal = {
        // portal:portal-secret-of-the-test
        {"Authorization", "Basic cG9ydGFsOnBvcnRhbC1zZWNyZXQtb2YtdGhlLXRlc3Q="}};
    CHECK(call(world.url(), "GET", "/", "", portal).status == 200);
    CHECK(call(world.url(), "GET", "/v1/actions", "", portal).status == 401);
    CHECK(call(world.url(), "GET", "/", "", {{"Authorization", "Basic cG9ydGFsOng="}}).status ==
          401);
}
