#include <catch2/catch.hpp>

#include "signalbox/check.hpp"
#include "support/world.hpp"

using namespace signalbox;

namespace {

Result<std::string> url_of(const std::string& config) {
    const test::Folder folder;
    return server_url(folder.write("signalbox.yaml", config));
}

}  // namespace

TEST_CASE("server url: a config's server is asked where it listens", "[integration]") {
    CHECK(*url_of("listen: 127.0.0.1:9000\n") == "http://127.0.0.1:9000");
    CHECK(*url_of("listen: localhost:80\n") == "http://localhost:80");
    CHECK(*url_of("actions: a/*\n") == "http://127.0.0.1:8080");
    CHECK(*url_of("") == "http://127.0.0.1:8080");
    CHECK(*url_of("{\"listen\": \"[::1]:9000\"}") == "http://[::1]:9000");
    CHECK(*url_of("listen: 127.0.0.1:9000\ntls: { certificate: c, key: k }\n") == "https://127.0.0.1:9000");
}

TEST_CASE("server url: one that listens on every address is asked on this machine", "[integration]") {
    CHECK(*url_of("listen: 0.0.0.0:9000\n") == "http://127.0.0.1:9000");
    CHECK(*url_of("listen: \"[::]:9000\"\n") == "http://[::1]:9000");
}

TEST_CASE("server url: a config that names another machine does not get a client's secret there", "[integration]") {
    for (const char* host : {"signalbox.example", "203.0.113.77", "\"[2001:db8::1]\""}) {
        std::string listen = host;
        listen.insert(listen.back() == '"' ? listen.size() - 1 : listen.size(), ":80");
        const auto url = url_of("listen: " + listen + "\n");
        REQUIRE_FALSE(url);
        CHECK(url.error().code == "not_here");
    }
}

TEST_CASE("server url: what else is wrong with the config does not matter", "[integration]") {
    CHECK(*url_of("listen: 127.0.0.1:9000\nlisen: 1\nclients: 7\nclients: &x 8\n") == "http://127.0.0.1:9000");
}

TEST_CASE("server url: a config that does not say where is told with the place", "[integration]") {
    const auto no_port = url_of("listen: 127.0.0.1:0\n");
    REQUIRE_FALSE(no_port);
    CHECK(no_port.error().code == "no_port");
    for (const char* config : {"actions: a/*\nlisten: 8080\n", "actions: a/*\nlisten: { port: 1 }\n",
                               "actions: a/*\nlisten: here\n", "actions: a/*\nlisten: [ }\n"}) {
        const auto url = url_of(config);
        REQUIRE_FALSE(url);
        CHECK(url.error().code == "config_invalid");
        CHECK(url.error().message.find("signalbox.yaml:2:") != std::string::npos);
    }
    const test::Folder folder;
    CHECK(server_url(folder.path() / "nothing.yaml").error().code == "config_invalid");
}
