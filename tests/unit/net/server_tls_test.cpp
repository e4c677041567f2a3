#include <catch2/catch.hpp>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "server_fixture.hpp"
#include "tls_peer.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
namespace limits = signalbox::limits;

namespace {

struct Log final : signalbox::LogSink {
    void write(const signalbox::LogEvent& event) override {
        const std::lock_guard lock(mutex);
        names.emplace_back(event.name);
    }
    std::vector<std::string> seen() {
        const std::lock_guard lock(mutex);
        return names;
    }
    std::mutex mutex;
    std::vector<std::string> names;
};

/// The files of a server whose certificate is by an authority of its own.
struct Identity {
    KeyAndCertificate authority = make_authority();
    KeyAndCertificate server = make_certificate(authority, "DNS:localhost,IP:127.0.0.1");
    std::shared_ptr<const std::string> certificate = certificate_file(server);
    std::shared_ptr<const std::string> key = key_file(server);

    ServerOptions options() const {
        ServerOptions options;
        options.tls = ServerTls{*certificate, *key, {}, true};
        return options;
    }
    void replace(const KeyAndCertificate& by) const {
        std::ofstream(*certificate) << certificate_pem(by);
        std::ofstream(*key) << key_pem(by);
    }
};

TlsPeer shake(ServerFixture& fixture, TlsPeer::Options options = {}) {
    return {fixture.connect(), options};
}

std::string asked(TlsPeer peer) {
    peer.send(get("/x"));
    return body_of(peer.read_message());
}

}  // namespace

TEST_CASE("net: the listener speaks TLS 1.2 and 1.3 and keeps connections alive", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsPeer peer = shake(fixture, {version, nullptr, nullptr});
        REQUIRE(peer.shaken());
        CHECK(peer.version() == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
        CHECK(peer.serial() == serial_of(identity.server));
        for (const char* target : {"/1", "/2"}) {
            peer.send(get(target));
            CHECK(body_of(peer.read_message()) == std::string(target) + "|");
        }
    }
}

TEST_CASE("net: the listener refuses versions below TLS 1.2 with the alert that says so", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        TlsPeer peer = shake(fixture, {version, nullptr, nullptr});
        CHECK_FALSE(peer.shaken());
        CHECK(peer.alert() == "protocol version");
    }
    CHECK(asked(shake(fixture)) == "/x|");
}

TEST_CASE("net: plain HTTP on the HTTPS port is answered with what to write", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    Peer peer = fixture.connect();
    peer.send(get());
    const std::string reply = peer.read_to_end();
    CHECK(status_of(reply) == 400);
    CHECK(body_of(reply).find("https://") != std::string::npos);
    CHECK(fixture.targets().empty());
}

TEST_CASE("net: large bodies pass the listener's TLS both ways", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    TlsPeer peer = shake(fixture);
    const std::string body(limits::http_body_bytes_max, 'x');
    peer.send(post("/", body));
    CHECK(body_of(peer.read_message()) == "/|" + body);
}

TEST_CASE("net: pipelined requests inside one TLS record are all answered", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    TlsPeer peer = shake(fixture);
    std::string requests;
    for (int i = 0; i < 40; ++i)
        requests += get("/" + std::to_string(i));
    peer.send(requests);
    for (int i = 0; i < 40; ++i)
        CHECK(body_of(peer.read_message()) == "/" + std::to_string(i) + "|");
}

TEST_CASE("net: a last reply over TLS ends with a close that the client can trust", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    TlsPeer peer = shake(fixture);
    peer.send(get("/", "Connection: close\r\n"));
    CHECK(body_of(peer.read_to_end()) == "/|");
    CHECK(peer.alert().empty());
}

TEST_CASE("net: the listener resumes the sessions it gave", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsPeer first = shake(fixture, {version, nullptr, nullptr});
        first.send(get());
        CHECK(status_of(first.read_message()) == 200);
        const auto session = first.session();
        TlsPeer second = shake(fixture, {version, nullptr, session.get()});
        CHECK(second.resumed());
    }
}

