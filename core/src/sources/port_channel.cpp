#include "sources/port_channel.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::sources {
namespace {

/// A token that expires on its way would be refused.
constexpr std::int64_t kSpareMs = 60'000;
constexpr std::int64_t kTokenMsMax = 24 * 3'600'000;

std::string text_of(const json::Value& body, std::string_view name) {
    const json::Object* object = body.if_object();
    const json::Value* member = object ? object->if_contains(name) : nullptr;
    const json::String* text = member ? member->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

/// `expiresIn` is in seconds; without one the token is used once.
std::int64_t valid_ms(const json::Value& body) {
    const json::Object* object = body.if_object();
    const json::Value* member = object ? object->if_contains("expiresIn") : nullptr;
    if (member == nullptr || !member->is_int64()) return 0;
    return std::clamp<std::int64_t>(member->get_int64(), 0, kTokenMsMax / 1'000) * 1'000;
}

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= limits::upstream_token_bytes_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::int64_t report_delay_ms(const ReportTo& to, int failures, Random& random) {
    std::int64_t delay_ms = to.first_ms;
    for (int i = 1; i < failures && delay_ms < to.cap_ms; ++i)
        delay_ms *= 2;
    delay_ms = std::min(delay_ms, to.cap_ms);
    std::uint8_t byte = 0;
    random.fill(&byte, 1);
    return std::max<std::int64_t>(1, delay_ms * (800 + 400 * byte / 255) / 1'000);
}

PortChannel::PortChannel(ReportTo to, Executor& executor, const Clock& clock, Random& random,
                         dispatch::Transport& transport, LogSink& log)
    : to_(std::move(to)),
      executor_(executor),
      clock_(clock),
      random_(random),
      transport_(transport),
      log_(log) {}

void PortChannel::send(PortMessage message, Done done) {
    waiting_.push_back({std::move(message), std::move(done)});
    pump();
}

dispatch::WireRequest PortChannel::request(PortMessage message) const {
    dispatch::WireRequest wire;
    wire.method = std::move(message.method);
    wire.url = to_.url + message.path;
    wire.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    wire.body = std::move(message.body);
    wire.timeout_ms = limits::upstream_timeout_ms;
    wire.reply_body_bytes_max = limits::upstream_reply_bytes_max;
    wire.egress_allow = to_.egress_allow;
    wire.tls = to_.tls;
    return wire;
}

void PortChannel::pump() {
    if (stopped_ || retired_ || fetching_) return;
    while (!waiting_.empty() && in_flight_ < limits::upstream_in_flight_max) {
        if (token_.empty() || clock_.steady_ms() >= token_until_ms_) return fetch();
        Waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        auto wire = request(std::move(next.message));
        wire.headers.emplace_back("Authorization", "Bearer " + token_);
        ++in_flight_;
        transport_.send(std::move(wire),
                        [this, used = token_, done = std::move(next.done)](dispatch::WireReply reply) {
                            if (stopped_) return;
                            --in_flight_;
                            if (reply.failure == dispatch::Failure::none && reply.status == 401 &&
                                used == token_) {
                                token_.clear();
                            }
                            done(reply);
                            pump();
                        });
    }
}

void PortChannel::retire() {
    retired_ = true;
    dispatch::WireReply cancelled;
    cancelled.failure = dispatch::Failure::cancelled;
    cancelled.message = "the config was loaded again";
    for (Waiting& each : std::exchange(waiting_, {}))
        each.done(cancelled);
}

void PortChannel::fetch() {
    fetching_ = true;
    json::Object body;
    body["clientId"] = json::String(to_.client_id);
    body["clientSecret"] = json::String(to_.client_secret);
    transport_.send(request({"POST", "/v1/auth/access_token", json::write(std::move(body))}),
                    [this](const dispatch::WireReply& reply) {
                        if (!stopped_) fetched(reply);
                    });
}

void PortChannel::fetched(const dispatch::WireReply& reply) {
    if (reply.failure != dispatch::Failure::none) return token_failed(reply.message);
    if (reply.status != 200)
        return token_failed("it answered " + std::to_string(reply.status));
    auto body = json::parse(reply.body);
    std::string token = body ? text_of(*body, "accessToken") : std::string();
    if (!is_token(token)) return token_failed("its answer holds no accessToken");
    token_ = std::move(token);
    // One that is valid for less than the spare time serves what waits now.
    token_until_ms_ = clock_.steady_ms() + std::max<std::int64_t>(1'000, valid_ms(*body) - kSpareMs);
    token_failures_ = 0;
    fetching_ = false;
    pump();
}

void PortChannel::token_failed(const std::string& why) {
    ++token_failures_;
    const std::int64_t delay_ms = report_delay_ms(to_, token_failures_, random_);
    LogEvent event;
    event.level = LogLevel::warning;
    event.name = "upstream_token_failed";
    event.message = "without a token nothing can be reported; it is asked for again";
    event.fields = {{"source", to_.source},
                    {"reason", why},
                    {"again_in_ms", std::to_string(delay_ms)}};
    log_.write(event);
    if (retired_) {
        fetching_ = false;
        return;
    }
    executor_.at(clock_.steady_ms() + delay_ms, [this] {
        if (stopped_) return;
        fetching_ = false;
        pump();
    });
}

}  // namespace signalbox::sources
