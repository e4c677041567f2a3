// What comes with Signalbox passes its own kit.
#include <catch2/catch.hpp>

#include "kit.hpp"

using namespace signalbox::test;

namespace {

void check_clean(const Findings& findings, const std::string& warnings = {}) {
    CHECK(findings.of("failed") == "");
    CHECK(findings.of("crashed") == "");
    CHECK(findings.of("warning") == warnings);
    CHECK(findings.code == 0);
    CHECK(findings.status.size() > 40);
}

const std::string kOnlyBlocking = "check-is-pure deliver-over-time deliver-own-thread";

}  // namespace

TEST_CASE("conformance: the azure plugin passes", "[conformance]") {
    const Findings findings = examine(shipped_plugin("azure_pipelines"));
    CHECK(findings.of("failed") + findings.of("crashed") == "");
    CHECK(findings.of("skipped") == kOnlyBlocking + " state-round-trip step-judges step-plans");
}

TEST_CASE("conformance: the webhook plugin passes", "[conformance]") {
    const Findings findings = examine(shipped_plugin("webhook"));
    check_clean(findings);
    CHECK(findings.of("skipped") == kOnlyBlocking + " state-round-trip step-judges step-plans");
}

TEST_CASE("conformance: the template passes", "[conformance]") {
    check_clean(examine(test_plugin("acme")));
}

TEST_CASE("conformance: the custom target example passes", "[conformance]") {
    check_clean(examine(test_plugin("gitlab_pipeline")));
}

TEST_CASE("conformance: the example in C passes with its settings", "[conformance]") {
    const std::string settings = SIGNALBOX_SOURCE_DIR "/examples/target_in_c/settings.json";
    // It reads no dates, and says so.
    check_clean(examine(test_plugin("notify"), {"--settings", settings}));
}

TEST_CASE("conformance: the blocking example passes with its settings", "[conformance]") {
    const std::string settings = SIGNALBOX_SOURCE_DIR "/examples/run_command/settings.json";
    const Findings findings = examine(test_plugin("run_command"), {"--settings", settings});
    check_clean(findings);
    CHECK(findings.status.at("deliver-over-time") == "passed");
    CHECK(findings.status.at("plan-works") == "skipped");
}

TEST_CASE("conformance: the plugins to be broken are whole before that", "[conformance]") {
    check_clean(examine(test_plugin("broken")));
    CHECK(examine(test_plugin("broken")).of("skipped") == kOnlyBlocking);
    check_clean(examine(test_plugin("broken_blocking")));
}
