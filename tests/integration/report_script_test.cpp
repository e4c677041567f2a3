#include <catch2/catch.hpp>

#include "support/world.hpp"

using namespace signalbox::test;

TEST_CASE("reports: a script with only curl drives a run to SUCCESS, and no further",
          "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string id = world.invoke("x");
    world.await(id, {"accepted"});
    const Ran ran = run({"/bin/sh", SIGNALBOX_SOURCE_DIR "/examples/report_with_curl/report.sh", id},
                        {{"SIGNALBOX_URL", world.url()},
                         {"CLIENT_ID", "pipeline"},
                         {"CLIENT_SECRET", "pipeline-secret-of-the-test"},
                         {"PATH", "/usr/bin:/bin"}});
    INFO(ran.output);
    CHECK(ran.code == 0);
    const Called found = world.as("ops", "GET", "/v1/actions/runs/" + id);
    CHECK(found.text("run.status") == "SUCCESS");
    CHECK(found.text("run.statusLabel") == "deployed");
    CHECK(found.text("run.link.1") == "https://app.example");
    CHECK(found.text("run.externalRunId") == "4711");
    CHECK(found.text("run.summary") == "**done**");
    const Called lines = world.as("ops", "GET", "/v1/actions/runs/" + id + "/logs?limit=50");
    CHECK(lines.text("runLogs.2.message") == "deployed");
    CHECK(lines.text("runLogs.2.terminationStatus") == "SUCCESS");
    CHECK(lines.text("runLogs.0.createdBy") == "pipeline");
}

TEST_CASE("reports: a body at the limit is read, and one past it is 413", "[integration]") {
    World world;
    world.start_standin();
    world.start();
    const std::string id = world.invoke("x");
    world.await(id, {"accepted"});
    const std::string path = "/v1/actions/runs/" + id;
    const auto of_size = [](std::size_t size) {
        const std::string body = R"({"summary":")";
        return body + std::string(size - body.size() - 2, 'x') + "\"}";
    };
    constexpr std::size_t kMost = 1024 * 1024;
    CHECK(world.as("pipeline", "PATCH", path, of_size(kMost)).status == 422);  // a summary's own limit
    const Called refused = world.as("pipeline", "PATCH", path, of_size(kMost + 1));
    CHECK(refused.status == 413);
    CHECK(refused.text("ok") == "false");
}
