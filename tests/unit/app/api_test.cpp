#include "app/client/api.hpp"

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

const char* const kRun = R"({"ok":true,"run":{"id":"r_1","status":"SUCCESS","phase":"finished"}})";

Scripted token(const std::string& value) {
    return {200, R"({"ok":true,"accessToken":")" + value + R"(","expiresIn":10800})"};
}

test::Program client_of(const ServerDouble& server) {
    test::Program program;
    program.environment = {{"SIGNALBOX_URL", server.url()},
                           {"SIGNALBOX_CLIENT_ID", "portal\""},
                           {"SIGNALBOX_CLIENT_SECRET", "hunter2"}};
    return program;
}

}  // namespace

TEST_CASE("app: a client gets an access token once and uses it", "[app]") {
    ServerDouble server([](const Received& request) -> Scripted {
        return request.line.starts_with("POST /v1/auth") ? token("t.1") : Scripted{200, kRun};
    });
    auto program = client_of(server);
    CHECK(program.run({"runs", "show", "r_1"}).code == 0);
    const auto received = server.received();
    REQUIRE(received.size() == 2);
    CHECK(received[0].line == "POST /v1/auth/access_token");
    CHECK(received[0].body == R"({"clientId":"portal\"","clientSecret":"hunter2"})");
    CHECK(received[0].authorization.empty());
    CHECK(received[1].authorization == "Bearer t.1");
}

TEST_CASE("app: a token of the environment is used as it is", "[app]") {
    ServerDouble server([](const Received&) -> Scripted { return {200, kRun}; });
    test::Program program;
    program.environment = {{"SIGNALBOX_URL", server.url()}, {"SIGNALBOX_TOKEN", "given"}};
    CHECK(program.run({"runs", "show", "r_1"}).code == 0);
    REQUIRE(server.received().size() == 1);
    CHECK(server.received()[0].authorization == "Bearer given");
}

TEST_CASE("app: without --server and SIGNALBOX_URL the config here says which server is asked", "[app]") {
    ServerDouble server([](const Received&) -> Scripted { return {200, kRun}; });
    test::Program program;
    program.core.server_url = [&](const std::filesystem::path& config) -> Result<std::string> {
        CHECK(config == "signalbox.yaml");
        return server.url();
    };
    const test::Directory directory;
    CHECK(program.run({"runs", "show", "r_1", "--server", "http://127.0.0.1:1"}).code != 0);
    CHECK(server.received().empty());
    directory.write("signalbox.yaml", "");
    CHECK(program.run({"runs", "show", "r_1"}).code == 0);
    CHECK(server.received().size() == 1);
    program.environment = {{"SIGNALBOX_URL", "http://127.0.0.1:1"}};
    CHECK(program.run({"runs", "show", "r_1"}).code != 0);
    CHECK(server.received().size() == 1);
}

TEST_CASE("app: a config that does not say which server is asked is a usage error", "[app]") {
    test::Program program;
    program.core.server_url = [](const std::filesystem::path&) -> Result<std::string> {
        return Error{"config_invalid", "signalbox.yaml:1:9: error: no port"};
    };
    const test::Directory directory;
    directory.write("signalbox.yaml", "listen: here");
    const auto ended = program.run({"runs", "list"});
    CHECK(ended.code == 2);
    CHECK(contains(ended.err, "signalbox.yaml:1:9: error: no port"));
    CHECK(contains(ended.err, "--server URL or SIGNALBOX_URL"));
}

TEST_CASE("app: a token that has run out is replaced once", "[app]") {
    int tokens = 0;
    ServerDouble server([&](const Received& request) -> Scripted {
        if (request.line.starts_with("POST /v1/auth"))
            return token("t." + std::to_string(++tokens));
        if (request.line.starts_with("POST")) {
            return {202,
                    R"({"ok":true,"run":{"id":"r_1","status":"IN_PROGRESS","phase":"queued"}})"};
        }
        if (request.authorization == "Bearer t.2") return {200, kRun};
        return {401, R"({"ok":false,"error":"unauthorized","message":"the token has run out"})"};
    });
    auto program = client_of(server);
    CHECK(program.run({"invoke", "deploy", "--wait"}).code == 0);
    CHECK(tokens == 2);
}

TEST_CASE("app: a new token that is refused too is the end", "[app]") {
    ServerDouble server([&](const Received& request) -> Scripted {
        if (request.line.starts_with("POST /v1/auth")) return token("t");
        return {401, R"({"ok":false,"error":"unauthorized","message":"no"})"};
    });
    auto program = client_of(server);
    const auto ended = program.run({"runs", "show", "r_1"});
    CHECK(ended.code == exit_code::failure);
    CHECK(server.received().size() == 2);
}

TEST_CASE("app: wrong credentials are reported without the secret", "[app]") {
    ServerDouble server([&](const Received&) -> Scripted {
        return {401,
                R"({"ok":false,"error":"invalid_client","message":"client or secret is wrong"})"};
    });
    auto program = client_of(server);
    const auto ended = program.run({"runs", "show", "r_1"});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "client or secret is wrong (invalid_client)"));
    CHECK_FALSE(contains(ended.err + ended.out, "hunter2"));
    CHECK(server.received().size() == 1);
}

TEST_CASE("app: a call that needs credentials says how to give them", "[app]") {
    ServerDouble server([&](const Received&) -> Scripted {
        return {401, R"({"ok":false,"error":"unauthorized","message":"a token is needed"})"};
    });
    test::Program program;
    program.environment["SIGNALBOX_URL"] = server.url();
    CHECK(contains(program.run({"runs", "list"}).err,
                   "a token is needed (unauthorized); set SIGNALBOX_CLIENT_ID"));
}

TEST_CASE("app: half of a credential or one that is no header value is a usage error", "[app]") {
    test::Program program;
    program.environment["SIGNALBOX_CLIENT_SECRET"] = "hunter2";
    auto ended = program.run({"runs", "list"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "belong together"));
    CHECK_FALSE(contains(ended.err, "hunter2"));
    program.environment = {{"SIGNALBOX_TOKEN", "hunter2\r\nX: y"}};
    ended = program.run({"runs", "list"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "SIGNALBOX_TOKEN holds"));
    CHECK_FALSE(contains(ended.err, "hunter2"));
}

TEST_CASE("app: a server whose token is no header value is refused", "[app]") {
    const std::string value = GENERATE("", "a\\r\\nX: y", "a b");
    ServerDouble server([&](const Received&) -> Scripted { return token(value); });
    auto program = client_of(server);
    const auto ended = program.run({"runs", "list"});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "no usable access token"));
}

TEST_CASE("app: a server that is not Signalbox is told from one that refuses", "[app]") {
    const std::string body = GENERATE("<html>sign in</html>", "", "[1]", "{\"ok\":");
    ServerDouble server([&](const Received&) -> Scripted { return {200, body}; });
    test::Program program;
    const auto ended = program.run({"runs", "list", "--server", server.url()});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "answered 200 without a JSON object; is it Signalbox's address?"));
}

TEST_CASE("app: an error without code or message is told by its status", "[app]") {
    ServerDouble server([&](const Received&) -> Scripted {
        return {500, "{\"details\":[1,null]}"};
    });
    test::Program program;
    const auto ended = program.run({"runs", "list", "--server", server.url()});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "the server answered 500 (http_500)"));
}

TEST_CASE("app: paths and queries are percent-encoded", "[app]") {
    CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
    CHECK(percent_encode("a/b?c=d&e f%é\r\n") == "a%2Fb%3Fc%3Dd%26e%20f%25%C3%A9%0D%0A");
}
