// The journal's write-ahead log stays bounded under a full minute of load, with readers at work.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "support/world.hpp"

using namespace signalbox::test;

TEST_CASE("faults: the write-ahead log stays under 256 MiB through a minute of full load",
          "[long]") {
    WorldOptions options;
    options.clients = false;
    options.in_flight = 512;
    World world(options);
    world.start_standin();
    // A target that nobody serves costs attempts and closes without the stand-in's own slowness.
    world.stop_standin();
    world.start();
    std::atomic<bool> done{false};
    std::thread reader([&] {
        while (!done)
            world.as("", "GET", "/v1/actions/runs?limit=1000");
    });
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    world.folder().write("post.lua",
                         "wrk.method = 'POST'\n"
                         "wrk.headers['Content-Type'] = 'application/json'\n"
                         "wrk.body = '{\"properties\":{\"name\":\"x\"}}'\n");
    Child load({"/usr/bin/wrk", "-c", "64", "-t", "1", "-d", "60", "-s",
                (world.folder().path() / "post.lua").string(),
                world.url() + "/v1/actions/release/runs"});
    std::uintmax_t most = 0;
    while (std::chrono::steady_clock::now() < end) {
        for (const auto& entry :
             std::filesystem::directory_iterator(world.folder().path() / "data")) {
            if (entry.path().string().ends_with("-wal")) {
                std::error_code gone;
                most = std::max(most, entry.file_size(gone));
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // between two looks
    }
    done = true;
    reader.join();
    const std::string report = load.rest();
    load.wait();
    WARN("the log's largest size: " << most / 1024 / 1024 << " MiB\n" << report);
    CHECK(report.find("Non-2xx") == std::string::npos);
    CHECK(most > 0);
    CHECK(most < 256u * 1024 * 1024);
}
