#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "certificates.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace {

/// The Azure stand-in behind an nginx that speaks HTTPS and asks for client certificates.
class HttpsTarget {
  public:
    HttpsTarget() : certificates(world.folder()), port_(free_port()) {
        world.start_standin();
        const std::string folder = world.folder().path().string();
        std::string temporary;
        for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            temporary += std::string(kind) + "_temp_path " + folder + "/" + kind + ";\n";
        world.folder().write(
            "nginx.conf",
            "daemon off;\nmaster_process off;\npid " + folder +
                "/pid;\nevents {}\nhttp {\naccess_log off;\n" + temporary +
                "server {\nlisten 127.0.0.1:" + std::to_string(port_) +
                " ssl;\nssl_certificate server.pem;\nssl_certificate_key server.key;\n"
                "ssl_client_certificate clients.pem;\nssl_verify_client on;\n"
                "location / { proxy_pass " +
                world.standin_url() + "; }\n}\n}\n");
        nginx_ = std::make_unique<Child>(
            std::vector<std::string>{"/usr/sbin/nginx", "-p", folder, "-c", folder + "/nginx.conf",
                                     "-e", folder + "/error.log"},
            std::map<std::string, std::string>{}, folder + "/nginx.log");
        nginx_->discard();
        // It answers plain HTTP with 400 as soon as it listens.
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (call("http://127.0.0.1:" + std::to_string(port_), "GET", "/").status != 400) {
            if (std::chrono::steady_clock::now() > give_up) FAIL(world.folder().read("error.log"));
        }
    }

    /// Starts Signalbox with the target at its HTTPS address and these settings of the connection.
    void start(const std::string& tls) {
        std::string text = world.folder().read("signalbox.yaml");
        const std::string before = world.standin_url();
        text.replace(text.find(before), before.size(),
                     "https://localhost:" + std::to_string(port_));
        text.replace(text.find("    egress:"), 0, tls);
        world.folder().write("signalbox.yaml", text);
        world.start();
    }

    World world;
    Certificates certificates;

  private:
    std::uint16_t port_;
    std::unique_ptr<Child> nginx_;
};

}  // namespace

TEST_CASE("tls: a run reaches a target by the connection's own authority and certificate",
          "[tls]") {
    HttpsTarget target;
    target.start("    tls: { ca: ca.pem, certificate: client.pem, key: client.key }\n");
    const std::string id = target.world.invoke("checkout");
    const Called run = target.world.await(id, {"accepted", "finished", "held"});
    CHECK(run.text("run.phase") == "accepted");
    CHECK(target.world.received() == std::vector<std::string>{id});
    // What nginx 1.22 speaks where nothing is configured.
    CHECK(run.text("run.attempts.0.tlsVersion") == "TLSv1.2");
    CHECK(run.text("run.attempts.0.address").find(":") != std::string::npos);
    CHECK(target.world.cli({"runs", "show", id}).output.find(", TLSv1.2\n") != std::string::npos);
    // The probe shows the same certificate and knows the same authority.
    const Ran probed =
        target.world.cli({"doctor", "--config", target.world.config().string()});
    CHECK(probed.output.find("good  target contoso") != std::string::npos);
    CHECK(probed.output.find("TLSv1.2") != std::string::npos);
}

TEST_CASE("tls: a target that the system cannot vouch for gets nothing and the run says why",
          "[tls]") {
    HttpsTarget target;
    target.start("");
    const std::string id = target.world.invoke("checkout");
    const Called run = target.world.await(id, {"held", "finished", "accepted"});
    CHECK(run.text("run.phase") == "held");
    CHECK(run.text("run.attempts.3.reason").find("(CN = authority ca)") != std::string::npos);
    CHECK(run.text("run.attempts.4.reason").empty());
    CHECK(target.world.received().empty());
}
