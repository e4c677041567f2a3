#include "plugins/trust.hpp"

#include <sys/stat.h>

#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

constexpr uid_t service = 1000;
constexpr uid_t other = 1001;

}  // namespace

TEST_CASE("plugins: a file belongs to root or to the service's user", "[plugins]") {
    CHECK(trust_fault(0, S_IFREG | 0644, service, false) == "");
    CHECK(trust_fault(service, S_IFREG | 0700, service, false) == "");
    CHECK(contains(trust_fault(other, S_IFREG | 0644, service, false), "belongs to user 1001"));
    // Root trusts root only.
    CHECK(contains(trust_fault(service, S_IFREG | 0644, 0, false), "belongs to user 1000"));
}

TEST_CASE("plugins: nobody else may write a plugin or a folder above it", "[plugins]") {
    CHECK(trust_fault(service, S_IFDIR | 0755, service, true) == "");
    CHECK(contains(trust_fault(service, S_IFREG | 0664, service, false), "mode 0664"));
    CHECK(contains(trust_fault(service, S_IFREG | 0646, service, false), "mode 0646"));
    CHECK(contains(trust_fault(0, S_IFDIR | 0777, service, false), "mode 0777"));
}

TEST_CASE("plugins: a sticky folder of root's passes above a plugin but not as its own",
          "[plugins]") {
    CHECK(trust_fault(0, S_IFDIR | 01777, service, false) == "");
    CHECK(contains(trust_fault(0, S_IFDIR | 01777, service, true), "mode 1777"));
    CHECK(contains(trust_fault(service, S_IFDIR | 01777, service, false), "mode 1777"));
    // Sticky means nothing on a file.
    CHECK(contains(trust_fault(0, S_IFREG | 01777, service, false), "mode 1777"));
}

TEST_CASE("plugins: the real path is what is checked and opened", "[plugins]") {
    const TemporaryDirectory folder;
    const auto file = folder.write("signalbox_x.so", "bytes");
    const auto link = folder.path() / "link.so";
    std::filesystem::create_symlink(file, link);
    const auto real = check_trust(link);
    REQUIRE(real);
    CHECK(*real == std::filesystem::canonical(file));

    REQUIRE(::chmod(file.c_str(), 0666) == 0);
    const auto refused = check_trust(link);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "plugin_untrusted");
    CHECK(contains(refused.error().message, "signalbox_x.so"));
    CHECK(contains(refused.error().message, "chmod go-w"));
    CHECK_FALSE(check_trust(folder.path() / "missing.so"));
}

TEST_CASE("plugins: a folder that others may write is refused wherever it stands above",
          "[plugins]") {
    const TemporaryDirectory folder;
    const auto open = folder.path() / "open";
    std::filesystem::create_directories(open / "below");
    std::filesystem::copy_file(test_plugin("throwing"), open / "below" / "signalbox_throwing.so");
    REQUIRE(load(open / "below" / "signalbox_throwing.so", fake_log(), fake_clock()));
    REQUIRE(::chmod(open.c_str(), 0777) == 0);
    const auto refused = load(open / "below" / "signalbox_throwing.so", fake_log(), fake_clock());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "plugin_untrusted");
    CHECK(contains(refused.error().message, (open).string() + "' (above plugin"));
}
