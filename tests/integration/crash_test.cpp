// A crash names the plugin that was running, and stays a crash.
#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <map>
#include <sstream>
#include <string>

#include "support/serving.hpp"

using namespace signalbox::test;

namespace {

void configure(Serving& serving, const std::string& mode) {
    serving.configure("plugins: [ { file: \"" SIGNALBOX_TEST_PLUGIN_DIR
                      "/signalbox_crashing.so\" } ]\n"
                      "connections: { bad: { plugin: crashing, signing: { scheme: none } } }\n");
    serving.action("work", "  type: TEST\n  mode: " + mode + "\n");
}

/// A sanitizer brings handlers of its own, which end the process in their way; read by such builds only.
const std::map<std::string, std::string> kNoOtherHandlers = {
    {"ASAN_OPTIONS", "handle_segv=0:handle_abort=0"}, {"TSAN_OPTIONS", "handle_segv=0:handle_abort=0"}};

/// The line of the log that says how it ended.
Poco::JSON::Object::Ptr last_words(const Serving& serving) {
    std::istringstream lines(serving.log());
    Poco::JSON::Object::Ptr found;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("{\"time\":", 0) != 0) continue;
        const auto event = Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>();
        if (event->getValue<std::string>("event") == "crashed") found = event;
    }
    return found;
}

}  // namespace

TEST_CASE("crash: the last log line names the plugin that was running, its call and its run",
          "[integration]") {
    const auto [mode, number, name] = GENERATE(table<std::string, int, std::string>(
        {{"segv", SIGSEGV, "SIGSEGV"}, {"abort", SIGABRT, "SIGABRT"}}));
    Serving serving;
    configure(serving, mode);
    serving.start(kNoOtherHandlers);
    CHECK(serving.invoke("work").status == 0);  // no reply came
    // By the signal's own default: a supervisor, and a core file, see what happened.
    CHECK(serving.wait() == 128 + number);
    const auto words = last_words(serving);
    INFO(serving.log());
    REQUIRE(words);
    CHECK(words->getValue<std::string>("signal") == name);
    CHECK(words->getValue<std::string>("plugin") == "crashing");
    CHECK(words->getValue<std::string>("call") == "plan");
    CHECK(words->getValue<std::string>("run").rfind("r_", 0) == 0);
    CHECK(words->getValue<std::string>("level") == "error");
    CHECK(words->getValue<std::string>("time").size() == 24);
}

TEST_CASE("crash: one that no plugin caused names none", "[integration]") {
    Serving serving;
    configure(serving, "none");
    serving.start(kNoOtherHandlers);
    serving.signal(SIGSEGV);
    CHECK(serving.wait() == 128 + SIGSEGV);
    const auto words = last_words(serving);
    REQUIRE(words);
    CHECK_FALSE(words->has("plugin"));
    CHECK(words->getValue<std::string>("message").find("no plugin was running") !=
          std::string::npos);
}
