#include <sys/stat.h>

#include <cstdlib>

#include "unit/config/support.hpp"

using config_test::Folder;
using config_test::read;
using namespace signalbox::config;
using Catch::Matchers::Contains;
namespace document = signalbox::document;
namespace limits = signalbox::limits;

namespace {

/// Sets a variable for one test.
class Variable {
  public:
    Variable(const char* name, const std::string& value) : name_(name) {
        setenv(name, value.c_str(), 1);
    }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    const char* name_;
};

struct Resolved {
    Config config;
    std::string findings;
};

Resolved resolve(const std::string& text, const std::filesystem::path& directory) {
    auto result = read(text, directory);
    REQUIRE_FALSE(has_errors(result.problems));
    result.problems.clear();
    resolve_secrets(result.config, result.problems);
    return {std::move(result.config), result.findings()};
}

std::string client(const std::string& secret) {
    return "clients:\n  - {id: a, secret: " + secret + ", may: [view]}\n";
}

}  // namespace

TEST_CASE("config: secrets come from the environment and from files", "[config]") {
    const Folder folder("config_secrets");
    folder.write("key", "from a file\n");
    folder.write("old", "two lines\n\n");
    folder.write("dos", "windows\r\n");
    const Variable variable("SIGNALBOX_TEST_SECRET", "from the environment");
    const auto result = resolve(
        "plugins: [p]\nconnections: {c: {plugin: p, signing: {key: {file: key}, previous_keys: "
        "[{file: ./old}, {file: dos}]}}}\n" +
            client("{env: SIGNALBOX_TEST_SECRET}"),
        folder.path());
    CHECK(result.findings.empty());
    const SigningSettings& signing = result.config.connections.at(0).signing;
    CHECK(signing.key->value == "from a file");
    CHECK(signing.previous_keys.at(0).value == "two lines\n");
    CHECK(signing.previous_keys.at(1).value == "windows");
    CHECK(result.config.clients.at(0).secret.value == "from the environment");
}

TEST_CASE("config: each missing secret is a problem at its place", "[config]") {
    const Folder folder("config_missing_secrets");
    folder.write("empty", "\n");
    folder.write("folder/x", "");
    const Variable variable("SIGNALBOX_TEST_EMPTY", "");
    const auto result = resolve(
        "plugins: [p]\nconnections:\n  c: {plugin: p, signing: {key: {env: SIGNALBOX_TEST_ABSENT}, "
        "previous_keys: [{file: absent}]}}\n"
        "clients:\n  - {id: a, secret: {env: SIGNALBOX_TEST_EMPTY}, may: [view]}\n"
        "  - {id: b, secret: {file: empty}, may: [view]}\n  - {id: c, secret: {file: folder}, may: "
        "[view]}\n",
        folder.path());
    CHECK_THAT(
        result.findings,
        Contains("f:3:33: error: the environment variable SIGNALBOX_TEST_ABSENT is not set"));
    CHECK_THAT(result.findings,
               Contains("f:3:79: error: the secret's file " + (folder.path() / "absent").string() +
                        " cannot be read: No such file"));
    CHECK_THAT(result.findings,
               Contains("f:5:21: error: the environment variable SIGNALBOX_TEST_EMPTY is empty"));
    CHECK_THAT(result.findings,
               Contains("f:6:21: error: the secret's file") && Contains("empty is empty"));
    CHECK_THAT(result.findings,
               Contains("f:7:21: error: the secret's file") && Contains("cannot be read"));
}

TEST_CASE("config: a secret in a pipe is refused and not waited for", "[config]") {
    const Folder folder("config_secret_pipe");
    REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    for (const char* file : {"pipe", "/dev/null", "."})
        CHECK_THAT(resolve(client("{file: " + std::string(file) + "}"), folder.path()).findings,
                   Contains("is no regular file"));
}

TEST_CASE("config: a broken signing key is told without being shown", "[config]") {
    const Variable variable("SIGNALBOX_TEST_KEY", "whsec_hunter2!");
    const auto result = resolve(
        "plugins: [p]\nconnections: {c: {plugin: p, signing: {key: {env: SIGNALBOX_TEST_KEY}}}}\n",
        "/etc");
    CHECK_THAT(result.findings,
               Contains("f:2:45: error: the environment variable SIGNALBOX_TEST_KEY holds no key"));
    CHECK_THAT(result.findings, !Contains("hunter2"));
    CHECK(result.config.connections.at(0).signing.key->value.empty());
}

TEST_CASE("config: the largest secret is taken and one byte more is refused", "[config]") {
    const Folder folder("config_large_secret");
    const std::string largest(limits::config_secret_bytes_max, 's');
    folder.write("largest", largest + "\r\n");
    CHECK(resolve(client("{file: largest}"), folder.path()).config.clients.at(0).secret.value ==
          largest);
    folder.write("larger", largest + "s");
    CHECK_THAT(resolve(client("{file: larger}"), folder.path()).findings,
               Contains("more than 65536 bytes"));
}

TEST_CASE("config: what may be a secret is never quoted and is marked", "[config]") {
    struct Case {
        std::string text;
        std::uint32_t column;
    };
    const Case cases[] = {
        {client("hunter2"), 21},
        {client("\"hunter2\""), 21},
        {client("[hunter2]"), 21},
        {client("{env: hunter2!}"), 21},
        {client("{value: hunter2}"), 21},
        {client("{hunter2: x}"), 21},
        {client("0x1f22"), 21},
        {"clients:\n  - {id: a, secrt: hunter2, may: [view]}\n", 20},
        {"x: 1\npublic_url: https://me:hunter2@x/\n", 13},
    };
    for (const Case& bad : cases) {
        INFO(bad.text);
        const auto result = read(bad.text);
        CHECK(has_errors(result.problems));
        CHECK_THAT(result.findings(), !Contains("hunter2") && !Contains("1f22"));
        REQUIRE(result.config.literal_secrets.size() == 1);
        CHECK(result.config.literal_secrets[0].line == 2);
        CHECK(result.config.literal_secrets[0].column == bad.column);
    }
}
