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
#include "net/client.hpp"
#include "net/pool.hpp"
#include "net/reply_reader.hpp"
#include "net/resolver.hpp"
#include "net/round_end.hpp"
#include "net/url.hpp"

namespace signalbox::net {

class Exchange;

/// What exchanges share. [loop thread]
class ClientCore {
  public:
    ClientCore(Loop& the_loop, ClientOptions the_options,
               Resolver::Lookup lookup = Resolver::look_up_in_system)
        : loop(the_loop),
          options(std::move(the_options)),
          background(the_loop),
          resolver(background, the_loop.clock(), std::move(lookup)),
          pool(the_loop),
          begun(the_loop) {}
    virtual ~ClientCore() = default;

    /// What connections under these settings share. They come from the config, so they are few.
    Tls& tls(const dispatch::TlsSettings& settings);

    /// The exchange is over; its reply is to be handed on, and it may be dropped.
    virtual void finished(Exchange& exchange) = 0;

    Loop& loop;
    const ClientOptions options;
    Buffers buffers;
    Background background;
    Resolver resolver;
    Pool pool;
    RoundEnd<Exchange> begun;  // exchanges that have nothing sent yet
    ParsedHead parsed;  // scratch, valid while one head is judged

  private:
    struct SharedTls {
        SharedTls(ClientCore& core, const dispatch::TlsSettings& the_settings)
            : settings(the_settings),
              tls(core.background, core.loop.clock(), core.options.log, settings,
                  core.options.ca_file) {}
        const dispatch::TlsSettings settings;
        Tls tls;
    };
    std::vector<std::unique_ptr<SharedTls>> tls_;
};

/// One request and its reply: address, connection, handshake, bytes out, bytes in. It tries the
/// addresses of a name in order, and after the first byte of the request nothing twice.
class Exchange final : public std::enable_shared_from_this<Exchange>, public ChannelOwner {
  public:
    Exchange(ClientCore& core, dispatch::ExchangeId id, dispatch::WireRequest request,
             dispatch::ReplyDone done);

    /// Its deadline runs from here; the connection is chosen at the end of the loop's round.
    void start();
    void round_ended();
    void cancel(const char* why);
    void on_channel(Channel& channel, std::uint32_t events) override;

    dispatch::ExchangeId id() const { return id_; }
    dispatch::ReplyDone& done() { return done_; }
    dispatch::WireReply& reply() { return reply_; }

  private:
    enum class Step { waiting, resolving, connecting, handshaking, exchanging, over };
    using Phase = double dispatch::Times::*;

    bool accept_request();
    void find_channel();
    void find_addresses();
    void use_addresses(const Resolver::Answer& answer);
    void connect_next();
    void connected();
    void limit_attempt();
    void shake_hands();
    void begin_sending();
    void send_some();
    void take_event(std::uint32_t events);
    void exchange_bytes(std::uint32_t events);
    void receive();
    void take_reply(std::string_view bytes);
    void peer_ended(const std::string& how);
    void complete();

    template <class Call>
    void or_give_up(Call call);
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
    Tls* tls_ = nullptr;  // of an https URL
    Step step_ = Step::waiting;
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
