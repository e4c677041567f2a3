#include <catch2/catch.hpp>

#include "certificates.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

/// What stands between the guide's fences.
std::string fenced(const std::string& guide) {
    const std::string open = "```yaml\n";
    const std::size_t begin = guide.find(open);
    const std::size_t end = guide.find("```\n", begin + open.size());
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    return guide.substr(begin + open.size(), end - begin - open.size());
}

}  // namespace

TEST_CASE("setup: the YAML that it prints drives a run to SUCCESS", "[integration]") {
    WorldOptions options;
    Folder folder;
    const std::string pipeline = (folder.path() / "azure-pipelines.yml").string();
    // The stand-in reads the pipeline when it starts, so a first world prints it for the second.
    World printing;
    printing.start_standin();
    const Ran guide = printing.cli({"setup", "release", "--config", printing.config().string()});
    REQUIRE(guide.code == 0);
    CHECK(guide.output.find("WebHook Name             release") != std::string::npos);
    CHECK(guide.output.find("Http Header              X-Port-Signature") != std::string::npos);
    CHECK(guide.output.find("environment variable AZURE_SECRET") != std::string::npos);
    CHECK(guide.output.find("environment variable PIPELINE_SECRET") != std::string::npos);
    CHECK(guide.output.find("azure-secret") == std::string::npos);
    CHECK(guide.output.find("Run it once by hand on the default branch") != std::string::npos);
    CHECK(guide.output.find("SIGNALBOX_CLIENT_ID: pipeline") != std::string::npos);

    std::string yaml = fenced(guide.output);
    CHECK(yaml.find('<') == std::string::npos);
    folder.write("azure-pipelines.yml", yaml);
    options.standin = {"--pipeline", pipeline};
    World world(options);
    const std::size_t at = yaml.find(printing.url());
    REQUIRE(at != std::string::npos);
    folder.write("azure-pipelines.yml", yaml.replace(at, printing.url().size(), world.url()));
    world.pass_to_standin("SIGNALBOX_CLIENT_SECRET", "pipeline-secret-of-the-test");
    world.start_standin();
    world.start();
    const std::string run = world.invoke("by-setup");
    const Called ended = world.await(run, {"finished"});
    INFO(ended.body);
    CHECK(ended.text("run.status") == "SUCCESS");
}

TEST_CASE("setup: the YAML that it prints reports a failure of the pipeline that has claimed the run",
          "[integration]") {
    World printing;
    printing.start_standin();
    std::string yaml =
        fenced(printing.cli({"setup", "release", "--config", printing.config().string()}).output);
    const std::string steps = "echo \"your steps for release stand here\"";
    REQUIRE(yaml.find(steps) != std::string::npos);
    yaml.replace(yaml.find(steps), steps.size(), "exit 3");
    const Folder folder;
    WorldOptions options;
    options.standin = {"--pipeline", (folder.path() / "azure-pipelines.yml").string()};
    World world(options);
    yaml.replace(yaml.find(printing.url()), printing.url().size(), world.url());
    folder.write("azure-pipelines.yml", yaml);
    world.pass_to_standin("SIGNALBOX_CLIENT_SECRET", "pipeline-secret-of-the-test");
    world.start_standin();
    world.start();
    const Called ended = world.await(world.invoke("by-setup"), {"finished"});
    INFO(ended.body);
    CHECK(ended.text("run.status") == "FAILURE");
    CHECK_FALSE(ended.text("run.claimedAt").empty());
}

TEST_CASE("setup: an unknown action is refused and the known ones are named", "[integration]") {
    World world;
    world.start_standin();
    CHECK(world.cli({"setup", "nothing", "--config", world.config().string()}).code == 2);
}

TEST_CASE("setup: a pipeline is given the scheme that is listened with", "[integration]") {
    const Folder folder;
    const Certificates certificates(folder);
    WorldOptions options;
    options.config = "tls: { certificate: " + certificates.file("server.pem") + ", key: " +
                     certificates.file("server.key") + " }\n";
    World world(options);
    world.start_standin();
    const Ran guide = world.cli({"setup", "release", "--config", world.config().string()});
    REQUIRE(guide.code == 0);
    CHECK(guide.output.find("https://127.0.0.1:") != std::string::npos);
}
