// The example of README.md as its reader meets it.
#include <catch2/catch.hpp>
#include <filesystem>

#include "support/child.hpp"

using namespace signalbox::test;

namespace {

const std::string kRoot = SIGNALBOX_SOURCE_DIR;

}  // namespace

TEST_CASE("example: the demo ends in SUCCESS with a verified signature", "[integration]") {
    const std::string build = std::filesystem::path(SIGNALBOX_BIN_DIR).parent_path();
    const Ran demo =
        run({"/bin/sh", "-c", kRoot + "/scripts/demo.sh --once --build '" + build + "' 2>&1"});
    INFO(demo.output);
    CHECK(demo.code == 0);
    CHECK_THAT(demo.output, Catch::Matchers::Contains("SUCCESS: the signature was verified"));
}

TEST_CASE("example: its config has no finding", "[integration]") {
    const Ran checked =
        run({"/bin/sh", "-c",
             SIGNALBOX_BIN_DIR "/signalbox check --strict --config " + kRoot +
                 "/examples/azure_by_config/signalbox.yaml 2>&1"},
            {{"AZURE_WEBHOOK_SECRET", "a"}, {"PORTAL_SECRET", "a-long-enough-secret"},
             {"PIPELINE_SECRET", "another-long-enough-secret"},
             {"SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR}});
    INFO(checked.output);
    CHECK(checked.code == 0);
}
