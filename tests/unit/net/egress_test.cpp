#include "net/egress.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "client_fixture.hpp"

using namespace signalbox::net;

namespace {

bool refused(const std::string& address, const std::vector<std::string>& allow = {}) {
    const auto parsed = Address::parse(address, 80);
    REQUIRE(parsed);
    return !refused_reason(*parsed, allow).empty();
}

}  // namespace

TEST_CASE("net: addresses of the public internet may be connected to", "[net]") {
    for (const char* address :
         {"8.8.8.8", "13.107.42.20", "126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0",
          "100.63.255.255", "100.128.0.0", "223.255.255.255", "2606:4700::1", "2a00:1450::1",
          "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}) {
        CAPTURE(address);
        CHECK_FALSE(refused(address));
    }
}

TEST_CASE("net: addresses of our own side are refused in every spelling", "[net]") {
    for (const char* address : {"127.0.0.1",
                                "127.255.255.255",
                                "10.0.0.0",
                                "10.255.255.255",
                                "172.16.0.0",
                                "172.31.255.255",
                                "192.168.0.1",
                                "169.254.169.254",
                                "168.63.129.16",
                                "100.64.0.1",
                                "0.0.0.0",
                                "224.0.0.1",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "fe80::1",
                                "fd00:ec2::254",
                                "fc00::1",
                                "ff02::1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.1.2.3",
                                "::ffff:169.254.169.254",
                                "::127.0.0.1",
                                "64:ff9b::7f00:1",
                                "64:ff9b::a9fe:a9fe",
                                "2002:7f00:1::",
                                "2002:a00:1::1",
                                "::ffff:0:10.1.2.3",
                                "2001:0:1::"}) {
        CAPTURE(address);
        CHECK(refused(address));
    }
}

TEST_CASE("net: an allowed range lets through what it holds and nothing beside it", "[net]") {
    CHECK_FALSE(refused("10.1.0.0", {"10.1.0.0/16"}));
    CHECK_FALSE(refused("10.1.255.255", {"10.1.0.0/16"}));
    CHECK(refused("10.2.0.0", {"10.1.0.0/16"}));
    CHECK(refused("10.0.255.255", {"10.1.0.0/16"}));
    CHECK_FALSE(refused("10.1.2.3", {"192.168.0.0/16", "10.1.2.3"}));
    CHECK(refused("10.1.2.4", {"10.1.2.3"}));
    CHECK_FALSE(refused("10.1.2.7", {"10.1.2.4/30"}));
    CHECK(refused("10.1.2.8", {"10.1.2.4/30"}));
    CHECK_FALSE(refused("127.0.0.1", {"0.0.0.0/0"}));
    CHECK_FALSE(refused("::ffff:10.1.2.3", {"10.0.0.0/8"}));
    CHECK_FALSE(refused("64:ff9b::a01:203", {"10.0.0.0/8"}));
    CHECK_FALSE(refused("fd12::1", {"fd00::/8"}));
    CHECK(refused("fe80::1", {"fd00::/8"}));
    CHECK_FALSE(refused("::1", {"::1"}));
    CHECK(refused("127.0.0.1", {"::/0"}));
    CHECK(refused("::1", {"0.0.0.0/0"}));
}

TEST_CASE("net: a malformed range allows nothing", "[net]") {
    for (const char* range : {"", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                              "/0", "*", "0.0.0.0/0/0", "10.0.0/8"}) {
        CAPTURE(range);
        CHECK(refused("10.1.2.3", {range}));
    }
}

TEST_CASE("net: a refusal names the address and the rule and an entry that allows it", "[net]") {
    const std::vector<std::vector<std::string>> rows = {
        {"10.1.2.3", "the address 10.1.2.3 is private (10.0.0.0/8)", "10.1.2.3/32"},
        {"127.0.0.53", "the address 127.0.0.53 is loopback (127.0.0.0/8)", "127.0.0.0/8"},
        {"169.254.169.254", "link-local (a cloud's metadata service) (169.254.0.0/16)",
         "169.254.169.254/32"},
        {"::ffff:10.1.2.3", "is private (10.0.0.0/8)", "10.1.2.3/32"},
        {"64:ff9b::a01:203", "64:ff9b::a01:203 carries 10.1.2.3, which is private", "10.1.2.3/32"},
        {"::1", "the address ::1 is loopback (::1/128)", "::1/128"},
        {"fd00::7", "is private (fc00::/7)", "fd00::7/128"},
    };
    for (const auto& row : rows) {
        const std::string reason = refused_reason(*Address::parse(row[0], 80), {});
        CAPTURE(reason);
        CHECK(reason.find(row[1]) != std::string::npos);
        CHECK(reason.find("egress: { allow: [" + row[2] + "] }") != std::string::npos);
        CHECK_FALSE(refused(row[0], {row[2]}));
    }
}

TEST_CASE("net: a host is judged by what it means however its address is written", "[net]") {
    test::ScriptedServer target([](test::Peer peer) { peer.read_to_end(); });
    test::ClientFixture fixture;
    const std::string port = ":" + std::to_string(target.port()) + "/";
    for (const char* host :
         {"127.0.0.1", "2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "127.0.1",
          "localhost", "LocalHost", "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
          "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
          "[2002:7f00:1::]", "[2001::1]", "169.254.169.254", "2852039166", "0xa9fea9fe",
          "169.254.43518"}) {
        CAPTURE(host);
        auto request = test::request_to("http://" + std::string(host) + port);
        request.egress_allow.clear();
        const auto reply = fixture.send(request);
        CAPTURE(reply.message);
        CHECK(reply.failure == signalbox::dispatch::Failure::refused);
        CHECK(reply.effect == signalbox::dispatch::Effect::none);
        CHECK(reply.message.find("write egress: { allow: [") != std::string::npos);
    }
    test::Peer::to(target.port()).close();  // nobody came before
}
