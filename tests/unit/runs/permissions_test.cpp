#include "runs/permissions.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;
using namespace signalbox::runs;

namespace {

using Names = std::vector<std::string>;

/// `open` has no lists; `prod` is seen by portal and bob, invoked by bob, approved by lead.
Permissions some() {
    NamedLists prod;
    prod[0] = Names{"portal", "user:bob@example.com", "cli"};
    prod[1] = Names{"user:bob@example.com"};
    prod[2] = Names{"lead"};
    return Permissions({{"open", {}}, {"prod", prod}}, {"lead", "boss"}, {"ops"});
}

journal::Run run_of(const std::string& action) {
    journal::Run run;
    run.seed.id = "r_1";
    run.seed.action = action;
    run.seed.client = "portal";
    return run;
}

std::string refused(const Permissions& permissions, Verb verb, const std::string& action,
                    const Principal& who) {
    auto refusal =
        guard(std::make_shared<const Permissions>(permissions), verb, who)(run_of(action));
    return refusal ? refusal->code : "";
}

}  // namespace

TEST_CASE("permissions: without lists nobody is kept from anything", "[permissions]") {
    const Permissions none;
    CHECK(none.allow(Verb::approve, "any", {"portal", "", false, true}));
    CHECK_FALSE(none.visible_actions({"portal", "", false, true}));
    const Permissions empty({{"open", {}}}, {}, {});
    CHECK(empty.allow(Verb::view, "gone", {"portal", "", false, true}));
}

TEST_CASE("permissions: a list holds for those it names, by client or by identity",
          "[permissions]") {
    const Permissions some_are = some();
    const Principal portal{"portal", "", false, true};
    const Principal bob{"backstage", "bob@example.com", false, true};
    CHECK(some_are.allow(Verb::view, "prod", portal));
    CHECK_FALSE(some_are.allow(Verb::invoke, "prod", portal));
    CHECK(some_are.allow(Verb::invoke, "prod", bob));
    CHECK_FALSE(some_are.allow(Verb::invoke, "prod", {"user:bob@x.y", "", false, true}));
    CHECK_FALSE(some_are.allow(Verb::approve, "prod", bob));
    CHECK(some_are.allow(Verb::report, "prod", portal));
    CHECK(some_are.allow(Verb::invoke, "open", portal));
}

TEST_CASE("permissions: an admin is not kept out, but for whom it speaks may be",
          "[permissions]") {
    const Permissions some_are = some();
    CHECK(some_are.allow(Verb::invoke, "prod", {"ops", "", true, true}));
    CHECK_FALSE(some_are.allow(Verb::invoke, "prod", {"ops", "eve@example.com", true, true}));
    CHECK(some_are.allow(Verb::view, "gone", {"ops", "", true, true}));
}

TEST_CASE("permissions: an action that is gone is left to admins once any has lists",
          "[permissions]") {
    CHECK_FALSE(some().allow(Verb::view, "gone", {"portal", "", false, true}));
    CHECK(refused(some(), Verb::view, "gone", {"portal", "", false, true}) == "run_not_found");
}

TEST_CASE("permissions: what one may not see is not there, and the rest is forbidden",
          "[permissions]") {
    const Permissions some_are = some();
    const Principal stranger{"other", "", false, true};
    CHECK(refused(some_are, Verb::view, "prod", stranger) == "run_not_found");
    CHECK(refused(some_are, Verb::approve, "prod", stranger) == "run_not_found");
    const Principal portal{"portal", "", false, true};
    CHECK(refused(some_are, Verb::approve, "prod", portal) == "forbidden");
    CHECK(refused(some_are, Verb::approve, "prod", {"portal", "", false, false}) ==
          "run_not_found");
    CHECK(refused(some_are, Verb::view, "prod", portal).empty());
    CHECK(some_are.check(Verb::invoke, "prod", portal).error().code == "forbidden");
    const Error hidden = some_are.check(Verb::invoke, "prod", stranger).error();
    CHECK(hidden.code == "action_not_found");
    CHECK(hidden.message == "no action 'prod'");
    CHECK(some_are.check(Verb::invoke, "opne", stranger).error().message.find("'open'") !=
          std::string::npos);
    CHECK(*some_are.visible_actions(stranger) == Names{"open"});
    CHECK(*some_are.visible_actions(portal) == Names{"open", "prod"});
}

TEST_CASE("permissions: who may not see an action may not invoke or approve it by the right alone",
          "[permissions]") {
    NamedLists seen;
    seen[0] = Names{"portal", "boss"};
    const Permissions only({{"seen", seen}}, {"lead", "boss"}, {"ops"});
    const Principal lead{"lead", "", false, true};
    CHECK_FALSE(only.allow(Verb::invoke, "seen", lead));
    CHECK_FALSE(only.allow(Verb::approve, "seen", lead));
    CHECK(only.allow(Verb::report, "seen", lead));
    CHECK(only.allow(Verb::approve, "seen", {"boss", "", false, true}));
    CHECK(only.approvers("seen") == Names{"boss"});
}

TEST_CASE("permissions: approvers are those named, else those with the right, else admins",
          "[permissions]") {
    CHECK(some().approvers("prod") == Names{"lead"});
    CHECK(some().approvers("open") == Names{"lead", "boss"});
    CHECK(Permissions({{"open", {}}}, {}, {"ops"}).approvers("open") == Names{"ops"});
}

TEST_CASE("permissions: a run that only its requester could approve cannot be approved",
          "[permissions]") {
    const auto can = [](Names approvers, Names admins, bool all) {
        journal::Run run = run_of("open");
        run.state.approval.emplace();
        run.state.approval->all = all;
        return Permissions({{"open", {}}}, std::move(approvers), std::move(admins))
            .can_be_approved(run);
    };
    CHECK(can({"lead"}, {}, true));
    CHECK_FALSE(can({"portal"}, {}, false));
    CHECK(can({"portal"}, {"ops"}, false));
    CHECK_FALSE(can({"portal"}, {"ops"}, true));
    CHECK(can({}, {"ops"}, true));
    CHECK(can({}, {}, true));  // no clients: nobody is known
}
