#include "net/exchange.hpp"

#include <sys/epoll.h>

#include <utility>

#include "net/egress.hpp"
#include "net/text.hpp"
#include "net/write.hpp"

namespace signalbox::net {

using dispatch::Effect;
using dispatch::Failure;
using dispatch::Times;

namespace {

/// The fields that the transport writes itself: a second one of them would change the framing.
bool is_reserved(std::string_view name) {
    for (const char* reserved : {"host", "content-length", "connection", "transfer-encoding"}) {
        if (equal_ignoring_case(name, reserved)) return true;
    }
    return false;
}

std::string fault_of(const dispatch::WireRequest& request) {
    if (!is_token(request.method)) return "The request's method is not a token.";
    const std::string unsent = unsendable(request.headers);
    if (!unsent.empty()) return "The request cannot be sent: " + unsent + ".";
    for (const auto& [name, value] : request.headers) {
        if (is_reserved(name)) {
            return "The request sets " + name + ", which the transport writes; leave it out.";
        }
    }
    return {};
}

}  // namespace

Tls& ClientCore::tls(const dispatch::TlsSettings& settings) {
    for (const auto& shared : tls_) {
        if (shared->settings == settings) return shared->tls;
    }
    tls_.push_back(std::make_unique<SharedTls>(*this, settings));
    return tls_.back()->tls;
}

Exchange::Exchange(ClientCore& core, dispatch::ExchangeId id, dispatch::WireRequest request,
                   dispatch::ReplyDone done)
    : core_(core),
      id_(id),
      request_(std::move(request)),
      done_(std::move(done)),
      reader_(request_.method == "HEAD", request_.reply_body_bytes_max) {}

/// A fault of ours ends this exchange, and no other.
template <class Call>
void Exchange::or_give_up(Call call) {
    const auto self = shared_from_this();
    try {
        call();
    } catch (...) {
        finish(Failure::cancelled, "A fault inside Signalbox ended the exchange.");
        throw;
    }
}

void Exchange::start() {
    if (!accept_request()) return;
    deadline_ms_ = now_ms() + request_.timeout_ms;
    deadline_timer_ = core_.loop.at(deadline_ms_, [this] { on_deadline(); });
    core_.begun.add(shared_from_this());
}

void Exchange::round_ended() {
    // It may have been cancelled meanwhile.
    if (step_ == Step::waiting) or_give_up([this] { find_channel(); });
}

void Exchange::find_channel() {
    const std::int64_t idle_ms_max =
        request_.once ? limits::idle_reuse_ms_max : limits::pool_idle_ms_max;
    channel_ = core_.pool.take(origin_, idle_ms_max, request_.egress_allow);
    if (!channel_) return find_addresses();
    channel_->hand_to(*this);
    reply_.address = channel_->address_text();
    begin_sending();
}

bool Exchange::accept_request() {
    std::string fault = fault_of(request_);
    if (fault.empty()) {
        const auto url = parse_url(request_.url);
        if (url) {
            url_ = *url;
        } else {
            fault = url.error().message;
        }
    }
    if (!fault.empty()) {
        finish(Failure::refused, std::move(fault));
        return false;
    }
    host_ = to_lower(url_.host);
    origin_ = (url_.tls ? "https://" : "http://") + host_ + "|" + std::to_string(url_.port);
    if (url_.tls) {
        tls_ = &core_.tls(request_.tls);
        tls_->prepare();
        // What one connection of the config has proved with its own certificate, or verified against
        // its own authorities, is nothing to another.
        for (const std::string* file :
             {&request_.tls.ca_file, &request_.tls.certificate_file, &request_.tls.key_file}) {
            origin_.append("|").append(*file);
        }
    }
    return true;
}

void Exchange::find_addresses() {
    step_ = Step::resolving;
    if (const auto literal = Address::parse(host_, url_.port)) {
        addresses_.push_back(*literal);
        enter(&Times::connect);
        return connect_next();
    }
    enter(&Times::dns);
    if (const Resolver::Answer* kept = core_.resolver.cached(host_)) return use_addresses(*kept);
    core_.resolver.resolve(host_, [weak = weak_from_this()](const Resolver::Answer& answer) {
        const auto self = weak.lock();
        if (self && self->step_ == Step::resolving) self->use_addresses(answer);
    });
}

void Exchange::use_addresses(const Resolver::Answer& answer) {
    if (answer.addresses.empty()) {
        return finish(Failure::resolve, "No address for " + host_ + ": " + answer.problem + ".");
    }
    addresses_ = answer.addresses;
    for (Address& address : addresses_)
        address.set_port(url_.port);
    enter(&Times::connect);
    connect_next();
}

void Exchange::connect_next() {
    step_ = Step::connecting;
    core_.loop.cancel(attempt_timer_);
    std::string refused;
    while (next_address_ < addresses_.size()) {
        const Address& address = addresses_[next_address_++];
        std::string reason = refused_reason(address, request_.egress_allow);
        if (!reason.empty()) {
            refused = std::move(reason);
            continue;
        }
        tried_ = true;
        channel_ = std::make_unique<Channel>(core_.loop, origin_, *this);
        channel_->allowed_by = request_.egress_allow;
        const Io io = channel_->connect(address);
        reply_.address = channel_->address_text();
        switch (io) {
            case Io::done:
                return connected();
            case Io::again:
                return limit_attempt();
            default:
                break;
        }
        problem_ = channel_->problem();
        channel_.reset();
    }
    if (!tried_)
        return finish(Failure::refused, "Not sent to " + target_name() + ": " + refused + ".");
    finish(Failure::connect, "No connection to " + target_name() + ": " + problem_ + ".");
}

void Exchange::limit_attempt() {
    // An address that swallows everything leaves the others their share of the time.
    const auto left = static_cast<std::int64_t>(addresses_.size() - next_address_);
    if (left == 0) return;
    const std::int64_t share_ms = (deadline_ms_ - now_ms()) / (left + 1);
    attempt_timer_ = core_.loop.at(now_ms() + share_ms, [this] {
        const auto self = shared_from_this();
        problem_ = "no answer from " + reply_.address;
        channel_.reset();
        connect_next();
    });
}

void Exchange::connected() {
    core_.loop.cancel(attempt_timer_);
    if (!url_.tls) return begin_sending();
    step_ = Step::handshaking;
    enter(&Times::tls);
    if (tls_->ready()) return shake_hands();
    tls_->when_ready([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self && self->step_ == Step::handshaking) self->shake_hands();
    });
}

