// Faults on purpose, and the command line.
#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

#include <catch2/catch.hpp>

#include "standin.hpp"

using namespace standin_test;

TEST_CASE("azure standin: a status fault answers so often and takes nothing", "[azure-standin]") {
    Standin standin({"--webhook", "hook", "--fault", "status=503,retry-after=2,times=2", "--fault",
                     "status=429,times=1"});
    for (int i = 0; i < 2; ++i) {
        const Answer answer = standin.deliver("{}");
        CHECK(answer.status == 503);
        CHECK(answer.retry_after == "2");
    }
    CHECK(standin.deliver("{}").status == 429);
    CHECK(standin.get_array("/_standin/received")->size() == 0);
    CHECK(standin.deliver("{}").status == 200);
    CHECK(standin.get_array("/_standin/received")->size() == 1);
}

TEST_CASE("azure standin: a reset takes the delivery and loses the reply", "[azure-standin]") {
    Standin standin({"--webhook", "hook", "--fault", "reset-after-body,times=1"});
    CHECK_THROWS_AS(standin.deliver("{}"), Poco::Exception);
    CHECK(standin.get_array("/_standin/received")->size() == 1);
    CHECK(standin.deliver("{}").status == 200);
}

TEST_CASE("azure standin: a hanging reply holds neither other requests nor the end",
          "[azure-standin]") {
    Standin standin({"--webhook", "hook", "--fault", "hang-after-body,times=1"});
    Poco::Net::StreamSocket hanging{Poco::Net::SocketAddress(standin.host_and_port())};
    const std::string request =
        "POST /_apis/public/distributedtask/webhooks/hook?api-version=6.0-preview HTTP/1.1\r\n"
        "Host: x\r\nContent-Length: 2\r\n\r\n{}";
    hanging.sendBytes(request.data(), static_cast<int>(request.size()));
    CHECK(standin.wait_for_line("fault: never answered").has_value());
    CHECK(standin.deliver("{}").status == 200);
    CHECK(standin.get_array("/_standin/received")->size() == 2);
    CHECK(standin.stop() == 0);
    char byte = 0;
    CHECK(hanging.receiveBytes(&byte, 1) == 0);
}

TEST_CASE("azure standin: silent connections do not hold its end", "[azure-standin]") {
    Standin standin({"--webhook", "hook"});
    const Poco::Net::StreamSocket silent{Poco::Net::SocketAddress(standin.host_and_port())};
    Poco::Net::StreamSocket halfway{Poco::Net::SocketAddress(standin.host_and_port())};
    halfway.sendBytes("POST / HT", 9);
    CHECK(standin.deliver("{}").status == 200);
    CHECK(standin.stop() == 0);
}

TEST_CASE("azure standin: a delayed reply still comes", "[azure-standin]") {
    Standin standin({"--webhook", "hook", "--delay-reply", "5ms"});
    CHECK(standin.deliver("{}").status == 200);
}

TEST_CASE("azure standin: the command line is refused by name", "[azure-standin]") {
    struct Case {
        std::vector<std::string> arguments;
        std::string word;
    };
    const std::vector<Case> cases{
        {{}, "--webhook NAME is missing"},
        {{"--webhook"}, "--webhook needs a value"},
        {{"--webhook", "a b"}, "'a b'"},
        {{"--webhook", "a", "--webhook", "a"}, "given twice"},
        {{"--secret", "s"}, "must follow a --webhook"},
        {{"--webhook", "a", "--header", "H"}, "no --secret"},
        {{"--webhook", "a", "--secret-env", "STANDIN_TEST_UNSET"}, "STANDIN_TEST_UNSET"},
        {{"--webhook", "a", "--fault", "explode"}, "'explode' is no fault"},
        {{"--webhook", "a", "--fault", "times=2"}, "names no fault"},
        {{"--webhook", "a", "--fault", "status=99"}, "200 to 599"},
        {{"--webhook", "a", "--delay-reply", "3601s"}, "up to an hour"},
        {{"--webhook", "a", "--verbose=yes", "--help"}, "--verbose takes no value"},
        {{"--webhook", "a", "--frob"}, "'--frob' is not an option"},
        {{"--webhook", "a", "--variable", "x"}, "NAME=VALUE"},
    };
    for (const Case& refused : cases) {
        const Refusal refusal = run_refused(refused.arguments);
        INFO(refusal.text);
        CHECK(refusal.code == 2);
        CHECK(refusal.text.find(refused.word) != std::string::npos);
    }
}

TEST_CASE("azure standin: a pipeline for a webhook nobody registered is refused",
          "[azure-standin]") {
    const Folder folder;
    const std::string file = folder.write("p.yml",
                                          "resources:\n  webhooks:\n    - webhook: other\n"
                                          "      connection: c\nsteps:\n  - script: x\n");
    const Refusal refusal = run_refused({"--webhook", "hook", "--pipeline", file});
    CHECK(refusal.code == 2);
    CHECK(refusal.text.find("'other'") != std::string::npos);
}
