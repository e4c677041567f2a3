#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "certificates.hpp"
#include "support/child.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

const std::string kCurl = "/usr/bin/curl";

/// `signalbox serve` over HTTPS, with the lines of `tls:` given.
class HttpsWorld {
  public:
    explicit HttpsWorld(const std::string& more = {}) : certificates(folder), port(free_port()) {
        folder.write("actions/none.txt", "");
        const auto config = folder.write(
            "signalbox.yaml", "listen: 127.0.0.1:" + std::to_string(port) +
                                  "\njournal: ./data\nactions: actions/*.yaml\n"
                                  "tls:\n  certificate: server.pem\n  key: server.key\n" +
                                  more);
        serve_ = std::make_unique<Child>(
            std::vector<std::string>{SIGNALBOX_BIN_DIR "/signalbox", "serve", "--config", config},
            std::map<std::string, std::string>{}, certificates.file("serve.log"));
        first_line = serve_->line();
        serve_->discard();
    }
    /// curl's exit code and what it printed.
    Ran curl(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {kCurl, "--silent", "--max-time", "30"});
        arguments.push_back(url() + "/healthz");
        return run(std::move(arguments));
    }
    Ran trusted(std::vector<std::string> arguments = {}) const {
        arguments.insert(arguments.end(), {"--cacert", certificates.file("ca.pem")});
        return curl(std::move(arguments));
    }
    /// openssl s_client's exit code and all that it printed.
    Ran s_client(const std::string& arguments) const {
        return run({"/bin/sh", "-c",
                    kOpenssl + " s_client -brief -verify_return_error -connect 127.0.0.1:" +
                        std::to_string(port) + " -CAfile " + certificates.file("ca.pem") + " " +
                        arguments + " < /dev/null 2>&1"});
    }
    std::string url() const { return "https://localhost:" + std::to_string(port); }

    Folder folder;
    Certificates certificates;
    std::uint16_t port;
    std::string first_line;

  private:
    std::unique_ptr<Child> serve_;
};

const std::string kHealthy = R"({"ok":true})";

}  // namespace

TEST_CASE("tls: curl and openssl take the listener's TLS 1.2 and 1.3 and nothing older", "[tls]") {
    const HttpsWorld world;
    CHECK(world.first_line.find("https://") != std::string::npos);
    CHECK(world.trusted().output == kHealthy);
    CHECK(world.trusted({"--tlsv1.2", "--tls-max", "1.2"}).output == kHealthy);
    CHECK(world.trusted({"--tlsv1.3"}).output == kHealthy);
    CHECK(world.curl({}).code == 60);  // curl's "the peer's certificate cannot be authenticated"
    CHECK(world.s_client("-tls1_2").output.find("Protocol version: TLSv1.2") != std::string::npos);
    CHECK(world.s_client("-tls1_3").output.find("Protocol version: TLSv1.3") != std::string::npos);
    for (const char* old : {"-tls1", "-tls1_1"}) {
        const Ran refused = world.s_client(std::string(old) + " -cipher DEFAULT@SECLEVEL=0");
        CHECK(refused.code != 0);
        CHECK(refused.output.find("alert protocol version") != std::string::npos);
    }
    // No anonymous, static RSA, or broken cipher.
    for (const char* cipher : {"aNULL", "AES128-SHA", "3DES", "eNULL"})
        CHECK(world.s_client("-tls1_2 -cipher " + std::string(cipher) + ":@SECLEVEL=0").code != 0);
}

TEST_CASE("tls: plain HTTP on the HTTPS port is told so", "[tls]") {
    const HttpsWorld world;
    const Called called = call("http://127.0.0.1:" + std::to_string(world.port), "GET", "/healthz");
    CHECK(called.status == 400);
    CHECK(called.text("error") == "https_only");
}

TEST_CASE("tls: the listener asks for client certificates where the config says so", "[tls]") {
    const HttpsWorld world("  client_ca: clients.pem\n");
    const auto with = [&world](const std::string& name) {
        return world.trusted({"--cert", world.certificates.file(name + ".pem"), "--key",
                              world.certificates.file(name + ".key")});
    };
    CHECK(with("client").output == kHealthy);
    CHECK(with("stranger").output.empty());
    CHECK(world.trusted().output.empty());
    const HttpsWorld lenient("  client_ca: clients.pem\n  client_certificates: optional\n");
    CHECK(lenient.trusted().output == kHealthy);
}

TEST_CASE("tls: a renewed certificate is used without a restart", "[tls]") {
    const HttpsWorld world;
    CHECK(world.trusted().output == kHealthy);
    // Of a new authority, so that whichever the server shows can be told by who trusts it.
    world.certificates.issue("server", "clients", "subjectAltName=DNS:localhost");
    const std::vector<std::string> anew = {"--cacert", world.certificates.file("clients.pem")};
    Ran ran;
    // The files are looked at once a second; bounded by what a slow machine needs.
    for (int i = 0; i < 600 && ran.output != kHealthy; ++i)
        ran = world.curl(anew);
    CHECK(ran.output == kHealthy);
    CHECK(world.trusted().code == 60);
    CHECK(world.folder.read("serve.log").find("tls_files_taken") != std::string::npos);
}

TEST_CASE("tls: the command line speaks HTTPS to a server it can trust", "[tls]") {
    const HttpsWorld world;
    const std::vector<std::string> list = {SIGNALBOX_BIN_DIR "/signalbox", "runs", "list",
                                           "--server", world.url()};
    CHECK(run(list, {{"SSL_CERT_FILE", world.certificates.file("ca.pem")}}).code == 0);
    CHECK(run(list).code != 0);
}

TEST_CASE("tls: check names a certificate and a key that do not belong together", "[tls]") {
    const Folder folder;
    const Certificates certificates(folder);
    folder.write("actions/none.txt", "");
    const auto config = folder.write("signalbox.yaml",
                                     "listen: 127.0.0.1:8443\nactions: actions/*.yaml\n"
                                     "tls: { certificate: server.pem, key: client.key }\n");
    const Ran checked =
        run({"/bin/sh", "-c",
             SIGNALBOX_BIN_DIR "/signalbox check --config " + config.string() + " 2>&1"});
    CHECK(checked.code == 2);
    CHECK(checked.output.find(":3:38: error: the key in ") != std::string::npos);
    CHECK(checked.output.find("does not belong to the certificate in") != std::string::npos);
}

TEST_CASE("tls: check says which entry a loopback target lacks", "[tls]") {
    const Folder folder;
    folder.write("actions/none.txt", "");
    const auto checked = [&](const std::string& egress) {
        const auto config = folder.write(
            "signalbox.yaml",
            "listen: 127.0.0.1:8080\nactions: actions/*.yaml\nplugins: [ azure-pipelines ]\n"
            "connections:\n  contoso:\n    plugin: azure-pipelines\n"
            "    settings: { organization: contoso, base_url: \"http://127.0.0.1:9/x\" }\n"
            "    signing: { scheme: none }\n" +
                egress);
        return run({"/bin/sh", "-c",
                    SIGNALBOX_BIN_DIR "/signalbox check --config " + config.string() + " 2>&1"});
    };
    const Ran lacking = checked("");
    CHECK(lacking.output.find(":7:50: warning: ") != std::string::npos);
    CHECK(lacking.output.find("egress: { allow: [127.0.0.0/8] }") != std::string::npos);
    CHECK(checked("    egress: { allow: [ 127.0.0.0/8 ] }\n").output.find("egress") ==
          std::string::npos);
}
