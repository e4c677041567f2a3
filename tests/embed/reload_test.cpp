#include <stdlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "host.hpp"

using namespace signalbox;
using namespace signalbox::test;

namespace {

/// The machine's clock, that a test can set forward.
class ForwardClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return system_clock().wall_ms() + ahead_ms; }
    std::int64_t steady_ms() const override { return system_clock().steady_ms() + ahead_ms; }
    std::int64_t steady_us() const override { return system_clock().steady_us() + ahead_ms * 1'000; }
    std::atomic<std::int64_t> ahead_ms{0};
};

std::string config_of(const std::string& more) {
    return "listen: 127.0.0.1:0\n"
           "connections:\n"
           "  own:\n"
           "    plugin: host-target\n"
           "    settings: { url: \"http://127.0.0.1:1/\" }\n"
           "    signing: { key: { env: KEY } }\n"
           "    egress: { allow: [ 127.0.0.0/8 ] }\n"
           "actions: actions/*\n" +
           more;
}

}  // namespace

TEST_CASE("embed: a reload puts other rules of retention in place", "[embed]") {
    Host host;
    ForwardClock clock;
    const auto config = host.folder.write("signalbox.yaml", config_of(""));
    host.folder.write("actions/deploy.yaml", host_action().text);
    auto seams = host.seams();
    seams.clock = &clock;
    auto made = Dispatcher::from_file(config, seams);
    REQUIRE(made);
    Dispatcher& dispatcher = **made;
    REQUIRE(dispatcher.start());
    std::vector<std::string> ids;
    for (int i = 0; i < 2; ++i) {
        auto run = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""});
        REQUIRE(run);
        // Nobody listens there, so it is retried until somebody cancels it.
        Result<Run> cancelled = dispatcher.cancel(run->id);
        while (!cancelled && cancelled.error().code == "not_cancellable")
            cancelled = dispatcher.cancel(run->id);
        REQUIRE(cancelled);
        ids.push_back(run->id);
    }
    host.folder.write("signalbox.yaml", config_of("retention: { runs: 1 }\n"));
    REQUIRE(dispatcher.reload());
    clock.ahead_ms = 61'000;
    // Each question wakes the loop, which then sees what time it is; the test's own limit ends it.
    while (dispatcher.find(ids[0]))
        std::this_thread::yield();
    CHECK(dispatcher.find(ids[0]).error().code == "run_not_found");
    CHECK(dispatcher.find(ids[1]));
    dispatcher.stop(0);
}

TEST_CASE("embed: a reload leaves a plugin alone whose file and connections are what serves", "[embed]") {
    Host host;
    const auto plugin = host.folder.path() / "signalbox_broken.so";
    std::filesystem::copy_file(SIGNALBOX_TEST_PLUGIN_DIR "/signalbox_broken.so", plugin);
    const auto configure = [&](const std::string& settings) {
        return host.folder.write("signalbox.yaml", "listen: 127.0.0.1:0\n"
                                                   "plugins: [ { file: \"" + plugin.string() + "\" } ]\n"
                                                   "connections:\n"
                                                   "  one: { plugin: broken, settings: { " + settings + " } }\n"
                                                   "actions: actions/*\n");
    };
    auto made = Dispatcher::from_file(configure("token: { env: KEY }"), host.seams());
    REQUIRE(made);
    Dispatcher& dispatcher = **made;
    REQUIRE(dispatcher.start());

    // From here on nobody connects unnoticed: a child of the reload's dies of it, and so would this process.
    ::setenv("SIGNALBOX_BREAK", "connect-aborts", 1);
    const auto refused = [&] {
        const auto reloaded = dispatcher.reload();
        return !reloaded && reloaded.error().message.find("ended by signal 6") != std::string::npos;
    };
    CHECK(dispatcher.reload());
    configure("token: { env: KEY }, zone: north");
    CHECK(refused());
    configure("token: { env: KEY }");
    CHECK(dispatcher.reload());
    host.secrets.known["KEY"] = "another";
    CHECK(refused());
    host.secrets.known["KEY"] = "azure-secret";
    CHECK(dispatcher.reload());
    std::filesystem::last_write_time(plugin, std::filesystem::last_write_time(plugin) + std::chrono::hours(1));
    CHECK(refused());
    ::unsetenv("SIGNALBOX_BREAK");
    CHECK(dispatcher.reload());
    dispatcher.stop(0);
}
