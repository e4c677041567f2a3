// A blocking target, loaded by config: the example that runs a program.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "support/serving.hpp"

using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

/// A config whose connection runs this script.
void configure(Serving& serving, const std::string& script, const std::string& timeout = "30s") {
    const auto program = serving.folder().write("program", "#!/bin/sh\n" + script);
    REQUIRE(::chmod(program.c_str(), 0700) == 0);
    serving.configure("plugins: [ { file: \"" SIGNALBOX_TEST_PLUGIN_DIR
                      "/signalbox_run_command.so\" } ]\n"
                      "connections:\n"
                      "  local:\n"
                      "    plugin: run-command\n"
                      "    settings: { program: \"" +
                      program.string() +
                      "\" }\n"
                      "    limits: { timeout: " +
                      timeout + " }\n");
    serving.action("work",
                   "  type: COMMAND\n  arguments: [ \"{{ .inputs.word }}\", second ]\n"
                   "  payload: { word: \"{{ .inputs.word }}\" }\n");
}

Called finished(Serving& serving, const std::string& word) {
    const Called accepted = serving.invoke("work", "{\"word\":\"" + word + "\"}");
    REQUIRE(accepted.status == 202);
    return serving.await(accepted.text("run.id"), {"finished", "held"});
}

}  // namespace

TEST_CASE("blocking: a program is run and decides the run and its output is kept", "[blocking]") {
    Serving serving;
    configure(serving,
              "echo \"id=$SIGNALBOX_RUN_ID secret=$TOKEN args=$1,$2 input=$(cat)\"\n"
              "[ \"$1\" = good ]\n");
    serving.start({{"TOKEN", "hush"}});
    const Called good = finished(serving, "good");
    CHECK(good.text("run.status") == "SUCCESS");
    const std::string id = good.text("run.id");
    const Called logs = serving.get("/v1/actions/runs/" + id + "/logs");
    CHECK_THAT(logs.body, Contains("id=" + id + " secret= args=good,second") && Contains("good"));
    CHECK(finished(serving, "bad; rm -rf /").text("run.status") == "FAILURE");
}

TEST_CASE("blocking: a program that outlives its deadline is stopped and its run is held",
          "[blocking]") {
    Serving serving;
    configure(serving, "echo begun; exec sleep 60\n", "300ms");
    serving.start();
    const Called held = finished(serving, "x");
    CHECK(held.text("run.phase") == "held");
    const Called logs = serving.get("/v1/actions/runs/" + held.text("run.id") + "/logs");
    CHECK_THAT(logs.body, Contains("begun"));
}

TEST_CASE("blocking: a preview says what would be delivered and runs nothing", "[blocking]") {
    Serving serving;
    configure(serving, "touch \"$(dirname \"$0\")/ran\"\n");
    serving.start();
    const Called preview =
        call(serving.url(), "POST", "/v1/actions/work/preview", R"({"properties":{"word":"x"}})");
    CHECK(preview.status == 200);
    CHECK(preview.text("request.method") == "DELIVER");
    CHECK(preview.text("request.url") == "plugin:run-command");
    CHECK_FALSE(std::filesystem::exists(serving.folder().path() / "ran"));
}
