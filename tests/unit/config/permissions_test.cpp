#include "base/limits.hpp"
#include "support.hpp"

using Catch::Matchers::Contains;
using config_test::read;

namespace {

const std::string kClients = R"(
clients:
  - { id: portal, secret: { env: A }, may: [ invoke, view, approve ], trusted: true }
  - { id: lead, secret: { env: B }, may: [ approve ] }
  - { id: ops, secret: { env: C }, may: [ admin ] }
)";

std::string findings(const std::string& text) {
    return read(kClients + text).findings();
}

}  // namespace

TEST_CASE("config: permissions name clients and identities for each verb", "[config]") {
    const auto result = read(kClients + R"(
permissions:
  deploy:
    view: [ portal, ops ]
    invoke: [ user:Ada@Example.com ]
    approve: []
)");
    CHECK_THAT(result.findings(), !Contains("error"));
    REQUIRE(result.config.permissions.size() == 1);
    const auto& deploy = result.config.permissions[0];
    CHECK(deploy.action == "deploy");
    CHECK(*deploy.lists[0] == std::vector<std::string>{"portal", "ops"});
    CHECK(*deploy.lists[1] == std::vector<std::string>{"user:ada@example.com"});
    REQUIRE(deploy.lists[2]);
    CHECK(deploy.lists[2]->empty());
    CHECK_FALSE(deploy.lists[3]);
    CHECK(result.config.clients[0].trusted);
    CHECK_FALSE(result.config.clients[1].trusted);
}

TEST_CASE("config: a typo in permissions is an error and never an open door", "[config]") {
    CHECK_THAT(findings("permissions: { deploy: { approve: [ laed ] } }"),
               Contains("did you mean `lead`"));
    CHECK_THAT(findings("permissions: { deploy: { aprove: [ lead ] } }"), Contains("approve"));
    CHECK_THAT(findings("permissions: { deploy: { invoke: [ lead ] } }"),
               Contains("does not have the right invoke"));
    CHECK_THAT(findings("permissions: { deploy: { invoke: [ 'user:ada' ] } }"),
               Contains("user:ada@example.com"));
    CHECK_THAT(findings("permissions: { deploy: { approve: [ lead, lead ] } }"),
               Contains("listed twice"));
    CHECK_THAT(findings("permissions: { deploy: { approve: lead } }"), Contains("approve"));
    CHECK_THAT(findings("permissions: []"), Contains("must be a mapping"));
    CHECK_THAT(read("clients: [ { id: a, secret: { env: A }, may: [ view ], trusted: maybe } ]")
                   .findings(),
               Contains("`trusted` must be true or false"));
}

TEST_CASE("config: a list of permissions is taken at its limit and refused one past it",
          "[config]") {
    const auto with = [](std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i)
            list += (i == 0 ? "" : ", ") + std::string("'user:u") + std::to_string(i) + "@x.y'";
        return findings("permissions: { deploy: { view: [ " + list + " ] } }");
    };
    CHECK_THAT(with(signalbox::limits::config_permission_names_max), !Contains("error"));
    CHECK_THAT(with(signalbox::limits::config_permission_names_max + 1),
               Contains("at most 100 are accepted"));
}

TEST_CASE("config: a policy says when an approval ends and what tells of it", "[config]") {
    const auto result =
        read("policies: { deploy: { approval: { deadline: 24h, notify: tell } } }");
    CHECK_THAT(result.findings(), !Contains("error"));
    const auto& policy = result.config.policies.at(0);
    CHECK(policy.approval_written);
    CHECK(policy.approval_deadline_ms == 86'400'000);
    CHECK(policy.approval_notify == "tell");
    CHECK_FALSE(read("policies: { deploy: {} }").config.policies.at(0).approval_written);
    CHECK_THAT(read("policies: { deploy: { approval: { dedline: 1h } } }").findings(),
               Contains("deadline"));
}
