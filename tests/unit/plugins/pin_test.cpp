#include <sys/stat.h>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

std::string digest_of(const std::filesystem::path& file) {
    return to_hex(signalbox::sha256(slurp(file)));
}

}  // namespace

TEST_CASE("plugins: a pinned plugin is copied under its digest and loaded from there",
          "[plugins]") {
    const TemporaryDirectory folder;
    const auto cache = folder.path() / "journal" / "plugins";
    const std::string digest = digest_of(test_plugin("throwing"));
    const auto copy = copy_pinned(test_plugin("throwing"), digest, cache);
    REQUIRE(copy);
    CHECK(copy->filename() == digest + ".so");
    CHECK(slurp(*copy) == slurp(test_plugin("throwing")));
    struct stat status;
    REQUIRE(::stat(cache.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    const auto plugin = load(*copy, fake_log(), fake_clock());
    REQUIRE(plugin);
    CHECK((*plugin)->descriptor().id == "throwing");

    // The second time it is there: nothing is written.
    struct stat before;
    struct stat after;
    REQUIRE(::stat(copy->c_str(), &before) == 0);
    REQUIRE(copy_pinned(test_plugin("throwing"), digest, cache));
    REQUIRE(::stat(copy->c_str(), &after) == 0);
    CHECK(before.st_ino == after.st_ino);
}

TEST_CASE("plugins: a file changed after it was pinned is refused and never copied", "[plugins]") {
    const TemporaryDirectory folder;
    const auto file = folder.write("signalbox_x.so", slurp(test_plugin("throwing")));
    const std::string digest = digest_of(file);
    folder.write("signalbox_x.so", slurp(file) + "x");
    const auto refused = copy_pinned(file, digest, folder.path() / "cache" / "plugins");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "plugin_pin_mismatch");
    CHECK_FALSE(std::filesystem::exists(folder.path() / "cache"));
}

TEST_CASE("plugins: a cached copy that was tampered with is written anew", "[plugins]") {
    const TemporaryDirectory folder;
    const auto cache = folder.path() / "journal" / "plugins";
    const std::string digest = digest_of(test_plugin("throwing"));
    const auto copy = copy_pinned(test_plugin("throwing"), digest, cache);
    REQUIRE(copy);
    REQUIRE(::chmod(copy->c_str(), 0700) == 0);
    std::ofstream(*copy, std::ios::binary) << "something else";
    REQUIRE(copy_pinned(test_plugin("throwing"), digest, cache));
    CHECK(slurp(*copy) == slurp(test_plugin("throwing")));
}

TEST_CASE("plugins: a cache that others may write is no cache", "[plugins]") {
    const TemporaryDirectory folder;
    const auto cache = folder.path() / "journal" / "plugins";
    std::filesystem::create_directories(cache);
    REQUIRE(::chmod(cache.c_str(), 0777) == 0);
    const auto refused =
        copy_pinned(test_plugin("throwing"), digest_of(test_plugin("throwing")), cache);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "plugin_untrusted");
}
