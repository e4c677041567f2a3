#include "app/client/invoke.hpp"

#include <Poco/Net/ServerSocket.h>

#include <catch2/catch.hpp>
#include <thread>

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

std::string run_json(const std::string& status, const std::string& phase) {
    return R"({"ok":true,"run":{"id":"r_1","action":"deploy","status":")" + status +
           R"(","phase":")" + phase + R"(","big":18446744073709551616}})";
}

const char* const kAction = R"({"ok":true,"action":{"identifier":"deploy","trigger":{"userInputs":
    {"properties":{"version":{"type":"string"},"replicas":{"type":"number"}}}}}})";

/// The action, an accepted invocation, then the given states one after another; the last one stays.
ServerDouble::Script follows(std::vector<std::pair<std::string, std::string>> states) {
    return [states, at = std::size_t{0}](const Received& request) mutable -> Scripted {
        if (request.line == "GET /v1/actions/deploy") return {200, kAction};
        if (request.line == "POST /v1/actions/deploy/runs") {
            return {202, run_json("IN_PROGRESS", "queued")};
        }
        const auto& state = states[std::min(at++, states.size() - 1)];
        return {200, run_json(state.first, state.second)};
    };
}

test::Program program_for(const ServerDouble& server) {
    test::Program program;
    program.environment["SIGNALBOX_URL"] = server.url();
    return program;
}

}  // namespace

