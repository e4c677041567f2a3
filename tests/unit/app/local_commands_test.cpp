#include "app/local_commands.hpp"

#include <catch2/catch.hpp>

#include "app/files.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

TEST_CASE("app: check prints each finding and a summary and exits 0 or 2", "[app]") {
    struct Row {
        std::size_t errors;
        std::size_t warnings;
        bool strict;
        int code;
    };
    const Row row = GENERATE(Row{0, 0, false, 0}, Row{0, 0, true, 0}, Row{0, 1, false, 0},
                             Row{0, 1, true, 2}, Row{1, 0, false, 2}, Row{2, 3, true, 2});
    test::Program program;
    std::filesystem::path asked;
    program.core.check = [&](const std::filesystem::path& config, CheckOptions options) {
        CHECK_FALSE(options.without_secrets);
        asked = config;
        return CheckReport{
            {{true, "x.yaml", 1, 2, "no", "x.yaml:1:2: error: no\n  listen 1\n  ^"}},
            row.errors,
            row.warnings,
            3,
            1};
    };
    std::vector<std::string> words = {"check", "--config", "x.yaml"};
    if (row.strict) words.push_back("--strict");
    const auto ended = program.run(words);
    CHECK(ended.code == row.code);
    CHECK(asked == "x.yaml");
    CHECK(contains(ended.err, "x.yaml:1:2: error: no\n  listen 1\n  ^\n"));
    CHECK(contains(ended.out, row.errors == 1 ? "1 error, " : " errors, "));
    CHECK(contains(ended.out, "3 actions can be invoked, 1 cannot"));
}

TEST_CASE("app: the config is ./signalbox.yaml unless named", "[app]") {
    const test::Directory directory;
    test::Program program;
    std::filesystem::path asked;
    program.core.check = [&](const std::filesystem::path& config, CheckOptions) {
        asked = config;
        return CheckReport{};
    };
    const auto without = program.run({"check"});
    CHECK(without.code == exit_code::usage);
    CHECK(
        contains(without.err, "there is no ./signalbox.yaml here; name the config with --config"));
    directory.write("signalbox.yaml", "");
    CHECK(program.run({"check"}).code == exit_code::success);
    CHECK(asked == "signalbox.yaml");
}

TEST_CASE("app: check leaves the secrets alone when told to", "[app]") {
    test::Program program;
    bool left = false;
    program.core.check = [&](const std::filesystem::path&, CheckOptions options) {
        left = options.without_secrets;
        return CheckReport{};
    };
    CHECK(program.run({"check", "--config", "x", "--without-secrets"}).code == exit_code::success);
    CHECK(left);
}

TEST_CASE("app: check prints its findings as JSON for programs", "[app]") {
    test::Program program;
    program.core.check = [](const std::filesystem::path&, CheckOptions) {
        return CheckReport{{{true, "a \"b\".yaml", 3, 7, "no", "t"}, {false, "c", 0, 0, "w", "t"}},
                           1,
                           1,
                           2,
                           0};
    };
    const auto ended = program.run({"check", "--config", "x", "--json"});
    CHECK(ended.code == exit_code::usage);
    CHECK(ended.err.empty());
    CHECK(ended.out ==
          R"({"ok":false,"findings":[{"severity":"error","file":"a \"b\".yaml","line":3,"column":7,)"
          R"("message":"no"},{"severity":"warning","file":"c","line":0,"column":0,"message":"w"}],)"
          R"("errors":1,"warnings":1,"actions":2,"unavailable":0})"
          "\n");
}

TEST_CASE("app: plugins are listed from the config or else from the path", "[app]") {
    const test::Directory directory;
    test::Program program;
    program.core.list_plugins = [](const auto&) -> Result<std::vector<PluginInfo>> {
        return std::vector<PluginInfo>{{"by-config", "/a.so", "1.0.0", "", "{}"}};
    };
    program.core.list_plugins_on_path = [] {
        return std::vector<PluginInfo>{{"on-path", "/b.so", "2.0.0", "", "{}"}};
    };
    CHECK(contains(program.run({"plugins", "list", "--config", "c.yaml"}).out, "by-config  1.0.0"));
    CHECK(contains(program.run({"plugins", "list"}).out, "on-path  2.0.0"));
    directory.write("signalbox.yaml", "");
    CHECK(contains(program.run({"plugins", "list"}).out, "by-config"));
}

TEST_CASE("app: a plugin that cannot be used is listed with its reason and exits 1", "[app]") {
    test::Program program;
    program.core.list_plugins = [](const auto&) -> Result<std::vector<PluginInfo>> {
        return std::vector<PluginInfo>{{"", "/b.so", "", "made for version 2", ""}};
    };
    const auto ended = program.run({"plugins", "list", "--config", "c.yaml"});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "/b.so: made for version 2"));
    CHECK(contains(ended.out, "?"));
}

TEST_CASE("app: a config that is not valid makes plugins list exit 2", "[app]") {
    test::Program program;
    program.core.list_plugins = [](const auto&) -> Result<std::vector<PluginInfo>> {
        return Error{"config_invalid", "c.yaml:1:1: error: empty"};
    };
    CHECK(program.run({"plugins", "list", "--config", "c.yaml"}).code == exit_code::usage);
}

TEST_CASE("app: inspect shows what a plugin file says of itself", "[app]") {
    test::Program program;
    program.core.inspect_plugin = [](const std::filesystem::path& file) -> Result<PluginInfo> {
        if (file == "text.so") return Error{"not_a_plugin", "text.so is text"};
        return PluginInfo{"acme", file, "1.2.3", "", R"({"types":["ACME"]})"};
    };
    const auto ended = program.run({"plugins", "inspect", "acme.so"});
    CHECK(ended.code == exit_code::success);
    CHECK(contains(ended.out, "acme    1.2.3    acme.so"));
    CHECK(contains(ended.out, "  \"types\": [\n    \"ACME\"\n  ]"));
    const auto refused = program.run({"plugins", "inspect", "text.so"});
    CHECK(refused.code == exit_code::usage);
    CHECK(contains(refused.err, "error: text.so is text"));
}

TEST_CASE("app: files are read as bytes up to the limit and not one more", "[app]") {
    const test::Directory directory;
    directory.write("body", std::string("a\0\r\n\xff", 5));
    std::istringstream in("input");
    CHECK(*read_bytes("body", in, 5) == std::string("a\0\r\n\xff", 5));
    CHECK(read_bytes("body", in, 4).error().code == "file_too_large");
    CHECK(*read_bytes("-", in, 5) == "input");
    CHECK(read_bytes("missing", in, 5).error().code == "file_unreadable");
    CHECK(read_bytes(".", in, 5).error().code == "file_unreadable");
}
