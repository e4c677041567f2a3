#include "app/client/runs.hpp"

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

TEST_CASE("app: runs list passes its filters on and prints a table", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {200, R"({"ok":true,"runs":[{"id":"r_2","action":"deploy","status":"IN_PROGRESS",
            "phase":"held","createdAt":"2026-01-31T09:00:00.000Z","statusLabel":null},
            {"id":"r_1","action":{"identifier":"scale"},"status":"SUCCESS","phase":"finished",
            "createdAt":"2026-01-30T09:00:00.000Z","statusLabel":"a\nb"}],"next":"41"})"};
    });
    test::Program program;
    const auto ended =
        program.run({"runs", "list", "--server", server.url(), "--action", "a&b", "--status",
                     "SUCCESS", "--phase", "held", "--limit", "2", "--cursor", "50"});
    CHECK(ended.code == exit_code::success);
    CHECK(server.lines() ==
          Words{"GET /v1/actions/runs?action=a%26b&status=SUCCESS&phase=held&limit=2&cursor=50"});
    CHECK(ended.out ==
          "ID   ACTION  STATUS       PHASE     CREATED                   LABEL\n"
          "r_2  deploy  IN_PROGRESS  held      2026-01-31T09:00:00.000Z\n"
          "r_1  scale   SUCCESS      finished  2026-01-30T09:00:00.000Z  a b\n");
    CHECK(contains(ended.err, "--cursor 41"));
}

TEST_CASE("app: runs list without runs is its heading", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {200, R"({"ok":true,"runs":[],"next":null})"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "--server", server.url()});
    CHECK(server.lines() == Words{"GET /v1/actions/runs"});
    CHECK(ended.out.starts_with("ID"));
    CHECK(ended.err.empty());
    const auto as_json = program.run({"runs", "--json", "--server", server.url()});
    CHECK(as_json.out == "{\"ok\":true,\"runs\":[],\"next\":null}\n");
}

TEST_CASE("app: a limit that is no number is refused before anything is asked", "[app]") {
    test::Program program;
    const auto ended = program.run({"runs", "list", "--limit", "ten"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "--limit: 'ten' is not a whole number"));
}

TEST_CASE("app: runs show prints the request of the last attempt to the byte", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {200,
                R"({"ok":true,"run":{"id":"r_1","attempts":[{"number":1,"request":{"method":"GET",
            "url":"http://first","headers":[],"body":""}},{"number":2,"request":{"method":"POST",
            "url":"https://dev.azure.com/x","headers":[{"name":"X-Port-Signature","value":"5d61"},
            {"name":"Content-Type","value":"application/json"}],"body":"{\"a\": 1.10}\u0001"}}]}})"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "show", "r_1", "--request", "--server", server.url()});
    CHECK(ended.code == exit_code::success);
    CHECK(server.lines() == Words{"GET /v1/actions/runs/r_1?request=true"});
    CHECK(ended.out ==
          "POST https://dev.azure.com/x\nX-Port-Signature: 5d61\nContent-Type: application/json\n\n"
          "{\"a\": 1.10}\x01");
}

TEST_CASE("app: a run that was never sent has no request to show", "[app]") {
    const std::string attempts = GENERATE("[]", "null", "[{\"number\":1}]");
    ServerDouble server([&](const Received&) -> Scripted {
        return {200, R"({"ok":true,"run":{"id":"r_1","attempts":)" + attempts + "}}"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "show", "r_1", "--request", "--server", server.url()});
    CHECK(ended.code == exit_code::failure);
    CHECK(ended.out.empty());
    CHECK(contains(ended.err, "nothing was sent yet"));
}

TEST_CASE("app: runs show asks for one run and encodes its id", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {404, R"({"ok":false,"error":"run_not_found","message":"no run 'x'"})"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "show", "../x", "--server", server.url()});
    CHECK(ended.code == exit_code::failure);
    CHECK(server.lines() == Words{"GET /v1/actions/runs/..%2Fx"});
    CHECK(contains(ended.err, "no run 'x' (run_not_found)"));
    CHECK(program.run({"runs", "show"}).code == exit_code::usage);
    CHECK(program.run({"runs", "show", ""}).code == exit_code::usage);
}

TEST_CASE("app: runs logs prints each line with its time", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {200, R"({"ok":true,"runLogs":[{"id":"1","message":"checked out\n","createdAt":"T1"},
            {"id":"2","message":"\u001b[1mdone","createdAt":"T2","statusLabel":"ok",
             "terminationStatus":"SUCCESS"}]})"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "logs", "r_1", "--server", server.url()});
    CHECK(ended.code == exit_code::success);
    CHECK(server.lines() == Words{"GET /v1/actions/runs/r_1/logs?limit=1000"});
    CHECK(ended.out == "T1  checked out\nT2  \\x1b[1mdone  [ok]  [SUCCESS]\n");
}

TEST_CASE("app: runs logs asks for every page and never for the same one twice", "[app]") {
    ServerDouble server([](const Received& request) -> Scripted {
        const bool first = !contains(request.line, "cursor");
        return {200,
                first ? R"({"ok":true,"runLogs":[{"message":"a","createdAt":"T1"}],"next":"7"})"
                      : R"({"ok":true,"runLogs":[{"message":"b","createdAt":"T2"}],"next":"7"})"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "logs", "r_1", "--server", server.url()});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out == "T1  a\nT2  b\n");
    CHECK(server.lines() == Words{"GET /v1/actions/runs/r_1/logs?limit=1000",
                                  "GET /v1/actions/runs/r_1/logs?limit=1000&cursor=7"});
    const auto as_json = program.run({"runs", "logs", "r_1", "--json", "--server", server.url()});
    CHECK(std::count(as_json.out.begin(), as_json.out.end(), '\n') == 2);
}

TEST_CASE("app: runs redeliver and cancel change the run or say why not", "[app]") {
    const std::string verb = GENERATE("redeliver", "cancel");
    int status = 200;
    ServerDouble server([&](const Received&) -> Scripted {
        if (status == 409)
            return {409, R"({"ok":false,"error":"conflict","message":"it is sending"})"};
        return {200, R"({"ok":true,"run":{"id":"r_1","status":"S","phase":"p"}})"};
    });
    test::Program program;
    const auto ended = program.run({"runs", verb, "r_1", "--server", server.url()});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out == "r_1 S p\n");
    CHECK(server.lines() == Words{"POST /v1/actions/runs/r_1/" + verb});
    CHECK(program.run({"runs", verb, "r_1", "--json", "--server", server.url()}).out ==
          "{\"ok\":true,\"run\":{\"id\":\"r_1\",\"status\":\"S\",\"phase\":\"p\"}}\n");
    status = 409;
    const auto refused = program.run({"runs", verb, "r_1", "--server", server.url()});
    CHECK(refused.code == exit_code::failure);
    CHECK(contains(refused.err, "it is sending (conflict)"));
}
