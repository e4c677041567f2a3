#include "plugins/probe.hpp"

#include <stdlib.h>
#include <unistd.h>

#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

/// What the plugin `broken` breaks, as long as this lives.
class Break {
  public:
    explicit Break(const char* how) { ::setenv("SIGNALBOX_BREAK", how, 1); }
    ~Break() { ::unsetenv("SIGNALBOX_BREAK"); }
};

std::vector<ProbedConnection> one_connection() {
    return {{parsed(R"({"token": "/token"})"), {"a", {{"/token", "s"}}, nullptr}}};
}

}  // namespace

TEST_CASE("plugins: a plugin that can be tried out is done", "[plugins]") {
    CHECK(probe(test_plugin("broken"), one_connection(), system_clock()));
    CHECK(probe(azure_plugin(), {{parsed(R"({"organization": "contoso"})"), {}}}, system_clock()));
}

TEST_CASE("plugins: what is refused in order is left for the loader to say", "[plugins]") {
    for (const char* stem : {"no_plugin", "newer_major", "unresolved", "no_entry"})
        CHECK(probe(test_plugin(stem), {}, system_clock()));
    CHECK(probe("/nowhere/signalbox_x.so", {}, system_clock()));
    const Break refuses("connect-refuses");
    CHECK(probe(test_plugin("broken"), one_connection(), system_clock()));
}

TEST_CASE("plugins: a throw in a static constructor ends the child and not the host", "[plugins]") {
    const Break breaks("load-throws");
    const auto probed = probe(test_plugin("broken"), one_connection(), system_clock());
    REQUIRE_FALSE(probed);
    CHECK(probed.error().code == "plugin_crashed");
    CHECK(contains(probed.error().message, "signal 6"));
    CHECK(contains(probed.error().message, "a static constructor threw"));
    CHECK(contains(probed.error().message, "signalbox_broken.so"));
}

TEST_CASE("plugins: an abort while a connection is made ends the child and not the host",
          "[plugins]") {
    const Break breaks("connect-aborts");
    const auto probed = probe(test_plugin("broken"), one_connection(), system_clock());
    REQUIRE_FALSE(probed);
    CHECK(probed.error().code == "plugin_crashed");
    CHECK(contains(probed.error().message, "signal 6"));
    // Without a connection nothing aborts.
    CHECK(probe(test_plugin("broken"), {}, system_clock()));
}

TEST_CASE("plugins: the child that tries a plugin out keeps no lock and no port of the host's",
          "[plugins]") {
    const Break breaks("connect-aborts-on-999");
    REQUIRE(::dup2(STDERR_FILENO, 999) == 999);
    const auto probed = probe(test_plugin("broken"), one_connection(), system_clock());
    ::close(999);
    CHECK(probed);
}
