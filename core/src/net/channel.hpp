#pragma once

#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.hpp"
#include "net/io.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"
#include "net/tls_step.hpp"

namespace signalbox::net {

class Channel;

/// Who is told that a channel is ready: the exchange that uses it, or the pool that keeps it.
class ChannelOwner {
  public:
    virtual ~ChannelOwner() = default;
    /// May destroy the channel.
    virtual void on_channel(Channel& channel, std::uint32_t events) = 0;
};

/// One outgoing connection, plain or TLS, never blocking. After Io::failed, problem() says how.
/// [loop thread]
class Channel {
  public:
    /// `origin` is the key under which it is pooled. The loop outlives it.
    Channel(Loop& loop, std::string origin, ChannelOwner& owner);
    ~Channel();  ///< closes
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    void hand_to(ChannelOwner& owner) { owner_ = &owner; }

    /// The egress rules that last allowed this address, so that they are not read anew for each request;
    /// none: it was not judged yet.
    std::optional<std::vector<std::string>> allowed_by;

    Io connect(const Address& address);
    Io finish_connecting();  ///< once it is ready
    /// Goes on with the handshake; at its end the certificate must prove `host` (a name, or an
    /// address).
    Io handshake(Tls& tls, const std::string& host);

    Io write(std::string_view bytes, std::size_t& taken);  ///< taken: what the kernel has accepted
    Io read(char* into, std::size_t bytes_max, std::size_t& got);

    /// Neither data nor the end of the stream waits to be read.
    bool quiet() const;
    /// Besides reading, wait until it can be written.
    void want_write(bool want);
    /// Lets the next connection to this origin resume this one's session.
    void offer_session(Tls& tls);

    const Address& address() const { return address_; }
    const std::string& address_text() const { return address_text_; }
    const std::string& origin() const { return origin_; }
    const std::string& problem() const { return problem_; }
    const std::string& tls_version() const { return tls_version_; }  ///< empty: plain
    /// The handshake has begun: our hello may have left.
    bool secure() const { return secure_.has_value(); }
    /// The peer ended it because of our certificate, or for lack of one. With TLS 1.3 that comes after
    /// our side of the handshake is over, in place of a reply.
    bool refused_us() const { return refused_us_; }
    bool resumed();

  private:
    Io failed(std::string problem);
    Io failed_with_errno(int error);
    void attach(Tls& tls, const std::string& host);
    Io check_certificate(const std::string& host);
    Io taken_from(const TlsStep& step);

    Loop& loop_;
    const std::string origin_;
    ChannelOwner* owner_;
    Address address_;
    std::string address_text_;
    int descriptor_ = -1;
    Poco::Net::StreamSocket socket_;
    std::optional<Poco::Net::SecureStreamSocket> secure_;
    std::string tls_version_;
    bool tls_wants_write_ = false;  // after Io::again
    bool session_offered_ = false;
    bool refused_us_ = false;
    std::string problem_;
};

}  // namespace signalbox::net