TEST_CASE("app: invoke converts the inputs by the action's types and prints the run", "[app]") {
    ServerDouble server(follows({}));
    auto program = program_for(server);
    const auto ended = program.run({"invoke", "deploy", "-i", "version=1.10", "-i", "replicas=3"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out == "r_1 IN_PROGRESS queued\n");
    CHECK(ended.err.empty());
    REQUIRE(server.lines() == Words{"GET /v1/actions/deploy", "POST /v1/actions/deploy/runs"});
    CHECK(server.received()[1].body == R"({"properties":{"version":"1.10","replicas":3}})");
    CHECK(server.received()[1].content_type == "application/json");
    CHECK(server.received()[0].authorization.empty());
}

TEST_CASE("app: an option names the server before the environment does", "[app]") {
    ServerDouble server(follows({}));
    test::Program program;
    program.environment["SIGNALBOX_URL"] = "http://127.0.0.1:1";
    CHECK(program.run({"invoke", "deploy", "--server", server.url()}).code == exit_code::success);
}

TEST_CASE("app: invoke with JSON prints the reply's own bytes", "[app]") {
    ServerDouble server(follows({{"SUCCESS", "finished"}}));
    auto program = program_for(server);
    CHECK(program.run({"invoke", "deploy", "--json"}).out ==
          run_json("IN_PROGRESS", "queued") + "\n");
    const auto waited = program.run({"invoke", "deploy", "--json", "--wait"});
    CHECK(waited.code == exit_code::success);
    CHECK(waited.out == run_json("SUCCESS", "finished") + "\n");
}

TEST_CASE("app: waiting ends with the code of the run's end", "[app]") {
    const auto [status, phase, code] = GENERATE(table<std::string, std::string, int>({
        {"SUCCESS", "finished", 0},
        {"FAILURE", "finished", 1},
        {"DECLINED", "declined", 1},
        {"CANCELLED", "cancelled", 1},
        {"IN_PROGRESS", "held", 3},
        {"IN_PROGRESS", "unconfirmed", 3},
    }));
    ServerDouble server(follows({{"IN_PROGRESS", "sending"},
                                 {"IN_PROGRESS", "retrying"},
                                 {"IN_PROGRESS", "accepted"},
                                 {"WAITING_FOR_APPROVAL", "waiting_approval"},
                                 {"IN_PROGRESS", "confirmed"},
                                 {status, phase}}));
    auto program = program_for(server);
    const auto ended = program.run({"invoke", "deploy", "--wait"});
    CHECK(ended.code == code);
    CHECK(ended.out.starts_with("r_1 " + status + " " + phase + "\n"));
    CHECK(ended.err.empty());
    CHECK(program.sleeps.size() == 6);
    CHECK(contains(ended.out, "A person decides") == (code == 3));
}

TEST_CASE("app: waiting asks after a tenth of a second and then ever less often", "[app]") {
    std::vector<std::pair<std::string, std::string>> states(12, {"IN_PROGRESS", "queued"});
    states.emplace_back("SUCCESS", "finished");
    ServerDouble server(follows(states));
    auto program = program_for(server);
    CHECK(program.run({"invoke", "deploy", "--wait"}).code == 0);
    REQUIRE(program.sleeps.size() == 13);
    CHECK(program.sleeps.front() == 100);
    CHECK(program.sleeps.back() == 1000);
    CHECK(std::is_sorted(program.sleeps.begin(), program.sleeps.end()));
}

TEST_CASE("app: waiting is given up exactly when its time is over", "[app]") {
    ServerDouble server(follows({{"IN_PROGRESS", "sending"}}));
    auto program = program_for(server);
    const std::int64_t began_ms = program.clock.steady;
    const auto ended = program.run({"invoke", "deploy", "--wait", "--timeout", "2s"});
    CHECK(ended.code == exit_code::timeout);
    CHECK(program.clock.steady - began_ms == 2'000);
    CHECK(ended.out == "r_1 IN_PROGRESS sending\n");
    CHECK(contains(ended.err, "signalbox runs show r_1"));
}

TEST_CASE("app: no time to wait is one look", "[app]") {
    ServerDouble server(follows({{"SUCCESS", "finished"}}));
    auto program = program_for(server);
    CHECK(program.run({"invoke", "deploy", "--wait", "--timeout", "0"}).code == exit_code::timeout);
    CHECK(program.sleeps.empty());
}

TEST_CASE("app: waiting outlives a server that is away for a while", "[app]") {
    int asked = 0;
    ServerDouble server([&](const Received& request) -> Scripted {
        if (request.line.starts_with("POST")) return {202, run_json("IN_PROGRESS", "queued")};
        ++asked;
        if (asked == 1) return {503, R"({"ok":false,"error":"unavailable","message":"stopping"})"};
        if (asked == 2) return {429, R"({"ok":false,"error":"busy","message":"later"})"};
        return {200, run_json("SUCCESS", "finished")};
    });
    auto program = program_for(server);
    program.terminal = true;
    const auto ended = program.run({"invoke", "deploy", "--wait"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.err == "r_1 queued\nr_1 no answer, asking again\n");
}

TEST_CASE("app: waiting for a server that is gone for good ends with the timeout's code", "[app]") {
    ServerDouble server([&](const Received& request) -> Scripted {
        if (request.line.starts_with("POST")) return {202, run_json("IN_PROGRESS", "queued")};
        return {503, R"({"ok":false,"error":"unavailable","message":"stopping"})"};
    });
    auto program = program_for(server);
    const std::int64_t began_ms = program.clock.steady;
    CHECK(program.run({"invoke", "deploy", "--wait"}).code == exit_code::timeout);
    CHECK(program.clock.steady - began_ms >= 60'000);
    CHECK(program.clock.steady - began_ms <= 61'000);
}

TEST_CASE("app: a run that may not be seen any more ends the wait with its error", "[app]") {
    ServerDouble server([&](const Received& request) -> Scripted {
        if (request.line.starts_with("POST")) return {202, run_json("IN_PROGRESS", "queued")};
        return {403, R"({"ok":false,"error":"forbidden","message":"view is needed"})"};
    });
    auto program = program_for(server);
    const auto ended = program.run({"invoke", "deploy", "--wait"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "the run r_1 was accepted, but cannot be followed"));
    CHECK(contains(ended.err, "view is needed (forbidden)"));
}

TEST_CASE("app: progress is for terminals only and tells each phase once", "[app]") {
    const std::vector<std::pair<std::string, std::string>> states = {{"IN_PROGRESS", "queued"},
                                                                     {"IN_PROGRESS", "sending"},
                                                                     {"IN_PROGRESS", "sending"},
                                                                     {"SUCCESS", "finished"}};
    ServerDouble server(follows(states));
    auto program = program_for(server);
    program.terminal = true;
    CHECK(program.run({"invoke", "deploy", "--wait"}).err == "r_1 queued\nr_1 sending\n");
}

TEST_CASE("app: a refused invocation prints the details and exits 2", "[app]") {
    ServerDouble server([](const Received& request) -> Scripted {
        if (request.line.starts_with("GET")) return {200, kAction};
        return {422, R"({"ok":false,"error":"invalid_inputs","message":"2 inputs are not accepted",
            "details":[{"pointer":"/properties/env","message":"must be one of: dev"},
                       {"pointer":"","message":"\u001b[2Jx"}]})"};
    });
    auto program = program_for(server);
    const auto ended = program.run({"invoke", "deploy", "-i", "env=x", "--wait"});
    CHECK(ended.code == exit_code::usage);
    CHECK(ended.out.empty());
    CHECK(contains(ended.err, "error: 2 inputs are not accepted (invalid_inputs)\n"));
    CHECK(contains(ended.err, "  /properties/env: must be one of: dev\n"));
    CHECK(contains(ended.err, "  \\x1b[2Jx\n"));
}

TEST_CASE("app: a caller who may not see the action may still invoke it", "[app]") {
    ServerDouble server([](const Received& request) -> Scripted {
        if (request.line.starts_with("GET")) return {403, R"({"ok":false,"error":"forbidden"})"};
        return {202, run_json("IN_PROGRESS", "queued")};
    });
    auto program = program_for(server);
    CHECK(program.run({"invoke", "deploy", "-i", "n=3", "-i", "v=\"3\"", "-i", "s=x"}).code == 0);
    CHECK(server.received()[1].body == R"({"properties":{"n":3,"v":"3","s":"x"}})");
}

TEST_CASE("app: an action that is not there is refused before anything is invoked", "[app]") {
    ServerDouble server([](const Received&) -> Scripted {
        return {404, R"({"ok":false,"error":"not_found","message":"no action 'a/b'"})"};
    });
    auto program = program_for(server);
    const auto ended = program.run({"invoke", "a/b", "-i", "x=1"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "no action 'a/b' (not_found)"));
    CHECK(server.lines() == Words{"GET /v1/actions/a%2Fb"});
}

TEST_CASE("app: the idempotency key is sent and checked", "[app]") {
    ServerDouble server(follows({}));
    auto program = program_for(server);
    CHECK(program.run({"invoke", "deploy", "--idempotency-key", std::string(255, 'k')}).code == 0);
    CHECK(server.received()[0].idempotency_key == std::string(255, 'k'));
    for (const std::string& key : {std::string(256, 'k'), std::string(), std::string("a\r\nX: y"),
                                   std::string("é"), std::string("a b")}) {
        const auto ended = program.run({"invoke", "deploy", "--idempotency-key", key});
        CHECK(ended.code == exit_code::usage);
        CHECK(contains(ended.err, "--idempotency-key takes 1 to 255"));
    }
    CHECK(server.received().size() == 1);
}

TEST_CASE("app: a timeout without a wait or without a unit is a usage error", "[app]") {
    test::Program program;
    CHECK(contains(program.run({"invoke", "d", "--timeout", "5s"}).err, "--timeout is for --wait"));
    const auto ended = program.run({"invoke", "d", "--wait", "--timeout", "5"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "--timeout: '5' is not a duration"));
}

TEST_CASE("app: a server that does not run is named with what to do", "[app]") {
    Poco::Net::ServerSocket closed(Poco::Net::SocketAddress("127.0.0.1", 0));
    const std::string url = "http://127.0.0.1:" + std::to_string(closed.address().port());
    closed.close();
    test::Program program;
    const auto ended = program.run({"invoke", "deploy", "--server", url});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "is `signalbox serve` running?"));
}

TEST_CASE("app: an invocation whose reply was lost says how to go on", "[app]") {
    // The listener is closed with the connection: the request was sent and nothing came back.
    const auto ask = [](const Words& more) {
        Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
        std::thread server([&] {
            Poco::Net::StreamSocket connection = socket.acceptConnection();
            char part[1024];
            connection.receiveBytes(part, sizeof part);
            connection.shutdown();
        });
        test::Program program;
        Words words = {"invoke", "deploy", "--server",
                       "http://127.0.0.1:" + std::to_string(socket.address().port())};
        words.insert(words.end(), more.begin(), more.end());
        auto ended = program.run(words);
        server.join();
        return ended;
    };
    const auto without = ask({});
    CHECK(without.code == exit_code::usage);
    CHECK(contains(without.err, "it is not known whether the invocation was accepted"));
    CHECK(contains(without.err, "signalbox runs list --action deploy"));
    CHECK(contains(ask({"--idempotency-key", "k"}).err, "the same command again is safe"));
}

TEST_CASE("app: preview prints the exact request", "[app]") {
    ServerDouble server([](const Received& request) -> Scripted {
        if (request.line.starts_with("GET")) return {200, kAction};
        return {200, R"({"ok":true,"request":{"method":"POST","url":"https://dev.azure.com/x",
            "headers":[{"name":"X-Port-Signature","value":"5d61"},{"name":"A","value":"***"}],
            "body":"{\"version\":\"1.10\"}"}})"};
    });
    auto program = program_for(server);
    const auto ended = program.run({"preview", "deploy", "-i", "version=1.10"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out ==
          "POST https://dev.azure.com/x\nX-Port-Signature: 5d61\nA: ***\n\n{\"version\":\"1.10\"}");
    CHECK(server.lines()[1] == "POST /v1/actions/deploy/preview");
    CHECK(server.received()[1].body == R"({"properties":{"version":"1.10"}})");
    program.terminal = true;
    CHECK(program.run({"preview", "deploy"}).out == ended.out + "\n");
}

TEST_CASE("app: an offline preview asks the core and tries refused inputs as text", "[app]") {
    test::Program program;
    Words asked;
    program.core.preview = [&](const auto& config, const auto& action,
                               const auto& invocation) -> Result<Preview> {
        asked.push_back(config.string() + " " + action + " " + invocation);
        if (contains(invocation, "1.10,")) {
            return Error{"invalid_inputs", "refused", {{"/properties/version", "must be string"}}};
        }
        return Preview{"POST", "https://x", "A: b\n", "{}"};
    };
    const auto ended = program.run({"preview", "deploy", "--offline", "--config", "c.yaml", "-i",
                                    "version=1.10", "-i", "replicas=3"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out == "POST https://x\nA: b\n\n{}");
    CHECK(asked == Words{R"(c.yaml deploy {"properties":{"version":1.10,"replicas":3}})",
                         R"(c.yaml deploy {"properties":{"version":"1.10","replicas":3}})"});
}

TEST_CASE("app: an offline preview that stays refused prints why", "[app]") {
    test::Program program;
    int asked = 0;
    program.core.preview = [&](const auto&, const auto&, const auto&) -> Result<Preview> {
        ++asked;
        return Error{"invalid_inputs", "refused", {{"/properties/other", "is missing"}}};
    };
    const auto ended =
        program.run({"preview", "deploy", "--offline", "--config", "c.yaml", "-i", "version=1.10"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "  /properties/other: is missing"));
    CHECK(asked == 1);
}

TEST_CASE("app: preview refuses options that contradict each other", "[app]") {
    test::Program program;
    CHECK(contains(program.run({"preview", "d", "--config", "c.yaml"}).err,
                   "--config is for --offline"));
    const auto ended = program.run({"preview", "d", "--offline", "--server", "http://x"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "--offline asks no server"));
}
