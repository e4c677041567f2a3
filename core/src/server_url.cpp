#include <utility>

#include "config/address.hpp"
#include "document/reader.hpp"
#include "net/address.hpp"
#include "signalbox/check.hpp"

namespace signalbox {
namespace {

/// Where a server that listens on `host` is asked for on its own machine; in a URL's form.
std::string asked_at(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "[::1]";
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

bool is_of_this_machine(const std::string& host) {
    if (host == "0.0.0.0" || host == "::" || config::is_loopback(host)) return true;
    const auto address = net::Address::parse(host, 0);
    return address && address->is_of_this_machine();
}

Error invalid(const std::filesystem::path& config, document::Position position, std::string message) {
    const document::Problem problem{document::Problem::Severity::error, config.string(), position,
                                    std::move(message)};
    return Error{"config_invalid", document::to_string(problem)};
}

}  // namespace

Result<std::string> server_url(const std::filesystem::path& config) {
    document::Problems problems;
    const auto root = document::read_file(config, problems);
    if (!root) return Error{"config_invalid", problems.empty() ? "" : document::to_string(problems.front())};
    const document::Node* listen = root->find("listen");
    config::Endpoint endpoint;
    if (listen != nullptr) {
        const auto written = config::parse_endpoint(listen->text);
        if (!written) {
            return invalid(config, listen->position, "`listen` is not host:port: " + written.error().message);
        }
        endpoint = *written;
    }
    if (endpoint.port == 0) {
        return Error{"no_port", "`listen` of " + config.string() +
                                    " has port 0, so the server has a free one that only its log tells"};
    }
    // Who asks shows a secret. So a file that happens to lie here, and names another's server, is not believed.
    if (!is_of_this_machine(endpoint.host)) {
        return Error{"not_here", "`listen` of " + config.string() + " is " + endpoint.host +
                                     ", which is no address of this machine"};
    }
    const bool tls = root->find("tls") != nullptr;
    return (tls ? "https://" : "http://") + asked_at(endpoint.host) + ":" + std::to_string(endpoint.port);
}

}  // namespace signalbox
