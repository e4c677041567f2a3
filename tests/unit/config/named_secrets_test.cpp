#include <cstdlib>

#include "unit/config/support.hpp"

using config_test::Folder;
using config_test::read;
using namespace signalbox::config;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace limits = signalbox::limits;

TEST_CASE("config: secrets that actions may send are read by their names", "[config]") {
    const Folder folder("named_secrets");
    folder.write("hook", "https://hooks.test/x\n");
    ::setenv("SIGNALBOX_TEST_TOKEN", "t0ken", 1);
    auto result =
        read("secrets:\n  TOKEN: { env: SIGNALBOX_TEST_TOKEN }\n  my-hook: { file: hook }\n",
             folder.path());
    CHECK_FALSE(has_errors(result.problems));
    resolve_secrets(result.config, result.problems);
    ::unsetenv("SIGNALBOX_TEST_TOKEN");
    CHECK_FALSE(has_errors(result.problems));
    REQUIRE(result.config.secrets.size() == 2);
    CHECK(result.config.secrets[0].name == "TOKEN");
    CHECK(result.config.secrets[0].secret.value == "t0ken");
    CHECK(result.config.secrets[1].secret.value == "https://hooks.test/x");
}

TEST_CASE("config: a mistake in the secrets is found at its place, and none is quoted",
          "[config]") {
    const auto findings = [](const std::string& text) { return read(text).findings(); };
    CHECK_THAT(findings("secrets: hunter2\n"),
               Contains("f:1:10: error: `secrets` must be a mapping") && !Contains("hunter2"));
    CHECK_THAT(findings("secrets:\n  A: hunter2\n"),
               Contains("f:2:6: error: `A` is written out") && !Contains("hunter2"));
    CHECK_THAT(findings("secrets:\n  \"a b\": { env: X }\n"),
               Contains("f:2:3: error: a secret's name has 1 to 64 letters"));
    auto missing = read("secrets:\n  A: { env: SIGNALBOX_TEST_NOT_SET }\n");
    missing.problems.clear();
    resolve_secrets(missing.config, missing.problems);
    CHECK_THAT(missing.findings(), StartsWith("f:2:6: error: ") && Contains("is not set"));
}

TEST_CASE("config: a secret's name and their number have limits, at them and one past",
          "[config]") {
    const auto named = [](std::size_t size) {
        return read("secrets:\n  " + std::string(size, 'n') + ": { env: X }\n").findings();
    };
    CHECK_THAT(named(limits::config_name_bytes_max), !Contains("error"));
    CHECK_THAT(named(limits::config_name_bytes_max + 1), Contains("error: a secret's name"));
    const auto many = [](std::size_t count) {
        std::string text = "secrets:\n";
        for (std::size_t i = 0; i < count; ++i)
            text += "  S" + std::to_string(i) + ": { env: X }\n";
        return read(text).findings();
    };
    CHECK_THAT(many(limits::config_secrets_max), !Contains("error"));
    CHECK_THAT(many(limits::config_secrets_max + 1), Contains("at most 1000 are accepted"));
}

TEST_CASE("config: the key of secret inputs needs 32 bytes", "[config]") {
    const auto findings = [](std::size_t size) {
        ::setenv("SIGNALBOX_TEST_KEY", std::string(size, 'k').c_str(), 1);
        auto result = read("input_encryption_key: { env: SIGNALBOX_TEST_KEY }\n");
        result.problems.clear();
        resolve_secrets(result.config, result.problems);
        ::unsetenv("SIGNALBOX_TEST_KEY");
        CHECK(result.config.input_encryption_key->value.size() == (size < 32 ? 0 : size));
        return result.findings();
    };
    CHECK(findings(32).empty());
    CHECK(findings(64).empty());
    CHECK_THAT(findings(31), StartsWith("f:1:23: error: ") && Contains("has 31 bytes"));
    CHECK_THAT(read("input_encryption_key: hunter2\n").findings(),
               Contains("is written out") && !Contains("hunter2"));
}
