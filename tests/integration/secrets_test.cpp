// A secret's value is in what the target receives, and nowhere else: no file of the journal, no log
// line, no page, no reply. The target does its worst and repeats all that it was sent.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "signalbox/check.hpp"
#include "support/receiver.hpp"
#include "support/serving.hpp"

using namespace signalbox::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

/// Each with a character that is written differently in JSON or in a URL.
const std::map<std::string, std::string> kSecrets = {
    {"BODY_TOKEN", "body\"s3cret-8c1f"},
    {"HEADER_TOKEN", "header-s3cret-77aa"},
    {"PATH_TOKEN", "path s3cret-5d2b"},
    {"INPUT_KEY", "0123456789abcdef-inputkey-s3cret-9e0d"},
    {"HOOK_SECRET", "signing-s3cret-4f6a"},
    {"HOOK_LOGIN", "Bearer login\"s3cret-6b1e"}};
const std::string kInputSecret = "input-s3cret-a1b2";
const std::string kObjectSecret = "object-s3cret-c3d4";

std::vector<std::string> forbidden() {
    std::vector<std::string> values = {kInputSecret, kObjectSecret, "body\\\"s3cret-8c1f",
                                       "path%20s3cret-5d2b", "/hooked/T1", "login\"s3cret-6b1e",
                                       "login\\\"s3cret-6b1e"};
    for (const auto& [name, value] : kSecrets)
        values.push_back(value);
    return values;
}

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Receiver::Reply echo(const Receiver::Received& got) {
    Receiver::Reply reply{400, {{"Content-Type", "text/plain"}}, "you sent " + got.uri + "\n"};
    for (const auto& [name, value] : got.headers)
        reply.body += name + ": " + value + "\n";
    reply.body += got.body;
    return reply;
}

void configure(Serving& serving, const std::string& settings = {}) {
    serving.configure(
        "plugins: [ webhook ]\n"
        "connections:\n"
        "  hook:\n"
        "    plugin: webhook\n"
        "    settings: {" +
        settings +
        "}\n"
        "    signing: { key: { env: HOOK_SECRET } }\n"
        "    retry: { attempts: 2, first: 10ms, factor: 1, cap: 1s, jitter: 0 }\n"
        "    egress: { allow: [ 127.0.0.0/8 ] }\n"
        "secrets:\n"
        "  BODY_TOKEN: { env: BODY_TOKEN }\n"
        "  header-token: { env: HEADER_TOKEN }\n"
        "  PATH_TOKEN: { env: PATH_TOKEN }\n"
        "  WHOLE_URL: { env: WHOLE_URL }\n"
        "input_encryption_key: { env: INPUT_KEY }\n");
}

void write_actions(const Receiver& receiver, const fs::path& folder) {
    fs::create_directories(folder / "actions");
    const std::string head =
        "trigger:\n  type: self-service\n  operation: CREATE\n  userInputs:\n    properties:\n"
        "      word: { type: string }\n"
        "      password: { type: string, encryption: aes256-gcm, maxLength: 40 }\n"
        "      login: { type: object, encryption: aes256-gcm }\n"
        "invocationMethod:\n  type: WEBHOOK\n  synchronized: true\n";
    std::ofstream(folder / "actions/parts.yaml")
        << "identifier: parts\n"
        << head << "  url: \"" << receiver.url() << "/hook/{{ .secrets.PATH_TOKEN }}\"\n"
        << "  headers: { X-Token: \"Bearer {{ .secrets[\\\"header-token\\\"] }}\" }\n"
        << "  body: { token: \"{{ .secrets.BODY_TOKEN }}\", word: \"{{ .inputs.word }}\", "
           "password: \"{{ .inputs.password }}\", login: \"{{ .inputs.login }}\" }\n";
    std::ofstream(folder / "actions/whole.yaml") << "identifier: whole\n"
                                                 << head << "  url: \"{{ .secrets.WHOLE_URL }}\"\n";
}

}  // namespace

