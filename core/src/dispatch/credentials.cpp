#include "dispatch/credentials.hpp"

#include <utility>

#include "base/limits.hpp"
#include "dispatch/outcome.hpp"

namespace signalbox::dispatch {
namespace {

/// A credential that expires while the request is on its way would be refused.
constexpr std::int64_t kSpareMs = 10'000;

plugins::Credential none(Outcome outcome, std::string reason) {
    plugins::Credential credential;
    credential.why_not.outcome = outcome;
    credential.why_not.reason = std::move(reason);
    return credential;
}

}  // namespace

void Credentials::get(const Target& target, Ready ready) {
    Kept& kept = kept_[target.name];
    if (kept.credential && clock_.steady_ms() < kept.until_ms) {
        return ready(*kept.credential, false);
    }
    kept.credential.reset();
    kept.waiting.push_back(std::move(ready));
    if (kept.waiting.size() == 1) fetch(target, kept);
}

void Credentials::fetch(const Target& target, Kept& kept) {
    auto planned = target.connection->plan_step(clock_.wall_ms());
    if (!planned) return settle(target.name, none(Outcome::permanent, planned.error().message));
    WireRequest wire;
    wire.method = std::move(planned->method);
    wire.url = std::move(planned->url);
    wire.headers = std::move(planned->headers);
    for (auto& header : planned->secret_headers)
        wire.headers.push_back(std::move(header));
    wire.body = planned->body.value_or("");
    wire.timeout_ms = target.policy.timeout_ms;
    wire.reply_body_bytes_max = limits::reply_body_bytes_max;
    wire.once = false;
    wire.egress_allow = target.policy.egress_allow;
    kept.exchange = transport_.send(
        std::move(wire), [this, &target](const WireReply& reply) { fetched(target, reply); });
}

void Credentials::fetched(const Target& target, const WireReply& reply) {
    kept_[target.name].exchange = 0;
    // Whatever became of it: a credential that was not received has had no effect on any run.
    if (reply.failure != Failure::none) {
        return settle(target.name, none(Outcome::retryable, reply.message));
    }
    plugins::ResponseView response;
    response.status = reply.status;
    response.headers = &reply.headers;
    response.body = reply.body;
    response.wall_ms = clock_.wall_ms();
    auto judged = target.connection->judge_step(response);
    if (!judged) return settle(target.name, none(Outcome::permanent, judged.error().message));
    settle(target.name, *judged);
}

void Credentials::settle(const std::string& connection, const plugins::Credential& credential) {
    Kept& kept = kept_[connection];
    if (credential.granted && credential.valid_ms > kSpareMs) {
        kept.credential = credential;
        kept.until_ms = clock_.steady_ms() + credential.valid_ms - kSpareMs;
    }
    const auto waiting = std::exchange(kept.waiting, {});
    for (const Ready& ready : waiting)
        ready(credential, true);
}

void Credentials::drop(const std::string& connection) {
    kept_[connection].credential.reset();
}

void Credentials::cancel_all() {
    std::vector<ExchangeId> open;
    for (const auto& [name, kept] : kept_) {
        if (kept.exchange != 0) open.push_back(kept.exchange);
    }
    for (const ExchangeId exchange : open)
        transport_.cancel(exchange);
}

}  // namespace signalbox::dispatch
