// The webhook plugin, loaded by config, against a service on stock Poco.
#include <catch2/catch.hpp>

#include "signalbox/signing.hpp"
#include "support/receiver.hpp"
#include "support/serving.hpp"

using namespace signalbox;
using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

void configure(Serving& serving, const Receiver& receiver, const std::string& settings = {}) {
    serving.configure(
        "plugins: [ webhook ]\n"
        "connections:\n"
        "  hook:\n"
        "    plugin: webhook\n"
        "    settings: { base_url: \"" +
        receiver.url() + "/hooks\"" + settings +
        " }\n"
        "    signing: { key: { env: HOOK_SECRET } }\n"
        "    retry: { attempts: 3, first: 10ms, factor: 1, cap: 1s, jitter: 0 }\n"
        "    egress: { allow: [ 127.0.0.0/8 ] }\n");
}

const std::map<std::string, std::string> kEnvironment = {
    {"HOOK_SECRET", "hook-secret"},
    {"HOOK_TOKEN", "Bearer t0p-s3cret"},
    {"SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR}};

}  // namespace

TEST_CASE("webhook: an asynchronous call is signed and carries the delivery id", "[webhook]") {
    const Receiver receiver([](const auto&) { return Receiver::Reply{202, {}, ""}; });
    Serving serving;
    configure(serving, receiver, ", authorization: { env: HOOK_TOKEN }");
    serving.action("notify",
                   "  type: WEBHOOK\n"
                   "  url: \"/notify/{{ .inputs.word }}\"\n"
                   "  method: PUT\n"
                   "  queryParams: { dry: true, tag: [ a, b ] }\n"
                   "  headers: { X-Team: platform, Content-Type: application/x-thing+json }\n"
                   "  body: { word: \"{{ .inputs.word }}\" }\n");
    serving.start(kEnvironment);
    const Called accepted = serving.invoke("notify", R"({"word":"a b"})");
    REQUIRE(accepted.status == 202);
    const std::string id = accepted.text("run.id");
    const Called run = serving.await(id, {"accepted"});
    CHECK(run.text("run.phase") == "accepted");

    REQUIRE(receiver.received().size() == 1);
    const auto got = receiver.received().front();
    CHECK(got.method == "PUT");
    CHECK(got.uri == "/hooks/notify/a%20b?dry=true&tag=a&tag=b");
    CHECK(got.headers.at("x-team") == "platform");
    CHECK(got.headers.at("content-type") == "application/x-thing+json");
    CHECK(got.headers.at("x-signalbox-delivery") == id);
    CHECK(got.headers.at("authorization") == "Bearer t0p-s3cret");
    CHECK(got.body == R"({"word":"a b"})");
    CHECK(verify("port-v1", "hook-secret", got.body, got.headers.at("x-port-signature"),
                 got.headers.at("x-port-timestamp"), "",
                 std::stoll(got.headers.at("x-port-timestamp")), 300));

    // The secret is in nothing that is kept or shown.
    CHECK(run.body.find("t0p-s3cret") == std::string::npos);
    const Called shown = serving.get("/v1/actions/runs/" + id + "?request=true");
    CHECK(shown.body.find("t0p-s3cret") == std::string::npos);
    const Called preview =
        call(serving.url(), "POST", "/v1/actions/notify/preview", R"({"properties":{"word":"x"}})");
    CHECK(preview.status == 200);
    CHECK(preview.body.find("t0p-s3cret") == std::string::npos);
    CHECK_THAT(preview.body, Contains("***"));
    for (const auto& entry :
         std::filesystem::directory_iterator(serving.folder().path() / "data")) {
        if (!entry.is_regular_file()) continue;
        CAPTURE(entry.path());
        CHECK(
            serving.folder().read("data/" + entry.path().filename().string()).find("t0p-s3cret") ==
            std::string::npos);
    }
}

TEST_CASE("webhook: a synchronized reply decides the run and is kept", "[webhook]") {
    const Receiver receiver([](const Receiver::Received& got) {
        if (got.body.find("bad") != std::string::npos)
            return Receiver::Reply{422, {{"Content-Type", "text/plain"}}, "no such word"};
        if (got.body.find("late") != std::string::npos)
            return Receiver::Reply{500, {}, "it broke on the way"};
        return Receiver::Reply{201, {{"Content-Type", "application/json"}}, "{\"made\":7}"};
    });
    Serving serving;
    configure(serving, receiver);
    serving.action("make",
                   "  type: WEBHOOK\n  url: /make\n  synchronized: true\n"
                   "  body: { word: \"{{ .inputs.word }}\" }\n");
    serving.start(kEnvironment);
    std::vector<std::string> responses;
    std::vector<std::string> made;
    const auto outcome = [&](const std::string& word) {
        const std::string id = serving.invoke("make", "{\"word\":\"" + word + "\"}").text("run.id");
        const Called run = serving.await(id, {"finished", "held"});
        responses.push_back(run.text("run.response"));
        made.push_back(run.text("run.response.made"));
        return run.text("run.status") + " " + serving.get("/v1/actions/runs/" + id + "/logs").body;
    };
    CHECK_THAT(outcome("good"),
               Catch::Matchers::StartsWith("SUCCESS") && Contains("HTTP 201") && Contains("made"));
    CHECK_THAT(outcome("bad"), Catch::Matchers::StartsWith("FAILURE") && Contains("no such word"));
    CHECK_THAT(outcome("late"), Catch::Matchers::StartsWith("FAILURE") && Contains("it broke"));
    CHECK(receiver.received().size() == 3);
    // JSON as such, anything else as a text.
    CHECK(made.at(0) == "7");
    CHECK(responses.at(1) == "no such word");
    CHECK(responses.at(2) == "it broke on the way");
}

TEST_CASE("webhook: a pause that a synchronized reply asks for holds the next run back",
          "[webhook]") {
    const Receiver receiver([](const Receiver::Received&) {
        return Receiver::Reply{200, {{"Retry-After", "600"}}, ""};
    });
    Serving serving;
    configure(serving, receiver);
    serving.action("make", "  type: WEBHOOK\n  url: /make\n  synchronized: true\n");
    serving.start(kEnvironment);
    const Called first = serving.invoke("make", R"({"word":"a"})");
    CHECK(first.text("run.phase") == "sending");
    CHECK(serving.await(first.text("run.id"), {"finished"}).text("run.status") == "SUCCESS");
    CHECK(serving.invoke("make", R"({"word":"b"})").text("run.phase") == "queued");
}

TEST_CASE("webhook: a doubtful attempt is held or sent again as the setting says", "[webhook]") {
    int answered = 0;
    const Receiver receiver([&](const auto&) {
        return ++answered == 1 ? Receiver::Reply{502, {}, ""} : Receiver::Reply{200, {}, ""};
    });
    const bool deduplicates = GENERATE(false, true);
    Serving serving;
    configure(serving, receiver, deduplicates ? ", deduplicates: true" : "");
    serving.action("go", "  type: WEBHOOK\n  url: /go\n");
    serving.start(kEnvironment);
    const std::string id = serving.invoke("go").text("run.id");
    const Called run = serving.await(id, {"held", "accepted"});
    CHECK(run.text("run.phase") == (deduplicates ? "accepted" : "held"));
    const auto got = receiver.received();
    REQUIRE(got.size() == (deduplicates ? 2 : 1));
    for (const auto& request : got)
        CHECK(request.headers.at("x-signalbox-delivery") == id);
}

TEST_CASE("webhook: what cannot be sent is refused before the 202", "[webhook]") {
    const Receiver receiver([](const auto&) { return Receiver::Reply{}; });
    Serving serving;
    configure(serving, receiver);
    serving.action("anywhere", "  type: WEBHOOK\n  url: \"{{ .inputs.word }}\"\n");
    serving.action("header",
                   "  type: WEBHOOK\n  url: /x\n  headers: { X-Word: \"{{ .inputs.word }}\" }\n");
    serving.start(kEnvironment);
    for (const char* word : {"https://elsewhere.example/", "//elsewhere.example/", "../up",
                             "/a/%2e%2e/b", "/x#y", "ftp://x"}) {
        CAPTURE(word);
        const Called refused =
            serving.invoke("anywhere", std::string("{\"word\":\"") + word + "\"}");
        CHECK(refused.status == 422);
        CHECK_THAT(refused.body, Contains("/url"));
    }
    const Called refused = serving.invoke("header", R"({"word":"a\r\nX-Other: b"})");
    CHECK(refused.status == 422);
    CHECK_THAT(refused.body, Contains("line break"));
    CHECK(receiver.received().empty());
}

TEST_CASE("webhook: a secret that is written out is an error at its place", "[webhook]") {
    const Receiver receiver([](const auto&) { return Receiver::Reply{}; });
    Serving serving;
    configure(serving, receiver, ", authorization: \"Bearer in-the-file\"");
    const Ran refused = serving.refuse(kEnvironment);
    CHECK(refused.code == 2);
    CHECK_THAT(refused.output, Contains("signalbox.yaml:") && Contains("authorization"));
    CHECK_THAT(refused.output, !Contains("in-the-file"));
}

TEST_CASE("webhook: no input steps out of base_url, however a server between may spell the step",
          "[webhook]") {
    const Receiver receiver([](const auto&) { return Receiver::Reply{200, {}, ""}; });
    Serving serving;
    configure(serving, receiver);
    serving.action("notify",
                   "  type: WEBHOOK\n"
                   "  url: \"/d/{{ .inputs.word }}\"\n");
    serving.start(kEnvironment);
    const auto status = [&](const std::string& word) {
        return serving.invoke("notify", R"({"word":")" + word + "\"}").status;
    };
    for (const char* step : {"../x", "..%2f..%2fadmin", "%2e%2E/x", "a/..;/admin", "a/..;v=1",
                             "%252e%252e/x", "%25252e./x", R"(..\\admin)", "..%5C..%5cadmin",
                             "..%3Bx/y"}) {
        CAPTURE(step);
        CHECK(status(step) == 422);
    }
    for (const char* fine : {"a..b", "...", "a/..b/c", "50%25", "x;v=1", ".%2f."}) {
        CAPTURE(fine);
        CHECK(status(fine) == 202);
    }
}
