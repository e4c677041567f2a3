#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "base/limits.hpp"
#include "certificates.hpp"
#include "client_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
using signalbox::dispatch::Effect;
using signalbox::dispatch::Failure;
using signalbox::dispatch::failure_name;
using signalbox::dispatch::WireReply;
namespace limits = signalbox::limits;

namespace {

struct Trust {
    KeyAndCertificate authority = make_authority();
    std::shared_ptr<const std::string> file = certificate_file(authority);
    ClientOptions options() const { return {*file}; }
};

void check_refused(const WireReply& reply, const std::string& reason) {
    CHECK(std::string(failure_name(reply.failure)) == "tls");
    CHECK(reply.effect == Effect::none);
    CHECK(reply.times.tls >= 0);
    CHECK(reply.times.send < 0);
    CAPTURE(reply.message);
    CHECK(reply.message.find(reason) != std::string::npos);
}

}  // namespace

TEST_CASE("net: HTTPS works with a certificate that proves the name or the address", "[net]") {
    const Trust trust;
    TlsServer target(make_certificate(trust.authority, "DNS:localhost,IP:127.0.0.1"), 2);
    {
        ClientFixture fixture(trust.options());
        const WireReply by_name = fixture.send(post_to(target.url("localhost"), "hello"));
        CHECK(by_name.message == "");
        CHECK(by_name.failure == Failure::none);
        CHECK(by_name.body == "5");
        CHECK(by_name.tls_version == "TLSv1.3");
        CHECK(by_name.times.tls >= 0);
        const WireReply again = fixture.send(post_to(target.url("localhost"), "hello!"));
        CHECK(again.body == "6");
        CHECK(again.times.tls < 0);
        CHECK(again.tls_version == "TLSv1.3");
    }
    ClientFixture fixture(trust.options());
    CHECK(fixture.send(request_to(target.url("127.0.0.1"))).failure == Failure::none);
    fixture.thread.run([&] { fixture.client.reset(); });
    target.join();
    CHECK(target.server_name().empty());  // an address is never sent as a server name
}

TEST_CASE("net: HTTPS refuses a certificate for another name", "[net]") {
    const Trust trust;
    for (const std::string names :
         {"DNS:other.example", "DNS:*.localhost", "IP:127.0.0.2", "DNS:127.0.0.1"}) {
        TlsServer target(make_certificate(trust.authority, names), 2);
        ClientFixture fixture(trust.options());
        const std::string meant = "it is for " + names.substr(names.find(':') + 1);
        const WireReply by_name = fixture.send(request_to(target.url("localhost")));
        check_refused(by_name, "not one for localhost");
        check_refused(by_name, meant);
        if (names == "DNS:127.0.0.1") continue;
        check_refused(fixture.send(request_to(target.url("127.0.0.1"))), "not one for 127.0.0.1");
    }
}

TEST_CASE("net: HTTPS says which way a certificate is bad", "[net]") {
    const Trust trust;
    const KeyAndCertificate stranger = make_authority();
    const std::pair<KeyAndCertificate, const char*> rows[] = {
        {make_certificate(stranger, "DNS:localhost"),
         "by an authority that is not known here (CN = Test Authority "},
        {make_self_signed("DNS:localhost"), "the certificate is self-signed"},
        {make_certificate(trust.authority, "DNS:localhost", -7'200, -3'600),
         "the certificate expired on "},
        {make_certificate(trust.authority, "DNS:localhost", 3'600, 7'200),
         "the certificate is not valid before "},
    };
    for (const auto& [identity, reason] : rows) {
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            TlsServer target(identity, 1, version);
            ClientFixture fixture(trust.options());
            check_refused(fixture.send(request_to(target.url("localhost"))), reason);
        }
    }
}

TEST_CASE("net: a connection of the config trusts its own authorities and no other", "[net]") {
    const Trust system;
    const Trust own;
    TlsServer ours(make_certificate(own.authority, "DNS:localhost"), 2);
    TlsServer theirs(make_certificate(system.authority, "DNS:localhost"), 1);
    ClientFixture fixture(system.options());
    auto request = request_to(ours.url("localhost"));
    request.tls.ca_file = *own.file;
    CHECK(fixture.send(request).failure == Failure::none);
    // The connection that was proved to one set of rules is not lent to another.
    check_refused(fixture.send(request_to(ours.url("localhost"))), "not known here");
    request.url = theirs.url("localhost");
    check_refused(fixture.send(request), "not known here");
}

TEST_CASE("net: a target that asks for a certificate gets ours and a refusal has no effect",
          "[net]") {
    const Trust trust;
    const Trust clients;
    const KeyAndCertificate identity = make_certificate(trust.authority, "DNS:localhost");
    const auto send_as = [&](const KeyAndCertificate* who, int version,
                             const std::string& expected) {
        CAPTURE(version, expected);
        TlsServer target(identity, 1, version, &clients.authority);
        {
            ClientFixture fixture(trust.options());
            auto request = request_to(target.url("localhost"));
            std::shared_ptr<const std::string> certificate;
            std::shared_ptr<const std::string> key;
            if (who != nullptr) {
                certificate = certificate_file(*who);
                key = key_file(*who);
                request.tls.certificate_file = *certificate;
                request.tls.key_file = *key;
            }
            const WireReply reply = fixture.send(request);
            CAPTURE(reply.message);
            CHECK(reply.message.find(expected) != std::string::npos);
            CHECK(reply.failure == (expected.empty() ? Failure::none : Failure::tls));
            CHECK((reply.effect == Effect::none) == !expected.empty());
        }
        target.join();
        CHECK(target.requests() == (expected.empty() ? 1 : 0));
    };
    const KeyAndCertificate good = make_certificate(clients.authority, "DNS:client");
    const KeyAndCertificate bad = make_certificate(make_authority(), "DNS:client");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        send_as(&good, version, "");
        send_as(&bad, version, "the peer refuses our client certificate");
    }
    send_as(nullptr, TLS1_3_VERSION, "the peer asks for a client certificate");
    send_as(nullptr, TLS1_2_VERSION, "the peer refused the handshake (alert: handshake failure)");
}

