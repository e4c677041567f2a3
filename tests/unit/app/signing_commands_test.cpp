#include <catch2/catch.hpp>

#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;
using Words = std::vector<std::string>;

namespace {

/// A core whose signature says what was signed.
void bring_signing(test::Program& program) {
    program.core.sign = [](auto scheme, auto key, auto body, std::int64_t at_s,
                           auto id) -> Result<std::string> {
        if (scheme == "md5") return Error{"unknown_scheme", "no scheme 'md5'; accepted: …"};
        return std::string(scheme) + "|" + std::string(key) + "|" + std::string(body) + "|" +
               std::to_string(at_s) + "|" + std::string(id);
    };
    program.core.verify = [](auto scheme, auto, auto body, auto signature, auto timestamp, auto id,
                             std::int64_t now_s, std::int64_t tolerance_s) -> Result<Done> {
        if (scheme == "md5") return Error{"unknown_scheme", "no scheme 'md5'; accepted: …"};
        const std::string seen = std::string(body) + "|" + std::string(timestamp) + "|" +
                                 std::string(id) + "|" + std::to_string(now_s) + "|" +
                                 std::to_string(tolerance_s);
        if (signature == seen) return Done{};
        return Error{"signature_invalid", "seen: " + seen};
    };
}

}  // namespace

TEST_CASE("app: sign takes the bytes of standard input and the time of the clock", "[app]") {
    test::Program program;
    bring_signing(program);
    program.standard_input = "a\r\n";
    program.environment["KEY"] = "from-env";
    const auto ended = program.run({"sign", "--scheme", "port-v1", "--key-env", "KEY"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out == "port-v1|from-env|a\r\n|1700000000|\n");
    CHECK(program.run({"sign", "--scheme", "port-v1", "--key-env", "KEY", "-"}).out == ended.out);
}

TEST_CASE("app: sign takes a file and a time and an id and a key that begins with a dash",
          "[app]") {
    const test::Directory directory;
    directory.write("body", "bytes");
    test::Program program;
    bring_signing(program);
    const auto ended = program.run({"sign", "--scheme=standard-webhooks", "--key",
                                    "-k=", "--timestamp", "42", "--id", "msg_1", "body"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out == "standard-webhooks|-k=|bytes|42|msg_1\n");
}

TEST_CASE("app: sign refuses what it cannot sign", "[app]") {
    test::Program program;
    bring_signing(program);
    program.environment["EMPTY"] = "";
    const auto [words, part] = GENERATE(table<Words, std::string>({
        {{"sign", "--key", "k"}, "--scheme is missing"},
        {{"sign", "--scheme", "port-v1"}, "give the key once"},
        {{"sign", "--scheme", "port-v1", "--key", "k", "--key-env", "K"}, "give the key once"},
        {{"sign", "--scheme", "port-v1", "--key="}, "--key is empty"},
        {{"sign", "--scheme", "port-v1", "--key-env", "NONE"},
         "'NONE' that --key-env names is not set"},
        {{"sign", "--scheme", "port-v1", "--key-env", "EMPTY"}, "is empty"},
        {{"sign", "--scheme", "port-v1", "--key", "k", "--timestamp", "now"}, "--timestamp: 'now'"},
        {{"sign", "--scheme", "standard-webhooks", "--key", "k"}, "--id ID"},
        {{"sign", "--scheme", "md5", "--key", "k"}, "no scheme 'md5'"},
        {{"sign", "--scheme", "port-v1", "--key", "k", "missing.json"},
         "'missing.json' cannot be read"},
    }));
    const auto ended = program.run(words);
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, part));
    CHECK(ended.out.empty());
}

TEST_CASE("app: verify exits 0 or 1 and says why", "[app]") {
    test::Program program;
    bring_signing(program);
    program.standard_input = "body";
    const auto verify = [&](const std::string& signature, const Words& more) {
        Words words = {"verify", "--scheme", "port-v1", "--key", "k", "--signature", signature};
        words.insert(words.end(), more.begin(), more.end());
        return program.run(words);
    };
    const auto valid = verify("body|||1700000000|300", {});
    CHECK(valid.code == exit_code::success);
    CHECK(valid.out == "the signature is valid\n");
    CHECK(verify("body|77|i|1700000000|7200", {"--timestamp", "77", "--id=i", "--tolerance", "2h"})
              .code == exit_code::success);
    CHECK(verify("body|||1700000000|0", {"--tolerance", "0"}).code == exit_code::success);
    const auto wrong = verify("-abc", {});
    CHECK(wrong.code == exit_code::failure);
    CHECK(contains(wrong.err, "seen: body|||1700000000|300"));
}

TEST_CASE("app: half a second of tolerance is refused and does not mean any time", "[app]") {
    test::Program program;
    bring_signing(program);
    const std::string tolerance = GENERATE("500ms", "999ms", "1500ms", "300", "-1s");
    const auto ended = program.run({"verify", "--scheme", "port-v1", "--key", "k", "--signature",
                                    "x", "--tolerance", tolerance});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "--tolerance"));
}

TEST_CASE("app: verify without a signature or with an unknown scheme is a usage error", "[app]") {
    test::Program program;
    bring_signing(program);
    CHECK(program.run({"verify", "--scheme", "port-v1", "--key", "k"}).code == exit_code::usage);
    CHECK(program.run({"verify", "--scheme", "md5", "--key", "k", "--signature", "x"}).code ==
          exit_code::usage);
}
