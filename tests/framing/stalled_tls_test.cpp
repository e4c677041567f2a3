#include <catch2/catch.hpp>
#include <vector>

#include "base/limits.hpp"
#include "stalled.hpp"
#include "tls_peer.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
namespace limits = signalbox::limits;

namespace {

/// As a client's first flight begins: a handshake record of which a ClientHello's head is there.
const std::string kHalfHello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);

}  // namespace

TEST_CASE("framing: 500 connections that stall in or behind the TLS handshake delay nobody",
          "[framing]") {
    constexpr std::size_t kEach = 125;
    allow_descriptors(2 * 4 * kEach + 300);
    const KeyAndCertificate authority = make_authority();
    const KeyAndCertificate identity = make_certificate(authority, "DNS:localhost");
    const auto certificate = certificate_file(identity);
    const auto key = key_file(identity);
    ServerOptions options;
    options.tls = ServerTls{*certificate, *key, {}, true};
    ServerFixture fixture(options);

    std::vector<Peer> before;   // nothing, or half a handshake
    std::vector<TlsPeer> after;  // nothing, or half a head
    for (std::size_t i = 0; i < kEach; ++i) {
        before.push_back(fixture.connect());
        before.push_back(fixture.connect());
        before.back().send_all_the_way(kHalfHello);
        for (const char* opening : {"", "GET /half HTTP/1.1\r\nHost: loc"}) {
            after.emplace_back(fixture.connect(), TlsPeer::Options{});
            REQUIRE(after.back().shaken());
            if (*opening != '\0') after.back().send(opening);
        }
    }
    REQUIRE(fixture.eventually_connections(4 * kEach));
    // The clock stands still, so no deadline has freed anything.
    TlsPeer fresh(fixture.connect(), TlsPeer::Options{});
    REQUIRE(fresh.shaken());
    fresh.send(get("/fresh"));
    CHECK(body_of(fresh.read_message()) == "/fresh|");
    CHECK(fixture.eventually_connections(4 * kEach + 1));
    CHECK(fixture.targets() == std::vector<std::string>{"/fresh"});

    fixture.thread.advance(limits::http_idle_ms_max + limits::http_linger_ms_max);
    fixture.thread.advance(limits::http_idle_ms_max + limits::http_linger_ms_max);
    CHECK(fixture.eventually_connections(0));
}
