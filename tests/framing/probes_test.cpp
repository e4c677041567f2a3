#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "probe.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;

namespace {

/// Sends the probe in pieces of that many bytes and checks replies, the connection's fate, and what
/// the handler saw.
void check(ServerFixture& fixture, const Probe& probe, std::size_t piece_bytes) {
    CAPTURE(probe.name, piece_bytes);
    fixture.thread.run([&] { fixture.requests.clear(); });
    Peer peer = fixture.connect();
    for (std::size_t at = 0; at < probe.bytes.size(); at += piece_bytes) {
        if (at > 0) fixture.thread.catch_up();
        peer.send(std::string_view(probe.bytes).substr(at, piece_bytes));
    }
    std::vector<int> statuses;
    for (std::size_t i = 0; i < probe.statuses.size(); ++i)
        statuses.push_back(status_of(peer.read_message()));
    CHECK(statuses == probe.statuses);
    peer.send(get("/after", "Connection: close\r\n"));
    const std::string after = peer.read_to_end();
    CHECK(status_of(after) == (probe.keep ? 200 : 0));

    const std::vector<std::string> seen = fixture.targets();
    const auto accepted = std::count(probe.statuses.begin(), probe.statuses.end(), 200);
    CHECK(static_cast<std::ptrdiff_t>(seen.size()) == accepted + (probe.keep ? 1 : 0));
    for (const std::string& target : seen) {
        CAPTURE(target);
        CHECK((target.starts_with("/sent") || target == "*" || (probe.keep && target == "/after")));
    }
}

}  // namespace

TEST_CASE("framing: every probe gets its status and its connection its fate", "[framing]") {
    ServerFixture fixture;
    const std::vector<Probe> probes = read_probes();
    REQUIRE(probes.size() >= 100);
    for (const Probe& probe : probes)
        check(fixture, probe, std::string::npos);
}

TEST_CASE("framing: no probe fares otherwise when it comes in pieces", "[framing]") {
    ServerFixture fixture;
    for (const Probe& probe : read_probes()) {
        if (probe.bytes.size() > 2'000) continue;
        check(fixture, probe, 7);
        check(fixture, probe, std::max<std::size_t>(1, probe.bytes.size() - 1));
    }
}
