#include <utility>

#include "config/address.hpp"
#include "document/reader.hpp"
#include "signalbox/check.hpp"

namespace signalbox {
namespace {

/// Where a server that listens on `host` is asked for on its own machine; in a URL's form.
std::string asked_at(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "[::1]";
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
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
    for (const document::Problem& problem : problems) {
        if (problem.severity == document::Problem::Severity::error)
            return Error{"config_invalid", document::to_string(problem)};
    }
    const document::Node* listen = root ? root->find("listen") : nullptr;
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
    const bool tls = root && root->find("tls") != nullptr;
    return (tls ? "https://" : "http://") + asked_at(endpoint.host) + ":" + std::to_string(endpoint.port);
}

}  // namespace signalbox