TEST_CASE("net: a required client certificate is checked before a request is seen", "[net]") {
    const Identity identity;
    const KeyAndCertificate clients = make_authority();
    const auto clients_file = certificate_file(clients);
    const KeyAndCertificate good = make_certificate(clients, "DNS:client");
    const KeyAndCertificate stranger = make_certificate(make_authority(), "DNS:client");
    const KeyAndCertificate expired = make_certificate(clients, "DNS:client", -7'200, -3'600);
    ServerOptions options = identity.options();
    options.tls->client_ca_file = *clients_file;
    ServerFixture fixture(options);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CHECK(asked(shake(fixture, {version, &good, nullptr})) == "/x|");
        const std::pair<const KeyAndCertificate*, const char*> refused[] = {
            {nullptr, version == TLS1_2_VERSION ? "handshake failure" : "certificate required"},
            {&stranger, "unknown CA"},
            {&expired, "certificate expired"}};
        for (const auto& [who, alert] : refused) {
            TlsPeer peer = shake(fixture, {version, who, nullptr});
            peer.send(get("/secret"));
            CHECK(peer.read_to_end().empty());
            CHECK(peer.alert() == alert);
        }
    }
    CHECK(fixture.targets() == std::vector<std::string>{"/x", "/x"});
}

TEST_CASE("net: an optional client certificate may be missing but not bad", "[net]") {
    const Identity identity;
    const KeyAndCertificate clients = make_authority();
    const auto clients_file = certificate_file(clients);
    const KeyAndCertificate stranger = make_certificate(make_authority(), "DNS:client");
    ServerOptions options = identity.options();
    options.tls->client_ca_file = *clients_file;
    options.tls->client_certificate_required = false;
    ServerFixture fixture(options);
    CHECK(asked(shake(fixture)) == "/x|");
    CHECK(asked(shake(fixture, {TLS1_3_VERSION, &stranger, nullptr})).empty());
}

TEST_CASE("net: a changed certificate is shown without a restart and open connections stay",
          "[net]") {
    const Identity identity;
    Log log;
    ServerOptions options = identity.options();
    options.log = &log;
    ServerFixture fixture(options);
    TlsPeer before = shake(fixture);
    const KeyAndCertificate fresh = make_certificate(identity.authority, "DNS:localhost");
    identity.replace(fresh);
    fixture.thread.advance(limits::tls_files_look_ms - 1);
    CHECK(shake(fixture).serial() == serial_of(identity.server));
    fixture.thread.advance(1);
    CHECK(shake(fixture).serial() == serial_of(fresh));
    CHECK(asked(std::move(before)) == "/x|");
    CHECK(log.seen() == std::vector<std::string>{"tls_files_taken"});
}

TEST_CASE("net: changed files that do not belong together leave the old certificate in use",
          "[net]") {
    const Identity identity;
    Log log;
    ServerOptions options = identity.options();
    options.log = &log;
    ServerFixture fixture(options);
    std::ofstream(*identity.key) << key_pem(make_authority());
    fixture.thread.advance(limits::tls_files_look_ms);
    CHECK(shake(fixture).serial() == serial_of(identity.server));
    CHECK(log.seen() == std::vector<std::string>{"tls_files_unusable"});
}

TEST_CASE("net: a server whose certificate cannot be used does not start and names the file",
          "[net]") {
    const Identity identity;
    for (const std::string& file : {std::string("/nonexistent/certificate.pem"), *identity.key}) {
        ServerOptions options = identity.options();
        options.tls->certificate_file = file;
        ServerFixture handler;
        Server server(handler.thread.loop, handler, options);
        handler.thread.run([&] {
            const auto listening = server.listen();
            REQUIRE_FALSE(listening);
            CHECK(listening.error().code == "tls_failed");
            CHECK(listening.error().message.find(file) != std::string::npos);
        });
    }
}

TEST_CASE("net: a handshake has the time of a head and a stalled one is closed", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    Peer silent = fixture.connect_and_wait(1);
    Peer half = fixture.connect_and_wait(2);
    half.send_all_the_way(std::string("\x16\x03\x01\x02\x00\x01", 6));
    fixture.thread.catch_up();
    CHECK(asked(shake(fixture)) == "/x|");
    fixture.thread.advance(limits::http_head_ms_max - 1);
    CHECK(fixture.eventually_connections(2));
    fixture.thread.advance(1);
    CHECK(silent.read_to_end().empty());
    CHECK(half.read_to_end().empty());
    CHECK(fixture.eventually_connections(0));
}

TEST_CASE("net: garbage that begins like a handshake ends that connection and no other", "[net]") {
    const Identity identity;
    ServerFixture fixture(identity.options());
    TlsPeer good = shake(fixture);
    Peer bad = fixture.connect();
    bad.send(std::string("\x16\x03\x01\x00\x04", 5) + "\xff\xff\xff\xff");
    bad.read_to_end();
    bad.close();
    CHECK(asked(std::move(good)) == "/x|");
}
