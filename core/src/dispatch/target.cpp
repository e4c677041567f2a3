#include "dispatch/target.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/trace.hpp"

namespace signalbox::dispatch {

plugins::RunView view_of(const Target& target, const journal::RunSeed& seed,
                         const journal::RunState& state, std::int32_t number,
                         std::int64_t wall_ms) {
    plugins::RunView view;
    view.id = seed.id;
    view.trace = seed.trace;
    view.action = seed.action;
    view.type = seed.invocation_type;
    view.method = seed.method;
    view.payload = seed.payload;
    view.delivery_id = seed.id;
    view.public_url = target.public_url;
    view.attempt = static_cast<std::uint32_t>(number);
    view.wall_ms = wall_ms;
    view.state_version = state.plugin_state_version;
    view.state = state.plugin_state;
    return view;
}

namespace {

constexpr std::size_t head_line_usual_bytes = 80;

bool is_traceparent(std::string_view name) {
    constexpr std::string_view kName = "traceparent";
    return std::equal(name.begin(), name.end(), kName.begin(), kName.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
}

/// There is no request, so what is kept and shown says which plugin is given the payload.
Result<Composed> compose_blocking(const Target& target, const plugins::RunView& view,
                                  std::shared_ptr<const Filling> filling) {
    if (auto checked = target.connection->check(view); !checked) return std::move(checked).error();
    Composed composed;
    composed.record.method = "DELIVER";
    composed.record.url = "plugin:" + target.plugin_id;
    composed.filling = std::move(filling);
    return composed;
}

/// Puts the run's secrets into what leaves, and *** into what is kept of it. `shown` are the values of
/// the headers as they are kept.
Result<Done> fill(Composed& composed, plugins::PlannedRequest& planned,
                  std::vector<std::string>& shown) {
    const Filling& filling = *composed.filling;
    auto url = filling.url(planned.url);
    if (!url) return std::move(url).error();
    composed.filled_url = std::move(*url);
    planned.url = filling.shown(planned.url);
    bool json = false;
    for (auto& [name, value] : composed.headers) {
        shown.push_back(filling.shown(value));
        auto filled = filling.header(name, value);
        if (!filled) return std::move(filled).error();
        json = json || filled->find("json") != std::string::npos;
        value = std::move(*filled);
    }
    composed.filled_body = planned.body ? filling.body(*planned.body, json) : filling.payload();
    if (planned.body) planned.body = filling.shown(*planned.body);
    return Done{};
}

}  // namespace

Result<Composed> compose(const Target& target, const journal::RunSeed& seed,
                         const journal::RunState& state, std::int32_t number, std::int64_t wall_ms,
                         std::string_view credential) {
    if (seed.payload.size() > limits::payload_bytes_max) {
        return Error{"payload_too_large", "the payload has " + std::to_string(seed.payload.size()) +
                                              " bytes; at most " +
                                              std::to_string(limits::payload_bytes_max) +
                                              " are sent: send less, or a reference"};
    }
    plugins::RunView view = view_of(target, seed, state, number, wall_ms);
    view.credential = credential;
    auto filling = Filling::of(target.secrets, seed);
    if (!filling) return std::move(filling).error();
    if (*filling) (*filling)->dress(view);
    if (target.connection->blocking()) return compose_blocking(target, view, std::move(*filling));
    auto planned = target.connection->plan(view);
    if (!planned) return std::move(planned).error();

    Composed composed;
    if (planned->done) {
        composed.done = true;
        return composed;
    }
    composed.headers = std::move(planned->headers);
    std::vector<std::string> shown_values;
    composed.filling = std::move(*filling);
    if (composed.filling) {
        if (auto filled = fill(composed, *planned, shown_values); !filled)
            return std::move(filled).error();
    }
    const std::size_t shown = composed.headers.size();
    for (auto& header : planned->secret_headers) {
        composed.censor.add_header(header.second);
        composed.headers.push_back(std::move(header));
    }
    const std::size_t planned_count = composed.headers.size();
    bool traced_by_plugin = false;
    for (const auto& [name, value] : composed.headers) {
        traced_by_plugin = traced_by_plugin || is_traceparent(name);
        if (target.signer.writes(name)) {
            return Error{"plugin_broken",
                         "plugin '" + target.plugin_id + "' set the header " + name +
                             ", which carries the signature of connection '" + target.name + "'"};
        }
    }
    if (target.traced && !traced_by_plugin) {
        composed.headers.emplace_back("traceparent",
                                      traceparent(trace_of(seed.trace, seed.id), seed.id,
                                                  static_cast<std::uint32_t>(number)));
    }
    // Signed last, over the bytes that leave: whatever the plugin planned is final by now.
    const std::string& body = composed.filling ? composed.filled_body
                              : planned->body  ? *planned->body
                                               : seed.payload;
    for (auto& header : target.signer.headers(body, wall_ms / 1000, seed.id)) {
        composed.headers.push_back(std::move(header));
    }
    composed.record.method = std::move(planned->method);
    composed.record.url = std::move(planned->url);
    composed.record.body = std::move(planned->body);
    composed.record.head.reserve(composed.headers.size() * head_line_usual_bytes);
    for (std::size_t i = 0; i < composed.headers.size(); ++i) {
        const auto& [name, value] = composed.headers[i];
        const bool secret = i >= shown && i < planned_count;
        composed.record.head.append(name)
            .append(": ")
            .append(secret                     ? "***"
                    : i < shown_values.size() ? shown_values[i]
                                              : value)
            .append("\r\n");
    }
    composed.safe = planned->safe;
    return composed;
}

WireRequest to_wire(const Target& target, Composed& composed, const std::string& payload) {
    WireRequest wire;
    wire.method = composed.record.method;
    wire.url = composed.filling ? std::move(composed.filled_url) : composed.record.url;
    wire.headers = std::move(composed.headers);
    wire.body = composed.filling       ? std::move(composed.filled_body)
                : composed.record.body ? *composed.record.body
                                       : payload;
    wire.timeout_ms = target.policy.timeout_ms;
    wire.reply_body_bytes_max = limits::reply_body_bytes_max;
    wire.once = target.policy.hold && !composed.safe;
    wire.egress_allow = target.policy.egress_allow;
    wire.tls = target.policy.tls;
    return wire;
}

}  // namespace signalbox::dispatch