void Exchange::shake_hands() {
    if (!tls_->problem().empty()) return finish(Failure::tls, tls_->problem());
    switch (channel_->handshake(*tls_, host_)) {
        case Io::again:
            return;
        case Io::done:
            return begin_sending();
        default:
            break;
    }
    finish(Failure::tls, "No TLS with " + target_name() + ": " + channel_->problem() + ".");
}

void Exchange::begin_sending() {
    step_ = Step::exchanging;
    enter(&Times::send);
    reply_.tls_version = channel_->tls_version();
    std::string target(url_.path_and_query);
    if (target.empty() || target.front() != '/') target.insert(0, 1, '/');
    out_ = core_.buffers.take();
    append_request(out_, {request_.method, target, url_.authority}, request_.headers,
                   request_.body);
    std::string().swap(request_.body);
    send_some();
}

void Exchange::send_some() {
    while (!sent_) {
        std::size_t taken = 0;
        const Io io = channel_->write(std::string_view(out_).substr(sent_bytes_), taken);
        if (io == Io::again) return;
        if (io != Io::done) {
            send_broken_ = true;
            problem_ = io == Io::ended ? "the peer ended the connection" : channel_->problem();
            // A server that refuses early closes without reading on; its reply may already be here.
            return receive();
        }
        sent_bytes_ += taken;
        sent_ = sent_bytes_ == out_.size();
    }
    channel_->want_write(false);
    core_.buffers.give(std::move(out_));
    if (phase_ == &Times::send) enter(&Times::wait);
}

void Exchange::on_channel(Channel& /*channel*/, std::uint32_t events) {
    or_give_up([this, events] { take_event(events); });
}

void Exchange::take_event(std::uint32_t events) {
    switch (step_) {
        case Step::connecting:
            if (channel_->finish_connecting() == Io::done) return connected();
            problem_ = channel_->problem();
            channel_.reset();
            return connect_next();
        case Step::handshaking:
            if (channel_->secure() || tls_->ready()) return shake_hands();
            // Before our hello only the end of the connection can have come.
            return finish(Failure::tls,
                          "No TLS with " + target_name() +
                              ": the peer closed the connection before the handshake.");
        case Step::exchanging:
            return exchange_bytes(events);
        default:
            return;
    }
}

