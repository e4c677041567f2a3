// The kit as a program: what it prints and how it ends.
#include <catch2/catch.hpp>

#include "kit.hpp"
#include "support/child.hpp"

using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

Ran kit(std::vector<std::string> arguments) {
    std::string line = "exec '" SIGNALBOX_BIN_DIR "/signalbox-conformance'";
    for (const std::string& argument : arguments)
        line += " '" + argument + "'";
    return run({"/bin/sh", "-c", line + " 2>&1"});
}

}  // namespace

TEST_CASE("conformance: the text for people names each test and counts", "[conformance]") {
    const Ran ran = kit({"--reproduce", "3", "--only", "^(note|sign)-", test_plugin("acme")});
    CHECK(ran.code == 0);
    CHECK_THAT(ran.output, Contains("note-present              passed"));
    CHECK_THAT(ran.output, Contains("4 passed  0 failed  0 crashed  0 skipped  0 warning"));
    CHECK_THAT(ran.output, Contains("seed 3"));
}

TEST_CASE("conformance: a file that is no plugin fails without ending the kit", "[conformance]") {
    const Ran ran = kit({"/bin/true"});
    CHECK(ran.code == 1);
    CHECK_THAT(ran.output, Contains("note-present              failed"));
    CHECK_THAT(ran.output, Contains("loads-now                 failed"));
    CHECK(kit({"/nowhere/signalbox_x.so"}).code == 1);
}

TEST_CASE("conformance: usage errors say what is accepted", "[conformance]") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> wrong = {
        {{}, "give one plugin file"},
        {{"a.so", "b.so"}, "give one plugin file"},
        {{"--unheard", "a.so"}, "--help lists them"},
        {{"--only", "(", "a.so"}, "no regular expression"},
        {{"--only", "nothing-of-that-name", test_plugin("acme")}, "matches no test"},
        {{"--reproduce", "x", "a.so"}, "takes a number"},
        {{"--settings", "/nowhere", "a.so"}, "cannot be read"},
        {{"--settings"}, "needs a value"},
    };
    for (const auto& [arguments, says] : wrong) {
        const Ran ran = kit(arguments);
        CAPTURE(says);
        CHECK(ran.code == 2);
        CHECK_THAT(ran.output, Contains(says));
    }
    CHECK(kit({"--help"}).code == 0);
}
