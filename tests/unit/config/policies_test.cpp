#include "support.hpp"

using Catch::Matchers::Contains;
using config_test::read;

TEST_CASE("config: a policy says how the runs of an action go out", "[config]") {
    const auto result = read(R"(
policies:
  deploy:
    deadline: 1h
    retry: { attempts: 3, retry_after_max: 5m }
    order: { by: environment, blocked: skip }
  build:
    order: {}
)");
    CHECK_THAT(result.findings(), !Contains("error"));
    REQUIRE(result.config.policies.size() == 2);
    const auto& deploy = result.config.policies[0];
    CHECK(deploy.action == "deploy");
    CHECK(deploy.deadline_ms == 3'600'000);
    REQUIRE(deploy.retry);
    CHECK(deploy.retry->attempts == 3);
    CHECK(deploy.retry->retry_after_max_ms == 300'000);
    CHECK(deploy.ordered);
    CHECK(deploy.order_by == "environment");
    CHECK(deploy.order_skips);
    const auto& build = result.config.policies[1];
    CHECK(build.ordered);
    CHECK(build.order_by.empty());
    CHECK_FALSE(build.order_skips);
    CHECK_FALSE(build.retry);
}

TEST_CASE("config: what a policy cannot say is refused with what it can", "[config]") {
    CHECK_THAT(read("policies: []").findings(), Contains("must be a mapping from an action"));
    CHECK_THAT(read("policies: {deploy: {dedline: 1h}}").findings(), Contains("deadline"));
    CHECK_THAT(read("policies: {deploy: {order: {blocked: parc}}}").findings(),
               Contains("did you mean `park`"));
    CHECK_THAT(read("policies: {deploy: {deadline: soon}}").findings(), Contains("deadline"));
}
