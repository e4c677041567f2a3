#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dispatch/transport.hpp"
#include "net/background.hpp"
#include "net/buffers.hpp"
#include "net/channel.hpp"
#include "net/pool.hpp"
#include "net/reply_reader.hpp"
#include "net/resolver.hpp"
#include "net/url.hpp"

namespace signalbox::net {

class Exchange;

/// What exchanges share. [loop thread]
class ClientCore {
  public:
    ClientCore(Loop& the_loop, const std::string& ca_file,
               Resolver::Lookup lookup = Resolver::look_up_in_system)
        : loop(the_loop),
          background(the_loop),
          resolver(background, the_loop.clock(), std::move(lookup)),
          tls(background, ca_file),
          pool(the_loop) {}
    virtual ~ClientCore() = default;

    /// The exchange is over; its reply is to be handed on, and it may be dropped.
    virtual void finished(Exchange& exchange) = 0;

    Loop& loop;
    Buffers buffers;
    Background background;
    Resolver resolver;
    Tls tls;
    Pool pool;
    ParsedHead parsed;  // scratch, valid while one head is judged
};

/// One request and its reply: address, connection, handshake, bytes out, bytes in. It tries the
/// addresses of a name in order, and after the first byte of the request nothing twice.
class Exchange final : public std::enable_shared_from_this<Exchange>, public ChannelOwner {
  public:
    Exchange(ClientCore& core, dispatch::ExchangeId id, dispatch::WireRequest request,
             dispatch::ReplyDone done);

    void start();
    void cancel(const char* why);
    void on_channel(Channel& channel, std::uint32_t events) override;

    dispatch::ExchangeId id() const { return id_; }
    dispatch::ReplyDone& done() { return done_; }
    dispatch::WireReply& reply() { return reply_; }

  private:
    enum class Step { resolving, connecting, handshaking, exchanging, over };
    using Phase = double dispatch::Times::*;

    bool accept_request();
    void find_addresses();
    void use_addresses(const Resolver::Answer& answer);
    void connect_next();
    void connected();
    void limit_attempt();
    void shake_hands();
    void begin_sending();
    void send_some();
    void exchange_bytes(std::uint32_t events);
    void receive();
    void take_reply(std::string_view bytes);
    void peer_ended(const std::string& how);
    void complete();

    void enter(Phase phase);
    void on_deadline();
    void finish(dispatch::Failure failure, std::string message);
    std::string target_name() const;
    std::int64_t now_ms() const { return core_.loop.clock().steady_ms(); }

    ClientCore& core_;
    const dispatch::ExchangeId id_;
    dispatch::WireRequest request_;
    dispatch::ReplyDone done_;
    dispatch::WireReply reply_;

    Url url_;  // points into request_.url
    std::string host_;
    std::string origin_;
    Step step_ = Step::resolving;
    std::vector<Address> addresses_;
    std::size_t next_address_ = 0;
    std::string problem_;  // of the last address tried
    bool tried_ = false;
    std::unique_ptr<Channel> channel_;

    std::string out_;
    std::size_t sent_bytes_ = 0;
    bool sent_ = false;         // the kernel has accepted the last byte
    bool send_broken_ = false;  // it will accept no more
    ReplyReader reader_;

    Phase phase_ = nullptr;
    std::int64_t phase_since_us_ = 0;
    std::int64_t deadline_ms_ = 0;
    TimerId deadline_timer_ = 0;
    TimerId attempt_timer_ = 0;
};

}  // namespace signalbox::net