void Exchange::exchange_bytes(std::uint32_t events) {
    const bool writable = (events & EPOLLOUT) != 0;
    const bool sending = !sent_;
    if (writable && sending) send_some();
    if (step_ != Step::exchanging) return;
    // After the last byte, being writable can only be what TLS waited for in order to read.
    if (writable && !sending) channel_->want_write(false);
    if (!sending || (events & ~std::uint32_t{EPOLLOUT}) != 0) receive();
}

void Exchange::receive() {
    // One read an event is enough, because an event comes again while there is more. But after a
    // broken send no event is sure to come, so what there is is read to its end.
    do {
        std::size_t got = 0;
        switch (channel_->read(core_.buffers.scratch(), Buffers::scratch_bytes, got)) {
            case Io::done:
                take_reply({core_.buffers.scratch(), got});
                break;
            case Io::ended:
                return peer_ended("the connection was closed");
            case Io::failed:
                return peer_ended(channel_->problem());
            case Io::again:
                if (send_broken_) peer_ended(problem_);
                return;
        }
    } while (send_broken_ && step_ == Step::exchanging);
}

void Exchange::take_reply(std::string_view bytes) {
    const auto state = reader_.feed(bytes, core_.parsed, reply_);
    if (reader_.began() && phase_ != &Times::read) enter(&Times::read);
    if (state == ReplyReader::State::done) return complete();
    if (state == ReplyReader::State::bad) {
        finish(Failure::bad_reply,
               "The reply of " + target_name() + " cannot be used: " + reader_.problem() + ".");
    }
}

void Exchange::peer_ended(const std::string& how) {
    if (channel_->refused_us() && !reader_.began()) {
        // The alert ends the handshake, so the server never had the request.
        sent_ = false;
        return finish(Failure::tls, "No TLS with " + target_name() + ": " + how + ".");
    }
    if (reader_.has_head()) {
        return finish(Failure::truncated, "The reply of " + target_name() + " was cut off after " +
                                              std::to_string(reply_.body.size()) +
                                              " bytes of its body: " + how + ".");
    }
    if (!sent_) {
        return finish(Failure::send, "The connection to " + target_name() +
                                         " broke before the request was sent: " +
                                         (send_broken_ ? problem_ : how) + ".");
    }
    finish(Failure::no_reply, "No whole reply from " + target_name() + ": " + how + ".");
}

void Exchange::complete() {
    if (url_.tls) channel_->offer_session(*tls_);
    // A request that was answered before it was sent whole leaves the connection in the middle of
    // it.
    if (sent_ && reader_.reusable()) core_.pool.give(std::move(channel_));
    finish(Failure::none, {});
}

void Exchange::enter(Phase phase) {
    const std::int64_t now_us = core_.loop.clock().steady_us();
    if (phase_ != nullptr) {
        reply_.times.*phase_ = static_cast<double>(now_us - phase_since_us_) / 1'000.0;
    }
    phase_ = phase;
    phase_since_us_ = now_us;
}

void Exchange::on_deadline() {
    const auto self = shared_from_this();
    deadline_timer_ = 0;
    const char* doing = "connecting";
    if (step_ == Step::waiting || step_ == Step::resolving) doing = "looking up its address";
    if (step_ == Step::handshaking) doing = "in the TLS handshake";
    if (step_ == Step::exchanging) {
        doing = !sent_ ? "sending the request" : "waiting for the reply";
        if (reader_.began()) doing = "reading the reply";
    }
    finish(Failure::timeout, "No whole reply from " + target_name() + " within " +
                                 std::to_string(request_.timeout_ms) +
                                 " ms; the time ran out while " + doing + ".");
}

void Exchange::cancel(const char* why) {
    finish(Failure::cancelled, why);
}

void Exchange::finish(Failure failure, std::string message) {
    if (step_ == Step::over) return;
    step_ = Step::over;
    enter(nullptr);
    core_.loop.cancel(deadline_timer_);
    core_.loop.cancel(attempt_timer_);
    channel_.reset();
    core_.buffers.give(std::move(out_));
    reply_.failure = failure;
    reply_.effect = sent_ || failure == Failure::none ? Effect::unknown : Effect::none;
    reply_.message = std::move(message);
    core_.finished(*this);
}

std::string Exchange::target_name() const {
    return std::string(url_.authority);
}

}  // namespace signalbox::net
