// What Azure's incoming webhook answers, by its documentation.
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/String.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "standin.hpp"

using namespace standin_test;

namespace {

// Microsoft's published example: body, secret `secret`, and its signature in upper-case
// hexadecimal.
const std::string kBody =
    R"({"resource":{"message":{"title":"Hello, world!","subtitle":"I'm using WebHooks!"}}})";
const std::string kSignature = "750D33212D3AD4932CC390819050734831A0A94F";
const std::string kHeader = "X-WH-Checksum";
const std::string kTarget = "/_apis/public/distributedtask/webhooks/hook?api-version=6.0-preview";

const std::vector<std::string> kVerifying{"--webhook", "hook",     "--secret",
                                          "secret",    "--header", "X-WH-Checksum"};

std::string message_of(const Answer& answer) {
    const auto envelope =
        Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Object::Ptr>();
    for (const char* member :
         {"$id", "innerException", "typeName", "typeKey", "errorCode", "eventId"}) {
        CHECK(envelope->has(member));
    }
    return envelope->getValue<std::string>("message");
}

}  // namespace

TEST_CASE("azure standin: the published signature is accepted in every form senders use",
          "[azure-standin]") {
    Standin standin(kVerifying);
    const std::string lower = Poco::toLower(kSignature);
    for (const std::string& value : {kSignature, lower, "sha1=" + lower, "SHA1=" + kSignature}) {
        INFO(value);
        const Answer answer = standin.deliver(kBody, {{"x-wh-checksum", value}});
        CHECK(answer.status == 200);
        CHECK(answer.body.empty());
        const auto line = standin.wait_for_line("signature verified");
        REQUIRE(line.has_value());
        CHECK(line->find("POST /contoso/_apis/public/distributedtask/webhooks/hook") !=
              std::string::npos);
        CHECK(line->find(value) != std::string::npos);
    }
    CHECK(standin.get_array("/_standin/received")->size() == 4);
}

TEST_CASE("azure standin: a wrong hash is a 500 that gives the payload back", "[azure-standin]") {
    Standin standin(kVerifying);
    for (const std::string& value : {std::string(40, '0'), std::string("junk"),
                                     kSignature.substr(0, 39), "sha256=" + kSignature}) {
        INFO(value);
        const Answer answer = standin.deliver(kBody, {{kHeader, value}});
        CHECK(answer.status == 500);
        const std::string message = message_of(answer);
        CHECK(message.find("WebHookPayloadHashDoesNotMatch") != std::string::npos);
        CHECK(message.find(kBody) != std::string::npos);
        const auto line = standin.wait_for_line("refused: the signature is wrong");
        REQUIRE(line.has_value());
        CHECK(line->find("Hello") == std::string::npos);
    }
    const Answer changed = standin.deliver(kBody + " ", {{kHeader, kSignature}});
    CHECK(changed.status == 500);
    CHECK(standin.get_array("/_standin/received")->size() == 0);
}

TEST_CASE("azure standin: missing header and empty body and unknown name are 500s of their own",
          "[azure-standin]") {
    Standin standin(kVerifying);
    const Answer missing = standin.deliver(kBody);
    CHECK(missing.status == 500);
    CHECK(message_of(missing).find("RequiredHeaderSignatureNotFound") != std::string::npos);

    const Answer empty = standin.deliver("", {{kHeader, sha1_signature("secret", "")}});
    CHECK(empty.status == 500);
    CHECK(message_of(empty).find("EmptyWebHookEventPayload") != std::string::npos);

    const Answer unknown = standin.request(
        "POST", "/contoso/_apis/public/distributedtask/webhooks/other?api-version=6.0-preview",
        kBody, {{kHeader, kSignature}});
    CHECK(unknown.status == 500);
    CHECK(message_of(unknown) ==
          "Cannot find webhook for the given webHookId other. Try enabling CD trigger for this "
          "artifact.");
}

TEST_CASE("azure standin: without a configured header nothing is verified", "[azure-standin]") {
    Standin standin({"--webhook", "hook", "--secret", "secret"});
    CHECK(standin.deliver(kBody).status == 200);
    CHECK(standin.deliver(kBody, {{kHeader, "junk"}}).status == 200);
    CHECK(standin.wait_for_line("verification is off").has_value());
}

TEST_CASE("azure standin: api-version and POST are required and any organization will do",
          "[azure-standin]") {
    Standin standin(kVerifying);
    const Headers signed_headers{{kHeader, kSignature}};
    CHECK(standin.request("POST", kTarget, kBody, signed_headers).status == 200);
    CHECK(standin.request("POST", "/tfs/Default" + kTarget, kBody, signed_headers).status == 200);
    CHECK(standin.request("POST", "/a/b/c" + kTarget, kBody, signed_headers).status == 404);
    const std::string bare = kTarget.substr(0, kTarget.find('?'));
    CHECK(standin.request("POST", bare, kBody, signed_headers).status == 400);
    CHECK(standin.request("POST", bare + "?api-version=", kBody, signed_headers).status == 400);
    CHECK(standin.request("PUT", kTarget, kBody, signed_headers).status == 405);
    CHECK(standin.get(kTarget).status == 405);
    CHECK(standin.raw("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n").rfind("HTTP/1.1 400", 0) == 0);
}

