#include "egress_check.hpp"

#include <optional>

#include "net/egress.hpp"
#include "net/url.hpp"

namespace signalbox {
namespace {

using document::Node;

std::optional<net::Address> address_in(const std::string& text) {
    const auto url = net::parse_url(text);
    if (!url) return std::nullopt;
    return net::Address::parse(url->host == "localhost" ? "127.0.0.1" : url->host, url->port);
}

void look_at(const Node& node, const wiring::Connection& connection, wiring::Assembly& assembly) {
    for (const Node& item : node.items)
        look_at(item, connection, assembly);
    for (const Node::Member& member : node.members)
        look_at(member.value, connection, assembly);
    if (node.kind != Node::Kind::string) return;
    const auto address = address_in(node.text);
    if (!address) return;
    const std::string refused = net::refused_reason(*address, connection.written.egress_allow);
    if (refused.empty()) return;
    assembly.problems.push_back({document::Problem::Severity::warning, assembly.config.file,
                                 node.position,
                                 "connection '" + connection.written.name +
                                     "' will not reach this: " + refused});
}

}  // namespace

void warn_of_egress(wiring::Assembly& assembly) {
    for (const wiring::Connection& connection : assembly.connections)
        look_at(connection.written.settings, connection, assembly);
}

}  // namespace signalbox
