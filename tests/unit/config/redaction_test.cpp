#include "config/redaction.hpp"

#include "unit/config/support.hpp"

using config_test::read;
namespace config = signalbox::config;

namespace {

/// All lines of a config, as they would be shown.
std::string shown(const std::string& text) {
    const auto result = read(text);
    std::string all;
    std::uint32_t number = 1;
    for (std::size_t at = 0; at < text.size(); ++number) {
        all += config::redacted_line(result.config, text, number) + "\n";
        at = text.find('\n', at) == text.npos ? text.size() : text.find('\n', at) + 1;
    }
    return all;
}

}  // namespace

TEST_CASE("config: a secret that is written out is never shown however it stands", "[config]") {
    const char* const texts[] = {
        "clients:\n  - { id: a, secret: hunter2, may: [view] }\n",
        "clients:\n  - id: a\n    secret: hunter2\n    may: [view]\n",
        "clients:\n  - id: a\n    secret:\n      hunter2\n    may: [view]\n",
        "clients:\n  - id: a\n    secret: |\n      x\n      hunter2\n    may: [view]\n",
        "clients:\n  - id: a\n    secret: { env: 'hunter2 is no name' }\n    may: [view]\n",
        "clients:\n  - id: a\n    secret:\n      env: hunter2 is no name\n    may: [view]\n",
        "clients:\n  - id: a\n    secret:\n      - hunter2\n    may: [view]\n",
        "clients:\n  - id: a\n    secret: x\n    secret: hunter2\n    may: [view]\n",
        "clients:\n  - id: a\n    secert: hunter2\n    may: [view]\n",
        "clients:\n  - id: a\n    \"secret\" : \"hunter2\"\n    may: [view]\n",
        "clients:\n  - id: a\n    secret: {\n      hunter2: x\n    }\n    may: [view]\n",
        "signing: { key: hunter2: x }\n",
        "signing:\n  key: [hunter2\n",
        "previous_keys:\n  - { env: A }\n  - hunter2\n: : :\n",
        "{\"clients\": [{\"id\": \"a\",\n  \"secret\": \"hunter2\"\n}]}\n",
        "{\"clients\": [{\"id\": \"a\", \"secret\": \"hunter2\",}]}\n",
        "public_url: https://me:hunter2@x\n",
        "secrets:\n  WEBHOOK: hunter2\n",
        "secrets:\n  WEBHOOK: hunter2\n  x: { env: A }\n: : :\n",
        "secrets: { WEBHOOK: hunter2 }\n",
        "secrets:\n  - hunter2\n",
        "input_encryption_key: hunter2\n",
        "settings: { authorization: \"hunter2\n",
        "settings: { authorization: [ hunter2\n",
        "settings: { authorization: Bearer hunter2: x }\n",
        "settings:\n  authorisation: hunter2\n: : :\n",
        "settings:\n  pass: hunter2\n  credential: hunter2\n",
    };
    for (const char* text : texts) {
        INFO(text);
        CHECK(shown(text).find("hunter2") == std::string::npos);
        CHECK(shown(text).find("***") != std::string::npos);
    }
}

TEST_CASE("config: references to secrets and all else are shown as they stand", "[config]") {
    const std::string text =
        "listen: 127.0.0.1:1\n"
        "clients:\n"
        "  - { id: a, secret: { env: A_SECRET }, may: [veiw] }\n"
        "  - id: b\n"
        "    secret: {file: ./b.secret}\n"
        "    may: [view]\n"
        "  - id: c\n"
        "    secret:\n"
        "      env: C_SECRET\n"
        "    may: [view]\n"
        "secrets:\n"
        "  WEBHOOK: { env: D_SECRET }\n"
        "  other: { file: ./e }\n"
        "{\"key\": {\"env\": \"A\"}}\n";
    CHECK(shown(text) == text);
}
