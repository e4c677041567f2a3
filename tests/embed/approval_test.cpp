// Approvals as a host gives them, and permissions written in code.
#include <catch2/catch.hpp>

#include "host.hpp"

using namespace signalbox;
using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

Settings careful(const Host& host) {
    Settings settings = host_settings(host.folder.path(), nowhere());
    settings.actions[0].text += "requiredApproval: { type: ALL }\n";
    settings.clients = {{"portal", {"KEY", ""}, {"invoke", "view"}, true},
                        {"lead", {"KEY", ""}, {"view", "approve"}}};
    PolicySettings policy;
    policy.action = "deploy";
    policy.approval_deadline_ms = 60'000;
    settings.policies = {policy};
    settings.permissions = {{"deploy", {}, {}, {{"lead", "user:bob@example.com"}}, {}}};
    return settings;
}

}  // namespace

TEST_CASE("embed: a host approves and declines, and is told what was decided", "[embed]") {
    Host host;
    auto made = Dispatcher::from_settings(careful(host), host.seams());
    INFO((made ? "" : made.error().message));
    REQUIRE(made);
    Dispatcher& dispatcher = **made;
    REQUIRE(dispatcher.start());
    Invocation invocation;
    invocation.action = "deploy";
    invocation.properties = R"({"name": "x"})";
    invocation.by = "portal";
    invocation.user = "Ada@Example.com";
    auto run = dispatcher.invoke(invocation);
    REQUIRE(run);
    CHECK(run->status == "WAITING_FOR_APPROVAL");
    CHECK(run->user == "ada@example.com");
    CHECK(run->approval == "ALL");
    CHECK(run->approval_deadline_ms == run->created_ms + 60'000);
    RunDecision decision;
    decision.by = "portal";
    decision.user = "ada@example.com";
    CHECK(dispatcher.approve(run->id, decision).error().code == "approver_is_requester");
    decision.user = "bob@example.com";
    decision.comment = "go";
    auto half = dispatcher.approve(run->id, decision);
    REQUIRE(half);
    CHECK(half->phase == "waiting_approval");
    REQUIRE(half->decisions.size() == 1);
    CHECK(half->decisions[0].approves);
    CHECK(half->decisions[0].user == "bob@example.com");
    CHECK(half->decisions[0].comment == "go");
    CHECK(dispatcher.approve(run->id, decision).error().code == "already_decided");
    auto declined = dispatcher.decline(run->id, {false, "lead", "", "no", 0});
    REQUIRE(declined);
    CHECK(declined->status == "DECLINED");
    CHECK(dispatcher.decline(run->id, {false, "boss", "", "", 0}).error().code ==
          "approval_closed");
    decision.user = "nobody";
    CHECK(dispatcher.approve(run->id, decision).error().code == "invalid_body");
    CHECK(dispatcher.decline("r_none", {false, "lead", "", "", 0}).error().code ==
          "run_not_found");
    dispatcher.stop(0);
}

TEST_CASE("embed: what approvals and permissions get wrong is named by its pointer", "[embed]") {
    const auto findings = [](const std::function<void(Settings&)>& spoil) {
        Host host;
        Settings settings = careful(host);
        spoil(settings);
        auto made = Dispatcher::from_settings(settings, host.seams());
        REQUIRE_FALSE(made);
        return made.error().message;
    };
    CHECK_THAT(findings([](Settings& settings) { settings.permissions[0].action = "deplo"; }),
               Contains("/permissions/deplo: ") && Contains("did you mean 'deploy'"));
    CHECK_THAT(findings([](Settings& settings) { settings.permissions[0].approve = {{"laed"}}; }),
               Contains("/permissions/deploy/approve/0: ") && Contains("`lead`"));
    CHECK_THAT(findings([](Settings& settings) { settings.policies[0].approval_notify = "tell"; }),
               Contains("/policies/deploy/approval/notify: "));
    CHECK_THAT(
        findings([](Settings& settings) { settings.policies[0].approval_notify = "deploy"; }),
        Contains("needs an approval itself"));
    CHECK_THAT(findings([](Settings& settings) { settings.actions[0] = host_action(); }),
               Contains("has no requiredApproval"));
}
