#include "app/client/many.hpp"

#include <catch2/catch.hpp>

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

const char* const kFirstPage =
    R"({"ok":true,"result":{"dryRun":false,"count":{"matched":2,"done":1,"refused":1},"runs":[
        {"id":"r_3","action":"deploy","phase":"retrying","done":true},
        {"id":"r_2","action":"deploy","phase":"accepted","done":false,"error":"changed_meanwhile",
         "message":"moved\non"}],"next":"2"}})";
const char* const kLastPage =
    R"({"ok":true,"result":{"dryRun":false,"count":{"matched":1,"done":1,"refused":0},"runs":[
        {"id":"r_1","action":"deploy","phase":"retrying","done":true}],"next":null}})";

std::vector<std::string> bodies(const ServerDouble& server) {
    std::vector<std::string> bodies;
    for (const Received& received : server.received())
        bodies.push_back(received.body);
    return bodies;
}

}  // namespace

TEST_CASE("app: redelivering by a filter goes on to the last page and says what happened",
          "[app]") {
    ServerDouble server([](const Received& received) -> Scripted {
        return {200, contains(received.body, "cursor") ? kLastPage : kFirstPage};
    });
    test::Program program;
    const auto ended =
        program.run({"runs", "redeliver", "--server", server.url(), "--action", "deploy",
                     "--connection", "contoso", "--phase", "held", "--created-from", "2026-11-22",
                     "--created-before", "2026-11-23"});
    CHECK(ended.code == exit_code::failure);
    CHECK(server.lines() ==
          Words{"POST /v1/actions/runs/redeliver", "POST /v1/actions/runs/redeliver"});
    const std::string filter =
        R"({"limit":1000,"action":"deploy","connection":"contoso","phase":"held",)"
        R"("createdFrom":"2026-11-22","createdBefore":"2026-11-23")";
    CHECK(bodies(server) == Words{filter + "}", filter + R"(,"cursor":"2"})"});
    CHECK(ended.out ==
          "r_3  deploy  retrying\n"
          "r_2  deploy  refused: moved on\n"
          "r_1  deploy  retrying\n"
          "3 runs match: 2 redelivered, 1 refused\n");
}

TEST_CASE("app: a dry run is asked for and told as one", "[app]") {
    ServerDouble server([](const Received&) -> Scripted { return {200, kLastPage}; });
    test::Program program;
    const auto ended = program.run(
        {"runs", "cancel", "--server", server.url(), "--status", "IN_PROGRESS", "--dry-run"});
    CHECK(ended.code == exit_code::success);
    CHECK(bodies(server) == Words{R"({"limit":1000,"status":"IN_PROGRESS","dryRun":true})"});
    CHECK(contains(ended.out, "1 run matches: 1 would be cancelled\n"));
}

TEST_CASE("app: a limit bounds all pages together", "[app]") {
    ServerDouble server([](const Received&) -> Scripted { return {200, kFirstPage}; });
    test::Program program;
    const auto ended = program.run(
        {"runs", "cancel", "--server", server.url(), "--action", "a", "--limit", "2", "--json"});
    CHECK(bodies(server) == Words{R"({"limit":2,"action":"a"})"});
    CHECK(contains(ended.out, "\"matched\":2"));
    CHECK(contains(ended.err, "2 runs match: 1 cancelled, 1 refused"));
}

TEST_CASE("app: what was done before a failure is said", "[app]") {
    int asked = 0;
    ServerDouble server([&](const Received&) -> Scripted {
        if (++asked == 1) return {200, kFirstPage};
        return {503, R"({"ok":false,"error":"journal_unavailable","message":"the disk is full"})"};
    });
    test::Program program;
    const auto ended =
        program.run({"runs", "redeliver", "--server", server.url(), "--action", "deploy"});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "before that: 2 runs match: 1 redelivered, 1 refused"));
    CHECK(contains(ended.err, "the disk is full"));
}

TEST_CASE("app: a run is named or chosen and not both nor neither", "[app]") {
    for (const Words& words : {Words{"runs", "cancel"}, Words{"runs", "cancel", "--dry-run"},
                               Words{"runs", "cancel", "r_1", "--action", "a"},
                               Words{"runs", "cancel", "r_1", "--dry-run"},
                               Words{"runs", "cancel", "r_1", "--limit", "3"},
                               Words{"runs", "cancel", "--action", "a", "--limit", "x"}}) {
        test::Program program;
        const auto ended = program.run(words);
        CHECK(ended.code == exit_code::usage);
        CHECK_FALSE(ended.err.empty());
    }
}

TEST_CASE("app: backup asks for one and prints where it is", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {201, R"({"ok":true,"backup":{"file":"/data/backups/n.sqlite","bytes":4096}})"};
    });
    test::Program program;
    const auto ended = program.run({"backup", "n", "--server", server.url()});
    CHECK(ended.code == exit_code::success);
    CHECK(server.lines() == Words{"POST /v1/backups"});
    CHECK(bodies(server) == Words{R"({"name":"n"})"});
    CHECK(ended.out == "/data/backups/n.sqlite  4096 bytes\n");
}