TEST_CASE("secrets: a secret's value is in no file, no log, no page and no reply", "[secrets]") {
    const Receiver receiver(echo);
    Serving serving;
    configure(serving, " authorization: { env: HOOK_LOGIN } ");
    write_actions(receiver, serving.folder().path());
    std::map<std::string, std::string> environment = kSecrets;
    environment["WHOLE_URL"] = receiver.url() + "/hooked/T1";
    environment["SIGNALBOX_PLUGIN_PATH"] = SIGNALBOX_PLUGIN_DIR;
    serving.start(environment);

    std::string replies;
    const auto ask = [&](const std::string& method, const std::string& path,
                         const std::string& body = {},
                         const std::map<std::string, std::string>& headers = {}) {
        const Called called = call(serving.url(), method, path, body, headers);
        replies += called.body;
        for (const auto& [name, value] : called.headers)
            replies += value;
        return called;
    };
    const std::string inputs = R"({"properties":{"word":"w","password":")" + kInputSecret +
                               R"(","login":{"user":"jo","password":")" + kObjectSecret + R"("}}})";
    const Called previewed = ask("POST", "/v1/actions/parts/preview", inputs);
    CHECK(previewed.status == 200);
    CHECK_THAT(previewed.body, Contains(R"(\"token\":\"***\")") && Contains("/hook/***"));
    const Called accepted =
        ask("POST", "/v1/actions/parts/runs", inputs, {{"Idempotency-Key", "k1"}});
    REQUIRE(accepted.status == 202);
    const std::string id = accepted.text("run.id");
    const Called run = serving.await(id, {"finished", "held"});
    CHECK(run.text("run.status") == "FAILURE");
    CHECK_THAT(run.text("run.payload.url"), Contains("/hook/***"));
    CHECK(run.text("run.payload.headers.X-Token") == "Bearer ***");
    CHECK_THAT(run.text("run.response"),
               Contains("you sent /hook/***") && Contains("x-token: Bearer ***") &&
                   Contains("authorization: ***"));
    CHECK(ask("POST", "/v1/actions/parts/runs", inputs, {{"Idempotency-Key", "k1"}})
              .headers.count("idempotency-replayed") == 1);
    const Called whole = ask("POST", "/v1/actions/whole/runs", inputs);
    REQUIRE(whole.status == 202);
    serving.await(whole.text("run.id"), {"finished", "held"});

    // The target did receive them, signed as they left.
    const auto received = receiver.received();
    REQUIRE(received.size() == 2);
    CHECK(received[0].uri == "/hook/path%20s3cret-5d2b");
    CHECK(received[0].headers.at("x-token") == "Bearer header-s3cret-77aa");
    CHECK(received[0].headers.at("authorization") == "Bearer login\"s3cret-6b1e");
    CHECK_THAT(received[0].body, Contains(R"("token":"body\"s3cret-8c1f")") &&
                                     !Contains(kInputSecret) && !Contains(kObjectSecret));
    CHECK(received[1].uri == "/hooked/T1");

    // Mistakes are told without what they are about.
    CHECK(ask("POST", "/v1/actions/parts/runs",
              R"({"properties":{"password":")" + kInputSecret + std::string(40, 'x') +
                  R"(","login":")" + kObjectSecret + R"("}})")
              .status == 422);
    ask("POST", "/v1/actions/parts/runs", R"({"properties":{"password":")" + kInputSecret + "\"");
    for (const std::string& path :
         {std::string("/v1/actions"), std::string("/v1/actions/parts"),
          std::string("/v1/actions/runs"), "/v1/actions/runs/" + id,
          "/v1/actions/runs/" + id + "?request=true", "/v1/actions/runs/" + id + "/logs",
          "/runs/" + id, std::string("/v1/rejections"), std::string("/rejections"),
          std::string("/"), std::string("/metrics"), std::string("/openapi.json")}) {
        ask("GET", path);
    }
    CHECK_THAT(replies, Contains(R"(\"token\":\"***\")"));
    ask("POST", "/v1/reload");
    serving.stop();

    std::string files;
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(serving.folder().path())) {
        if (!entry.is_regular_file()) continue;
        ++count;
        files += read(entry.path());
    }
    CHECK(count > 4);
    CHECK(files.find(id) != std::string::npos);
    for (const std::string& value : forbidden()) {
        CAPTURE(value);
        CHECK(files.find(value) == std::string::npos);
        CHECK(replies.find(value) == std::string::npos);
    }
}

TEST_CASE("secrets: a secret that was changed reaches what is sent after a reload", "[secrets]") {
    const Receiver receiver([](const auto&) { return Receiver::Reply{200, {}, ""}; });
    Serving serving;
    serving.folder().write("token", "first\n");
    serving.configure(
        "plugins: [ webhook ]\nconnections:\n  hook:\n    plugin: webhook\n"
        "    signing: { scheme: none }\n    egress: { allow: [ 127.0.0.0/8 ] }\n"
        "secrets: { TOKEN: { file: ./token } }\n");
    serving.action("notify",
                   "  type: WEBHOOK\n  url: \"" + receiver.url() +
                       "/\"\n  synchronized: true\n  body: { t: \"{{ .secrets.TOKEN }}\" }\n");
    serving.start({{"SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR}});
    const auto send = [&] {
        const Called accepted = serving.invoke("notify");
        REQUIRE(accepted.status == 202);
        serving.await(accepted.text("run.id"), {"finished"});
        return receiver.received().back().body;
    };
    CHECK(send() == R"({"t":"first"})");
    serving.folder().write("token", "second\n");
    CHECK(send() == R"({"t":"first"})");
    REQUIRE(call(serving.url(), "POST", "/v1/reload").status == 200);
    CHECK(send() == R"({"t":"second"})");
}

TEST_CASE("secrets: an action whose secret is not in the config says which and where",
          "[secrets]") {
    const Receiver receiver(echo);
    Serving serving;
    configure(serving);
    fs::create_directories(serving.folder().path() / "actions");
    std::ofstream(serving.folder().path() / "actions/a.yaml")
        << "identifier: a\ntrigger: { type: self-service, operation: CREATE }\n"
           "invocationMethod:\n  type: WEBHOOK\n  url: \"https://example.com\"\n"
           "  headers: { X: \"{{ .secrets.BODY_TOKN }}\" }\n";
    const auto report = signalbox::check(serving.folder().path() / "signalbox.yaml", {true});
    CHECK(report.unavailable == 1);
    std::string findings;
    for (const auto& finding : report.findings)
        findings += finding.text;
    CHECK_THAT(findings, Contains("actions/a.yaml:6:21: warning: ") &&
                             Contains("needs the secret 'BODY_TOKN', did you mean 'BODY_TOKEN'?"));
}
