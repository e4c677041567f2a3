#include "config/address.hpp"
#include "document/reader.hpp"
#include "net/address.hpp"
#include "signalbox/check.hpp"

namespace signalbox {
namespace {

/// Where a server that listens on `host` is asked on its own machine.
std::string asked_at(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    return host == "::" ? "::1" : host;
}

bool is_of_this_machine(const std::string& host) {
    if (config::is_loopback(host)) return true;
    const auto address = net::Address::parse(host, 0);
    return address && address->is_of_this_machine();
}

}  // namespace

Result<std::string> server_url(const std::filesystem::path& file) {
    document::Problems problems;
    const auto root = document::read_file(file, problems);
    if (!root) return Error{"config_invalid", problems.empty() ? "" : document::to_string(problems.front())};
    const document::Node* listen = root->find("listen");
    config::Endpoint endpoint;
    if (listen != nullptr) {
        const auto written = config::parse_endpoint(listen->text);
        if (!written) {
            return Error{"config_invalid",
                         document::to_string({document::Problem::Severity::error, file.string(), listen->position,
                                              "`listen` is not host:port: " + written.error().message})};
        }
        endpoint = {asked_at(written->host), written->port};
    }
    if (endpoint.port == 0) {
        return Error{"no_port", "`listen` of " + file.string() +
                                    " has port 0, so the server has a free one that only its log tells"};
    }
    // Who asks shows a secret. So a file that happens to lie here, and names another's server, is not believed.
    if (!is_of_this_machine(endpoint.host)) {
        return Error{"not_here", "`listen` of " + file.string() + " is " + endpoint.host +
                                     ", which is no address of this machine"};
    }
    return config::url_of(root->find("tls") != nullptr, endpoint);
}

}  // namespace signalbox
