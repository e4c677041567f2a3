#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace signalbox::test;

TEST_CASE("command line: sign prints Microsoft's published vector", "[integration]") {
    const Ran ran = run(
        {"/bin/sh", "-c",
         R"(printf '%s' '{"resource":{"message":{"title":"Hello, world!","subtitle":"I'"'"'m using WebHooks!"}}}' | )" SIGNALBOX_BIN_DIR
         "/signalbox sign --scheme hmac-sha1-hex --key secret"});
    CHECK(ran.code == 0);
    CHECK(ran.output == "750d33212d3ad4932cc390819050734831a0a94f\n");
}

TEST_CASE("command line: invoke waits and says with its exit code how the run ended",
          "[integration]") {
    WorldOptions options;
    options.timeout = "300ms";
    options.standin = {"--fault", "hang-after-body"};
    World world(options);
    world.start_standin();
    world.start();
    CHECK(world.cli({"invoke", "release", "-i", "name=held", "--wait", "--timeout", "20s"}).code ==
          3);
    CHECK(world.cli({"invoke", "release", "-i", "name=BAD"}).code == 2);
    CHECK(world.cli({"invoke", "nothing"}).code == 2);
}

TEST_CASE("command line: preview shows the signed request and sends nothing", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const Ran online = world.cli({"preview", "release", "-i", "name=look"});
    CHECK(online.code == 0);
    CHECK(online.output.find("POST ") != std::string::npos);
    CHECK(online.output.find("X-Port-Signature: ") != std::string::npos);
    CHECK(online.output.find("\"runId\":\"r_preview\"") != std::string::npos);
    world.stop();
    const Ran offline = world.cli({"preview", "release", "-i", "name=look", "--offline", "--config",
                                   world.config().string()});
    CHECK(offline.code == 0);
    CHECK(offline.output == online.output);
    CHECK(world.received().empty());
}

TEST_CASE("command line: runs show prints the road and the exact request", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string id = world.invoke("shown");
    world.await(id, {"accepted"});
    const Ran road = world.cli({"runs", "show", id});
    CHECK(road.code == 0);
    CHECK(road.output.find(id) != std::string::npos);
    CHECK(road.output.find("accepted") != std::string::npos);
    const Ran request = world.cli({"runs", "show", id, "--request"});
    CHECK(request.code == 0);
    CHECK(request.output.find("X-Port-Signature: ") != std::string::npos);
    CHECK(request.output.find("\"runId\":\"" + id + "\"") != std::string::npos);
    CHECK(world.cli({"runs", "list", "--action", "release"}).output.find(id) != std::string::npos);
    CHECK(world.cli({"runs", "cancel", id}).code != 0);
}

TEST_CASE("command line: check reports every finding and opens nothing", "[integration]") {
    World world;
    world.start_standin();
    CHECK(world.cli({"check", "--config", world.config().string()}).code == 0);
    world.folder().write("actions/broken.yaml", "identifier: runs\ntriger: {}\n");
    const Ran broken = world.cli({"check", "--config", world.config().string()});
    CHECK(broken.code == 2);
}

TEST_CASE("command line: plugins say what they are without being run", "[integration]") {
    World world;
    world.start_standin();
    const Ran listed = world.cli({"plugins", "list", "--config", world.config().string()});
    CHECK(listed.code == 0);
    CHECK(listed.output.find("azure-pipelines") != std::string::npos);
    const Ran inspected =
        world.cli({"plugins", "inspect", SIGNALBOX_PLUGIN_DIR "/signalbox_azure_pipelines.so"});
    CHECK(inspected.code == 0);
    CHECK(inspected.output.find("AZURE_DEVOPS") != std::string::npos);
    CHECK(world.cli({"plugins", "inspect", "/bin/sh"}).code != 0);
}

TEST_CASE("command line: check warns of a client's secret that is too short, and of no other",
          "[integration]") {
    World world;
    world.start_standin();
    const auto check = [&](const std::string& secret, const std::string& option) {
        return world.cli({"check", "--config", world.config().string(), option},
                         {{"OPS_SECRET", secret}});
    };
    const std::string shortest(16, 's');
    CHECK(check(shortest, "--strict").code == 0);
    const Ran warned = check(shortest.substr(1), "--json");
    CHECK(warned.code == 0);
    CHECK(warned.output.find("OPS_SECRET has 15 bytes") != std::string::npos);
    CHECK(warned.output.find(shortest.substr(1)) == std::string::npos);
    CHECK(check(shortest.substr(1), "--strict").code == 2);
    CHECK(check(std::string(2 * 1024, 's'), "--strict").code == 0);
    CHECK(check(std::string(2 * 1024 + 1, 's'), "--strict").code == 2);
}

TEST_CASE("command line: a client command asks the server of the config where it stands", "[integration]") {
    WorldOptions options;
    options.clients = false;
    World world(options);
    world.start_standin();
    world.start();
    const std::string id = world.invoke("here");
    const Ran listed = run({"/bin/sh", "-c",
                            "cd '" + world.folder().path().string() + "' && exec " SIGNALBOX_BIN_DIR
                            "/signalbox runs list"});
    CHECK(listed.code == 0);
    CHECK(listed.output.find(id) != std::string::npos);
}
