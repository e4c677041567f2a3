// Preview is the same code as delivery: with the same id and the same clock, the same bytes.
#include <catch2/catch.hpp>

#include "signalbox/check.hpp"
#include "signalbox/dispatcher.hpp"
#include "support/world.hpp"

using namespace signalbox;
using namespace signalbox::test;

namespace {

class PreviewIds final : public IdSource {
    std::string next_run_id() override { return "r_preview"; }
};

/// Time stands still on the wall; steady time goes on, because sockets have deadlines.
class StoppedWall final : public Clock {
    std::int64_t wall_ms() const override { return 1'700'000'000'000; }
    std::int64_t steady_ms() const override { return system_clock().steady_ms(); }
    std::int64_t steady_us() const override { return system_clock().steady_us(); }
};

}  // namespace

TEST_CASE("preview: with the same id and clock it equals what the target receives",
          "[integration]") {
    WorldOptions options;
    options.clients = false;
    World world(options);
    world.start_standin();
    ::setenv("AZURE_SECRET", "azure-secret", 1);
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);

    PreviewIds ids;
    StoppedWall clock;
    Seams seams;
    seams.ids = &ids;
    seams.clock = &clock;
    auto dispatcher = Dispatcher::from_file(world.config(), seams);
    REQUIRE(dispatcher);
    REQUIRE((*dispatcher)->start());

    const std::string body = R"({"properties":{"name":"same","count":2}})";
    const Called previewed =
        call((*dispatcher)->url(), "POST", "/v1/actions/release/preview", body);
    REQUIRE(previewed.status == 200);
    CHECK(world.received().empty());
    auto offline = signalbox::preview(world.config(), "release", body, seams);
    REQUIRE(offline);
    CHECK(offline->body == previewed.text("request.body"));
    CHECK(offline->url == previewed.text("request.url"));

    REQUIRE(call((*dispatcher)->url(), "POST", "/v1/actions/release/runs", body).status == 202);
    world.await("r_preview", {"accepted"});
    const Called received = call(world.standin_url(), "GET", "/_standin/received");
    CHECK(world.received_body() == previewed.text("request.body"));
    for (const char* header : {"Content-Type", "X-Port-Signature"}) {
        const std::string line = std::string(header) + ": ";
        const std::size_t at = offline->headers.find(line);
        REQUIRE(at != std::string::npos);
        const std::string value = offline->headers.substr(
            at + line.size(), offline->headers.find('\n', at) - at - line.size());
        CHECK(received.body.find(value) != std::string::npos);
    }
    (*dispatcher)->stop(1'000);
}
