#include "support.hpp"

using Catch::Matchers::Contains;
using actions_test::good;
using actions_test::read;
using actions_test::with_inputs;
using namespace signalbox;
using actions::RequiredApproval;

namespace {

std::string with(const std::string& members) {
    return with_inputs("    properties: {}\n") + members;
}

}  // namespace

TEST_CASE("actions: an approval is asked for in each of Port's forms", "[actions]") {
    CHECK(good(with("")).approval == RequiredApproval::none);
    CHECK(good(with("requiredApproval: false\n")).approval == RequiredApproval::none);
    CHECK(good(with("requiredApproval: true\n")).approval == RequiredApproval::any);
    CHECK(good(with("requiredApproval: {type: ANY}\n")).approval == RequiredApproval::any);
    CHECK(good(with("requiredApproval: {type: ALL}\n")).approval == RequiredApproval::all);
}

TEST_CASE("actions: how approvers are told is read in Port's forms", "[actions]") {
    CHECK(good(with("approvalNotification: {type: email}\n")).notification_position.line == 0);
    CHECK(good(with("approvalNotification: {type: webhook, url: 'https://x.y', format: slack}\n"))
              .notification_position.line != 0);
}

TEST_CASE("actions: what an approval cannot be is refused at its place", "[actions]") {
    CHECK_THAT(read(with("requiredApproval: yep\n")).text(),
               Contains("a.yaml:10:19: error: ") && Contains("true, false or {type: ANY | ALL}"));
    CHECK_THAT(read(with("requiredApproval: {type: ALLL}\n")).text(),
               Contains("did you mean \"ALL\""));
    CHECK_THAT(read(with("requiredApproval: {}\n")).text(), Contains("needs a `type`"));
    CHECK_THAT(read(with("requiredApproval: {type: ANY, by: me}\n")).text(),
               Contains("unknown key \"by\""));
    CHECK_THAT(read(with("approvalNotification: {type: pigeon}\n")).text(),
               Contains("accepted are email, webhook"));
    CHECK_THAT(read(with("approvalNotification: {type: webhook}\n")).text(),
               Contains("needs a `url`"));
    CHECK_THAT(read(with("approvalNotification: {type: email, url: 'https://x.y'}\n")).text(),
               Contains("unknown key \"url\""));
    CHECK_THAT(
        read(with("approvalNotification: {type: webhook, url: 'https://x.y', format: xml}\n"))
            .text(),
        Contains("accepted are json, slack"));
}
