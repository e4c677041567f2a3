#include "unit/config/support.hpp"

using Catch::Matchers::Contains;
using config_test::Folder;
using config_test::read;
namespace fs = std::filesystem;

TEST_CASE("config: action files are sorted and each stands once", "[config]") {
    const Folder folder("config_actions");
    for (const char* name :
         {"actions/b.yaml", "actions/a.json", "actions/c.yml", "more/d.yaml", "actions/.e.yaml"})
        folder.write(name, "x");
    const auto result =
        read("actions: [\"actions/*\", more/d.yaml, actions/a.json]\n", folder.path());
    CHECK(result.findings().empty());
    CHECK(result.config.action_files ==
          std::vector<fs::path>{folder.path() / "actions/a.json", folder.path() / "actions/b.yaml",
                                folder.path() / "actions/c.yml", folder.path() / "more/d.yaml"});
}

TEST_CASE("config: what is no action document is left out with a warning", "[config]") {
    const Folder folder("config_actions_other");
    for (const char* name :
         {"a/README.md", "a/x.yaml~", "a/X.YAML", "a/folder.yaml/x", "a/good.yaml"})
        folder.write(name, "x");
    const auto result = read("actions: a/*\n", folder.path());
    CHECK_FALSE(has_errors(result.problems));
    CHECK(result.problems.size() == 4);
    CHECK_THAT(result.findings(), Contains("f:1:10: warning: ") &&
                                      Contains("README.md is left out: only *.json") &&
                                      Contains("folder.yaml is left out: it is not a file"));
    CHECK(result.config.action_files == std::vector<fs::path>{folder.path() / "a/good.yaml"});
}

TEST_CASE("config: a pattern that matches nothing is a warning at its place", "[config]") {
    const Folder folder("config_actions_none");
    const auto result = read("actions:\n  - a/*\n  - b.yaml\n", folder.path());
    CHECK_FALSE(has_errors(result.problems));
    CHECK_THAT(result.findings(), Contains("f:2:5: warning: `a/*` matches no file") &&
                                      Contains("f:3:5: warning: `b.yaml` matches no file"));
    CHECK(result.config.action_files.empty());
}

TEST_CASE("config: a folder whose name looks like a pattern is taken literally", "[config]") {
    const Folder folder("config_[x]*?");
    folder.write("a.yaml", "x");
    CHECK(read("actions: '*.yaml'\n", folder.path()).config.action_files.size() == 1);
}

TEST_CASE("config: an absolute pattern is taken as it is", "[config]") {
    const Folder folder("config_actions_absolute");
    folder.write("a.yaml", "x");
    const auto result = read("actions: " + folder.path().string() + "/*.yaml\n", "/");
    CHECK(result.config.action_files == std::vector<fs::path>{folder.path() / "a.yaml"});
}