TEST_CASE("azure standin: several webhooks keep their own secrets", "[azure-standin]") {
    Standin standin({"--webhook", "hook", "--secret", "one", "--header=X-One", "--webhook=two",
                     "--secret-env", "SECOND_SECRET", "--header", "X-Two"},
                    {{"SECOND_SECRET", "zwei"}});
    CHECK(standin.deliver(kBody, {{"X-One", sha1_signature("one", kBody)}}).status == 200);
    const std::string second =
        "/contoso/_apis/public/distributedtask/webhooks/two?api-version=7.2-preview.2";
    CHECK(
        standin.request("POST", second, kBody, {{"X-Two", sha1_signature("zwei", kBody)}}).status ==
        200);
    CHECK(
        standin.request("POST", second, kBody, {{"X-Two", sha1_signature("one", kBody)}}).status ==
        500);
}

TEST_CASE("azure standin: a body of 5 MiB is taken and one byte more is refused",
          "[azure-standin]") {
    Standin standin(kVerifying);
    std::string body(5UL * 1024 * 1024, 'x');
    CHECK(standin.deliver(body, {{kHeader, sha1_signature("secret", body)}}).status == 200);
    body += 'x';
    CHECK(standin.deliver(body, {{kHeader, sha1_signature("secret", body)}}).status == 413);
}

TEST_CASE("azure standin: chunked bodies are taken and cut off ones are not", "[azure-standin]") {
    Standin standin(kVerifying);
    const std::string head =
        "POST " + kTarget + " HTTP/1.1\r\nHost: x\r\n" + kHeader + ": " + kSignature + "\r\n";
    const std::string first = "a\r\n" + kBody.substr(0, 10) + "\r\n";
    const std::string rest = "49\r\n" + kBody.substr(10) + "\r\n";
    REQUIRE(kBody.size() == 83);
    const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n" + first + rest;
    CHECK(standin.raw(chunked + "0\r\n\r\n").rfind("HTTP/1.1 200", 0) == 0);
    CHECK(standin.raw(chunked, true).empty());
    CHECK(standin.wait_for_line("ended in the middle").has_value());
    const std::string sized = head + "Content-Length: 83\r\n\r\n";
    CHECK(standin.raw(sized + kBody).rfind("HTTP/1.1 200", 0) == 0);
    CHECK(standin.raw(sized + kBody, true).rfind("HTTP/1.1 200", 0) == 0);
    CHECK(standin.raw(sized + kBody.substr(1), true).empty());
    CHECK(standin.get_array("/_standin/received")->size() == 3);
}

TEST_CASE("azure standin: ambiguous framing is refused", "[azure-standin]") {
    Standin standin(kVerifying);
    const std::string head =
        "POST " + kTarget + " HTTP/1.1\r\nHost: x\r\n" + kHeader + ": " + kSignature + "\r\n";
    const std::string length = "Content-Length: 83\r\n";
    for (const std::string& lines :
         {length + length, length + "Transfer-Encoding: chunked\r\n",
          std::string("Content-Length: +83\r\n"), std::string("Transfer-Encoding: xchunked\r\n")}) {
        INFO(lines);
        CHECK(standin.raw(head + lines + "\r\n").rfind("HTTP/1.1 400", 0) == 0);
    }
    CHECK(standin.raw(head + "\r\n").rfind("HTTP/1.1 411", 0) == 0);
}

TEST_CASE("azure standin: header values are the bytes received", "[azure-standin]") {
    Standin standin({"--webhook", "hook"});
    const std::string word = "=?UTF-8?B?aGVsbG8=?=";
    standin.raw("POST " + kTarget + " HTTP/1.1\r\nHost: x\r\nX-Word: " + word +
                "\r\nX-Byte: \xe9\r\nContent-Length: 2\r\n\r\n{}");
    const auto received = standin.get_array("/_standin/received");
    REQUIRE(received->size() == 1);
    const auto headers = received->getObject(0)->getObject("headers");
    CHECK(headers->getValue<std::string>("X-Word") == word);
    CHECK(headers->getValue<std::string>("X-Byte") == "\xc3\xa9");
}

TEST_CASE("azure standin: deliveries are recorded with their ids and bytes", "[azure-standin]") {
    const Folder folder;
    const std::string file = folder.path("received");
    Standin standin({"--webhook", "hook", "--received", file});
    standin.deliver(R"({"port_context":{"runId":"r_1"}})", {{"webhook-id", "d_1"}});
    standin.deliver(R"({"context":{"runId":"r_2"}})", {{"X-Delivery-Id", "d_2"}});
    standin.deliver(R"({"run":{"id":"r_3"}})");
    standin.deliver("not json");

    const std::string content = read_file(file);
    CHECK(std::count(content.begin(), content.end(), '\n') == 4);
    CHECK(content.find(R"({"id":"r_1","delivery":"d_1","body_base64":)"
                       R"("eyJwb3J0X2NvbnRleHQiOnsicnVuSWQiOiJyXzEifX0=","headers":{)") == 0);
    const auto received = standin.get_array("/_standin/received");
    REQUIRE(received->size() == 4);
    CHECK(received->getObject(1)->getValue<std::string>("id") == "r_2");
    CHECK(received->getObject(1)->getValue<std::string>("delivery") == "d_2");
    CHECK(received->getObject(2)->getValue<std::string>("id") == "r_3");
    CHECK(received->getObject(2)->get("delivery").isEmpty());
    CHECK(received->getObject(3)->get("id").isEmpty());
    CHECK(received->getObject(3)->getValue<std::string>("body_base64") == "bm90IGpzb24=");
}
