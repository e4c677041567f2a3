#include "app/client/approval.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "app/client/json.hpp"
#include "unit/app/server_double.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;
using test::Received;
using test::Scripted;
using test::ServerDouble;
using Words = std::vector<std::string>;

namespace {

std::string shown(const std::string& json) {
    const auto run = parse_object(json);
    REQUIRE(run.ok());
    std::ostringstream out;
    print_approval(out, *run);
    return out.str();
}

}  // namespace

TEST_CASE("app: runs approve and decline send what was decided, for whom and why", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {201, R"({"ok":true,"run":{"id":"r_1","status":"IN_PROGRESS","phase":"queued"}})"};
    });
    test::Program program;
    const auto approved =
        program.run({"runs", "approve", "r_1", "--comment", "a \"quoted\" reason", "--run-as",
                     "ada+x@example.com", "--server", server.url()});
    CHECK(approved.code == exit_code::success);
    CHECK(approved.out == "r_1 IN_PROGRESS queued\n");
    CHECK(program.run({"runs", "decline", "r_1", "--server", server.url()}).code ==
          exit_code::success);
    CHECK(server.lines() ==
          Words{"PATCH /v1/actions/runs/r_1/approval?run_as=ada%2Bx%40example.com",
                "PATCH /v1/actions/runs/r_1/approval"});
    const auto requests = server.received();
    CHECK(requests.at(0).body == R"({"status":"APPROVE","description":"a \"quoted\" reason"})");
    CHECK(requests.at(1).body == R"({"status":"DECLINE"})");
}

TEST_CASE("app: a decision that is refused is exit code 1 with the reason", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {409, R"({"ok":false,"error":"approval_closed","message":"it is over"})"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "approve", "r_1", "--server", server.url()});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "it is over"));
    CHECK(program.run({"runs", "approve"}).code == exit_code::usage);
}

TEST_CASE("app: an approval is shown with its rule, its deadline and each decision", "[app]") {
    CHECK(shown(R"({"id":"r_1","phase":"waiting_approval","approval":{"type":"ALL",
        "deadline":"2026-01-31T09:00:00.000Z","decisions":[
        {"client":"portal","user":"ada@x.y","status":"APPROVE","at":"2026-01-30T09:00:00.000Z",
         "description":"two\nlines"}]}})") ==
          "approval    by everybody who is named, else declined at 2026-01-31T09:00:00.000Z\n"
          "  2026-01-30T09:00:00.000Z  approved by ada@x.y (portal): two lines\n");
    CHECK(shown(R"({"id":"r_1","phase":"declined","approval":{"type":"ANY",
        "deadline":"2026-01-31T09:00:00.000Z","decisions":[
        {"client":"lead","user":null,"status":"DECLINE","at":"2026-01-30T09:00:00.000Z",
         "description":null}]}})") ==
          "approval    by anyone who may\n"
          "  2026-01-30T09:00:00.000Z  declined by lead\n");
    CHECK(shown(R"({"id":"r_1","phase":"queued","approval":null})").empty());
}