TEST_CASE("net: a key that does not belong to its certificate makes HTTPS fail and names the files",
          "[net]") {
    const Trust trust;
    const auto certificate = certificate_file(make_certificate(trust.authority, "DNS:client"));
    const auto key = key_file(make_authority());
    ScriptedServer target([](Peer peer) { peer.read_to_end(); });
    ClientFixture fixture(trust.options());
    auto request = request_to("https://127.0.0.1:" + std::to_string(target.port()) + "/");
    request.tls.certificate_file = *certificate;
    request.tls.key_file = *key;
    const WireReply reply = fixture.send(request);
    CHECK(reply.failure == Failure::tls);
    CHECK(reply.message.find(*key) != std::string::npos);
    CHECK(reply.message.find("PRIVATE KEY") == std::string::npos);
}

TEST_CASE("net: a changed file of authorities is used without a restart", "[net]") {
    const Trust first;
    const Trust second;
    TlsServer target(make_certificate(second.authority, "DNS:localhost"), 3);
    ClientFixture fixture;
    auto request = request_to(target.url("localhost"));
    request.tls.ca_file = *first.file;
    check_refused(fixture.send(request), "not known here");
    std::ofstream(*first.file) << certificate_pem(second.authority);
    fixture.thread.clock.advance(limits::tls_files_look_ms - 1);
    check_refused(fixture.send(request), "not known here");
    fixture.thread.clock.advance(1);
    CHECK(fixture.send(request).failure == Failure::none);
}

TEST_CASE("net: HTTPS refuses versions below TLS 1.2 and takes that one", "[net]") {
    const Trust trust;
    const auto identity = make_certificate(trust.authority, "DNS:localhost");
    {
        TlsServer target(identity, 1, TLS1_2_VERSION);
        ClientFixture fixture(trust.options());
        const WireReply reply = fixture.send(request_to(target.url("localhost")));
        CHECK(reply.failure == Failure::none);
        CHECK(reply.tls_version == "TLSv1.2");
    }
    TlsServer target(identity, 1, TLS1_1_VERSION);
    ClientFixture fixture(trust.options());
    check_refused(fixture.send(request_to(target.url("localhost"))),
                  "the peer speaks neither TLS 1.2 nor TLS 1.3");
}

TEST_CASE("net: the next connection to an origin resumes the session and is still checked",
          "[net]") {
    const Trust trust;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsServer target(make_certificate(trust.authority, "DNS:localhost"), 2, version);
        {
            ClientFixture fixture(trust.options());
            CHECK(fixture.send(request_to(target.url("localhost"))).failure == Failure::none);
            fixture.thread.advance(limits::pool_idle_ms_max);
            CHECK(fixture.send(request_to(target.url("localhost"))).failure == Failure::none);
        }
        target.join();
        CHECK(target.resumed() == 1);
    }
}

TEST_CASE("net: a large body goes through TLS in pieces", "[net]") {
    const Trust trust;
    TlsServer target(make_certificate(trust.authority, "DNS:localhost"), 1);
    ClientFixture fixture(trust.options());
    const WireReply reply =
        fixture.send(post_to(target.url("localhost"), std::string(2 * limits::mib, 'x')));
    CHECK(reply.failure == Failure::none);
    CHECK(reply.body == std::to_string(2 * limits::mib));
}

TEST_CASE("net: a peer that does not speak TLS is a failure of TLS", "[net]") {
    for (const std::string& hello :
         {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string()}) {
        ScriptedServer target([&](Peer peer) {
            peer.read(1);
            peer.send(hello);
        });
        ClientFixture fixture;
        const WireReply reply =
            fixture.send(request_to("https://127.0.0.1:" + std::to_string(target.port()) + "/"));
        check_refused(reply, "No TLS");
    }
}

TEST_CASE("net: a handshake that hangs ends with the deadline", "[net]") {
    std::promise<void> asked;
    ScriptedServer target([&](Peer peer) {
        peer.read(1);
        asked.set_value();
        peer.read_to_end();
    });
    ClientFixture fixture;
    auto pending =
        fixture.begin(request_to("https://127.0.0.1:" + std::to_string(target.port()) + "/"));
    asked.get_future().get();
    fixture.thread.advance(30'000);
    const WireReply reply = wait_for(pending);
    CHECK(reply.failure == Failure::timeout);
    CHECK(reply.effect == Effect::none);
    CHECK(reply.message.find("TLS handshake") != std::string::npos);
}

TEST_CASE("net: a file of roots that is none makes HTTPS fail and says so", "[net]") {
    ScriptedServer target([](Peer peer) { peer.read_to_end(); });
    ClientFixture fixture(ClientOptions{"/nonexistent/roots.pem"});
    const WireReply reply =
        fixture.send(request_to("https://127.0.0.1:" + std::to_string(target.port()) + "/"));
    CHECK(reply.failure == Failure::tls);
    CHECK(reply.message.find("TLS cannot be set up") != std::string::npos);
}
