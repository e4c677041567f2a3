#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "dispatch/target.hpp"
#include "dispatch/transport.hpp"

/// A network and a plugin that do what a test says.
namespace signalbox::test {

/// Keeps every request that was sent; a reply comes when the test gives it.
class ScriptedTransport final : public dispatch::Transport {
  public:
    explicit ScriptedTransport(Executor& executor) : executor_(executor) {}

    struct Sent {
        dispatch::WireRequest request;
        dispatch::ReplyDone done;
    };
    std::map<dispatch::ExchangeId, Sent> open;
    std::vector<dispatch::WireRequest> sent;
    std::size_t most_open = 0;

    dispatch::ExchangeId send(dispatch::WireRequest request, dispatch::ReplyDone done) override {
        sent.push_back(request);
        open.emplace(++last_, Sent{std::move(request), std::move(done)});
        most_open = std::max(most_open, open.size());
        return last_;
    }
    void cancel(dispatch::ExchangeId exchange) override {
        dispatch::WireReply reply;
        reply.failure = dispatch::Failure::cancelled;
        reply.effect = dispatch::Effect::unknown;
        reply.message = "cancelled";
        answer(exchange, std::move(reply));
    }

    void answer(dispatch::ExchangeId exchange, dispatch::WireReply reply) {
        auto done = std::move(open.at(exchange).done);
        open.erase(exchange);
        executor_.post([done = std::move(done), reply = std::move(reply)]() mutable {
            done(std::move(reply));
        });
    }
    /// Answers the exchange that has been open longest.
    void answer(int status, std::vector<dispatch::Header> headers = {}, std::string body = {}) {
        dispatch::WireReply reply;
        reply.effect = dispatch::Effect::unknown;
        reply.status = status;
        reply.headers = std::move(headers);
        reply.body = std::move(body);
        answer(open.begin()->first, std::move(reply));
    }
    void fail(dispatch::Failure failure, dispatch::Effect effect) {
        dispatch::WireReply reply;
        reply.failure = failure;
        reply.effect = effect;
        reply.message = "the script says so";
        answer(open.begin()->first, std::move(reply));
    }

  private:
    Executor& executor_;
    dispatch::ExchangeId last_ = 0;
};

/// Posts the payload to http://target.test/; 200 is accepted, 503 retryable, 429 throttled by 7 s,
/// 401 unauthenticated, 400 permanent, anything else unknown.
class PlainConnection final : public plugins::Connection {
  public:
    Result<plugins::PlannedRequest> plan(const plugins::RunView& run) override {
        if (refuse) return Error{"plan_refused", "the test refuses", {{"/webhook", "refused"}}};
        plugins::PlannedRequest request;
        request.url = "http://target.test/" + std::string(run.action);
        request.headers = {{"Content-Type", "application/json"}};
        request.safe = safe;
        return request;
    }
    Result<plugins::Verdict> judge(const plugins::RunView&,
                                   const plugins::ResponseView& response) override {
        if (response.status == 418) return Error{"plugin_broken", "it threw"};
        if (says) return *says;
        plugins::Verdict verdict;
        verdict.reason = "answered " + std::to_string(response.status);
        switch (response.status) {
            case 200: verdict.outcome = plugins::Outcome::accepted; break;
            case 503: verdict.outcome = plugins::Outcome::retryable; break;
            case 429:
                verdict.outcome = plugins::Outcome::throttled;
                verdict.retry_after_ms = 7'000;
                break;
            case 401: verdict.outcome = plugins::Outcome::unauthenticated; break;
            case 400: verdict.outcome = plugins::Outcome::permanent; break;
            default: verdict.outcome = plugins::Outcome::effect_unknown; break;
        }
        return verdict;
    }
    bool refuse = false;
    bool safe = false;
    std::optional<plugins::Verdict> says;  ///< in the place of all these
};

inline dispatch::Target plain_target(std::string name, dispatch::Policy policy,
                                     PlainConnection** connection = nullptr) {
    auto plain = std::make_unique<PlainConnection>();
    if (connection) *connection = plain.get();
    return {std::move(name), "plain", std::move(plain),
            signing::Signer(signing::Scheme::hmac_sha1_hex, "X-Signature", {"secret"}), policy,
            "http://signalbox.test", {}};
}

}  // namespace signalbox::test
