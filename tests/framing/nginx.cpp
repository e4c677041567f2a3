#include "nginx.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include "support.hpp"

namespace signalbox::net::test {
namespace {

std::string server_block(std::uint16_t port, const char* more) {
    return "  server {\n    listen 127.0.0.1:" + std::to_string(port) +
           ";\n    location / {\n      proxy_pass http://upstream;\n"
           "      proxy_http_version 1.1;\n      proxy_set_header Host $http_host;\n"
           "      proxy_set_header Connection \"\";\n"
           "      proxy_set_header X-Front-Id $request_id;\n"
           "      proxy_set_header X-Front-Target $request_uri;\n      " +
           more + "\n    }\n  }\n";
}

bool accepts(std::uint16_t port) {
    try {
        Peer::to(port);
        return true;
    } catch (const std::runtime_error&) {
        return false;
    }
}

}  // namespace

Nginx::Nginx(std::uint16_t upstream_port)
    : buffering_port_(signalbox::test::free_port()), streaming_port_(signalbox::test::free_port()) {
    const std::string folder = folder_.path().string();
    std::string temporary;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        temporary += std::string("  ") + kind + "_temp_path " + folder + "/" + kind + ";\n";
    folder_.write("nginx.conf",
                  "daemon off;\nmaster_process off;\npid " + folder +
                      "/pid;\nevents { worker_connections 512; }\nhttp {\n" + temporary +
                      "  access_log off;\n  client_body_timeout 1s;\n  lingering_timeout 100ms;\n"
                      "  upstream upstream { server 127.0.0.1:" +
                      std::to_string(upstream_port) + "; keepalive 8; }\n" +
                      server_block(buffering_port_, "") +
                      server_block(streaming_port_, "proxy_request_buffering off;") + "}\n");
    nginx_ = std::make_unique<signalbox::test::Child>(
        std::vector<std::string>{"/usr/sbin/nginx", "-p", folder, "-c", folder + "/nginx.conf",
                                 "-e", folder + "/error.log"},
        std::map<std::string, std::string>{}, folder + "/start.log");
    nginx_->discard();
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!accepts(buffering_port_) || !accepts(streaming_port_)) {
        if (std::chrono::steady_clock::now() > give_up) {
            throw std::runtime_error("nginx did not start: " + folder_.read("start.log") +
                                     folder_.read("error.log"));
        }
        std::this_thread::yield();
    }
}

}  // namespace signalbox::net::test
