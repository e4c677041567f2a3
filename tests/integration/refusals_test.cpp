// Plugins that must not be loaded: each is refused in words, and the host lives to say them.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "support/serving.hpp"

using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

std::string test_plugin(const std::string& stem) {
    return SIGNALBOX_TEST_PLUGIN_DIR "/signalbox_" + stem + ".so";
}

/// A config with one connection of the plugin in that file.
void configure(Serving& serving, const std::string& file, const std::string& id,
               const std::string& pin = {}) {
    serving.configure("plugins: [ { file: \"" + file + "\"" +
                      (pin.empty() ? "" : ", sha256: \"" + pin + "\"") +
                      " } ]\n"
                      "connections:\n"
                      "  one:\n"
                      "    plugin: " +
                      id +
                      "\n"
                      "    settings: { token: { env: TOKEN } }\n");
}

std::string digest_of(const std::string& file) {
    return run({"/usr/bin/sha256sum", file}).output.substr(0, 64);
}

Ran refused(Serving& serving, const std::string& broken = {}) {
    std::map<std::string, std::string> environment = {{"TOKEN", "t0ken"}};
    if (!broken.empty()) environment["SIGNALBOX_BREAK"] = broken;
    const Ran ran = serving.refuse(environment);
    CAPTURE(ran.output);
    CHECK(ran.code == 2);
    CHECK_THAT(ran.output, Contains("signalbox.yaml:") && Contains("error: "));
    CHECK_THAT(ran.output, !Contains("t0ken"));
    return ran;
}

}  // namespace

TEST_CASE("refusal: a throw in a static constructor", "[refusal]") {
    Serving serving;
    configure(serving, test_plugin("broken"), "broken");
    CHECK_THAT(refused(serving, "load-throws").output,
               Contains("signalbox_broken.so") && Contains("tried out in a process of its own") &&
                   Contains("a static constructor threw") && Contains("report it to its author"));
}

TEST_CASE("refusal: an abort while it is probed", "[refusal]") {
    Serving serving;
    configure(serving, test_plugin("broken"), "broken");
    CHECK_THAT(refused(serving, "connect-aborts").output,
               Contains("signal 6") && Contains("It is not loaded"));
}

TEST_CASE("refusal: a missing symbol", "[refusal]") {
    Serving serving;
    serving.configure("plugins: [ { file: \"" + test_plugin("unresolved") +
                      "\" } ]\nconnections: { one: { plugin: unresolved } }\n");
    CHECK_THAT(refused(serving).output,
               Contains("undefined symbol") && Contains("Build it for this system"));
}

TEST_CASE("refusal: a newer major", "[refusal]") {
    Serving serving;
    serving.configure("plugins: [ { file: \"" + test_plugin("newer_major") +
                      "\" } ]\nconnections: { one: { plugin: newer-major } }\n");
    CHECK_THAT(refused(serving).output, Contains("built for plugin ABI 2.0") &&
                                            Contains("loads 1.x") &&
                                            Contains("Use a newer Signalbox"));
}

TEST_CASE("refusal: a file changed after it was pinned", "[refusal]") {
    Serving serving;
    const auto copy = serving.folder().path() / "signalbox_broken.so";
    std::filesystem::copy_file(test_plugin("broken"), copy);
    const std::string pin = digest_of(copy.string());
    configure(serving, copy.string(), "broken", pin);
    // As pinned, it is loaded from a copy that nobody else can write.
    serving.start({{"TOKEN", "t0ken"}});
    CHECK(std::filesystem::exists(serving.folder().path() / "data" / "plugins" / (pin + ".so")));

    std::ofstream(copy, std::ios::app) << "x";
    Serving again;
    configure(again, copy.string(), "broken", pin);
    CHECK_THAT(refused(again).output, Contains("has SHA-256 " + digest_of(copy.string())) &&
                                          Contains("the config pins " + pin));
}

TEST_CASE("refusal: a file that others may write", "[refusal]") {
    Serving serving;
    const auto copy = serving.folder().path() / "signalbox_broken.so";
    std::filesystem::copy_file(test_plugin("broken"), copy);
    REQUIRE(::chmod(copy.c_str(), 0666) == 0);
    configure(serving, copy.string(), "broken");
    CHECK_THAT(refused(serving).output, Contains("has mode 0666") && Contains("chmod go-w"));
    // A pin says what it must be, so it does not matter who else could write it.
    configure(serving, copy.string(), "broken", digest_of(copy.string()));
    serving.start({{"TOKEN", "t0ken"}});
}

TEST_CASE("refusal: two plugins that claim one type are both named", "[refusal]") {
    Serving serving;
    serving.configure("plugins: [ { file: \"" + test_plugin("in_c") + "\" }, { file: \"" +
                      test_plugin("throwing") + "\" } ]\nconnections: { one: { plugin: in-c } }\n");
    CHECK_THAT(refused(serving).output,
               Contains("'in-c' and 'throwing'") && Contains("invocation type TEST"));
}

TEST_CASE("refusal: check says the same of a file without running it", "[refusal]") {
    Serving serving;
    configure(serving, test_plugin("broken"), "broken");
    const auto check = [&](const std::string& broken) {
        return run({SIGNALBOX_BIN_DIR "/signalbox", "check", "--config",
                    (serving.folder().path() / "signalbox.yaml").string()},
                   {{"TOKEN", "t"}, {"SIGNALBOX_BREAK", broken}})
            .code;
    };
    CHECK(check("") == 0);
    CHECK(check("load-throws") == 0);  // nothing of it is run
}
