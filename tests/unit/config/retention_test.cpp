#include "unit/config/support.hpp"

using Catch::Matchers::Contains;
using config_test::read;

namespace {

constexpr std::int64_t kDayMs = 24 * 3'600'000;

bool is_accepted(const std::string& text) {
    return !has_errors(read(text).problems);
}

}  // namespace

TEST_CASE("config: without retention every run is kept", "[config]") {
    const auto retention = read("").config.retention;
    CHECK(retention.otherwise.keep_ms == 0);
    CHECK(retention.otherwise.runs == 0);
    CHECK(retention.actions.empty());
}

TEST_CASE("config: retention is read with its actions", "[config]") {
    const auto result = read(
        "retention:\n  keep: 30d\n  runs: 5000\n  actions:\n    deploy: { keep: 365d }\n"
        "    audit: {}\n");
    INFO(result.findings());
    REQUIRE_FALSE(has_errors(result.problems));
    const auto& retention = result.config.retention;
    CHECK(retention.otherwise.keep_ms == 30 * kDayMs);
    CHECK(retention.otherwise.runs == 5000);
    REQUIRE(retention.actions.size() == 2);
    CHECK(retention.actions[0].first == "deploy");
    CHECK(retention.actions[0].second.keep_ms == 365 * kDayMs);
    CHECK(retention.actions[0].second.runs == 0);
    CHECK(retention.actions[1].first == "audit");
    CHECK(retention.actions[1].second.keep_ms == 0);
}

TEST_CASE("config: retention has its limits", "[config]") {
    CHECK(is_accepted("retention: {keep: 24h}"));
    CHECK_FALSE(is_accepted("retention: {keep: 86399s}"));
    CHECK(is_accepted("retention: {keep: 36500d}"));
    CHECK_FALSE(is_accepted("retention: {keep: 36501d}"));
    CHECK(is_accepted("retention: {runs: 1}"));
    CHECK_FALSE(is_accepted("retention: {runs: 0}"));
    CHECK(is_accepted("retention: {runs: 10000000}"));
    CHECK_FALSE(is_accepted("retention: {runs: 10000001}"));
}

TEST_CASE("config: mistakes in retention are named at their place", "[config]") {
    CHECK_THAT(read("retention:\n  kep: 30d\n").findings(), Contains("did you mean `keep`?"));
    CHECK_THAT(read("retention: 30d\n").findings(), Contains("keep, runs, actions"));
    CHECK_THAT(read("retention:\n  actions: [a]\n").findings(), Contains("f:2:12"));
    CHECK_THAT(read("retention:\n  actions:\n    deploy: {keep: 30}\n").findings(),
               Contains("add the unit"));
    CHECK_THAT(read("retention:\n  actions:\n    deploy: {runs: many}\n").findings(),
               Contains("a whole number from 1"));
}
