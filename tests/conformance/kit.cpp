#include "kit.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <catch2/catch.hpp>

#include "support/child.hpp"

namespace signalbox::test {

std::string Findings::of(const std::string& wanted) const {
    std::string names;
    for (const auto& [name, found] : status) {
        if (found == wanted) names += (names.empty() ? "" : " ") + name;
    }
    return names;
}

std::string test_plugin(const std::string& stem) {
    return SIGNALBOX_TEST_PLUGIN_DIR "/signalbox_" + stem + ".so";
}

std::string shipped_plugin(const std::string& stem) {
    return SIGNALBOX_PLUGIN_DIR "/signalbox_" + stem + ".so";
}

Findings examine(const std::string& file, std::vector<std::string> options,
                 const std::string& broken) {
    std::vector<std::string> command = {SIGNALBOX_BIN_DIR "/signalbox-conformance", "--json"};
    // Chance has no place in a test; a finding of the seed below can be reproduced by it.
    command.insert(command.end(), {"--reproduce", "7", file});
    command.insert(command.end(), options.begin(), options.end());
    std::map<std::string, std::string> environment;
    if (!broken.empty()) environment["SIGNALBOX_BREAK"] = broken;
    const Ran ran = run(command, environment);
    CAPTURE(ran.output, ran.code);
    REQUIRE((ran.code == 0 || ran.code == 1));
    Poco::JSON::Parser parser;
    const auto whole = parser.parse(ran.output).extract<Poco::JSON::Object::Ptr>();
    Findings findings;
    findings.code = ran.code;
    const auto tests = whole->getArray("tests");
    for (unsigned i = 0; i < tests->size(); ++i) {
        const auto test = tests->getObject(i);
        const auto name = test->getValue<std::string>("name");
        findings.status[name] = test->getValue<std::string>("status");
        findings.message[name] = test->getValue<std::string>("message");
    }
    return findings;
}

}  // namespace signalbox::test
