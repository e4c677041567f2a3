#include <cstdlib>

#include "base/limits.hpp"
#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

/// Sets SIGNALBOX_PLUGIN_PATH for one scope; null unsets it.
class PluginPath {
  public:
    explicit PluginPath(const char* value) {
        if (const char* old = std::getenv(name)) old_ = old;
        set(value);
    }
    ~PluginPath() { set(old_ ? old_->c_str() : nullptr); }

  private:
    static constexpr const char* name = "SIGNALBOX_PLUGIN_PATH";
    static void set(const char* value) {
        if (value != nullptr) {
            ::setenv(name, value, 1);
        } else {
            ::unsetenv(name);
        }
    }
    std::optional<std::string> old_;
};

}  // namespace

TEST_CASE("plugins: a name is found in the first directory that has its file", "[plugins]") {
    const TemporaryDirectory first;
    const TemporaryDirectory second;
    const auto file = second.write("signalbox_my_target.so", "x");
    const std::vector<std::filesystem::path> path = {first.path(), second.path()};
    REQUIRE(find("my-target", path));
    CHECK(*find("my-target", path) == file);
    const auto nearer = first.write("signalbox_my_target.so", "x");
    CHECK(*find("my-target", path) == nearer);
}

TEST_CASE("plugins: a missing plugin is reported with every place and the nearest name",
          "[plugins]") {
    const TemporaryDirectory directory;
    directory.write("signalbox_azure_pipelines.so", "x");
    directory.write("signalbox_.so", "x");
    directory.write("unrelated.so", "x");
    const auto found = find("azure-pipeline", {"/nonexistent", directory.path()});
    REQUIRE_FALSE(found);
    CHECK(found.error().code == "plugin_not_found");
    CHECK(contains(found.error().message, "/nonexistent/signalbox_azure_pipeline.so"));
    CHECK(contains(found.error().message,
                   directory.path().string() + "/signalbox_azure_pipeline.so"));
    CHECK(contains(found.error().message, "Did you mean 'azure-pipelines'?"));
}

TEST_CASE("plugins: a name that could leave the directory is refused", "[plugins]") {
    const char* name = GENERATE("", "../x", "a/b", "Azure", "a_b", "a.b", "a b", "\xC3\xA9");
    CAPTURE(name);
    const auto found = find(name, {"/nonexistent"});
    REQUIRE_FALSE(found);
    CHECK(found.error().code == "plugin_not_found");
    CHECK(contains(found.error().message, "lower-case letters, digits and '-' only"));
}

TEST_CASE("plugins: a directory of the plugin's name is no plugin", "[plugins]") {
    const TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "signalbox_target.so");
    CHECK_FALSE(find("target", {directory.path()}));
}

TEST_CASE("plugins: the search path is the variable or the fallback", "[plugins]") {
    using Paths = std::vector<std::filesystem::path>;
    {
        const PluginPath unset(nullptr);
        CHECK(search_path("/fallback") == Paths{"/fallback"});
    }
    {
        const PluginPath empty("");
        CHECK(search_path("/fallback") == Paths{"/fallback"});
    }
    {
        const PluginPath several("/one::/two:");
        CHECK(search_path("/fallback") == Paths{"/one", "/two"});
    }
}

TEST_CASE("plugins: a pin holds for one content only", "[plugins]") {
    const TemporaryDirectory directory;
    const auto file = directory.write("plugin.so", "abc");
    const std::string digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(check_pin(file, digest));
    CHECK(check_pin(file, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));

    directory.write("plugin.so", "abd");
    const auto changed = check_pin(file, digest);
    REQUIRE_FALSE(changed);
    CHECK(changed.error().code == "plugin_pin_mismatch");
    CHECK(contains(changed.error().message, digest));

    for (const char* bad : {"", "ba78", "not hexadecimal"}) {
        const auto refused = check_pin(file, bad);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "plugin_bad_pin");
    }
    const auto missing = check_pin(directory.path() / "none.so", digest);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == "plugin_unreadable");
}

TEST_CASE("plugins: a pinned file is read to its limit and refused past it", "[plugins]") {
    const TemporaryDirectory directory;
    const auto file = directory.write("plugin.so", "");
    const std::string digest(64, '0');
    std::filesystem::resize_file(file, limits::plugin_file_bytes_max);
    CHECK(check_pin(file, digest).error().code == "plugin_pin_mismatch");
    std::filesystem::resize_file(file, limits::plugin_file_bytes_max + 1);
    CHECK(check_pin(file, digest).error().code == "plugin_unreadable");
}
