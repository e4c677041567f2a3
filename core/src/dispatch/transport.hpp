#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

/// What dispatch asks of the network. net/ implements it over sockets; tests script it.
namespace signalbox::dispatch {

using Header = std::pair<std::string, std::string>;

/// How a connection speaks TLS; all empty: the system's authorities, and no certificate of our own.
struct TlsSettings {
    std::string ca_file;           ///< PEM; takes the place of the system's authorities
    std::string certificate_file;  ///< PEM, shown to a target that asks for one; with key_file
    std::string key_file;
    bool operator==(const TlsSettings&) const = default;
};

struct WireRequest {
    std::string method;           ///< a token, upper case
    std::string url;              ///< absolute, http or https, already percent-encoded
    std::vector<Header> headers;  ///< without Host, Content-Length and Connection: the transport adds those
    std::string body;
    std::int64_t timeout_ms = 30'000;  ///< for the whole exchange, name lookup included
    std::size_t reply_body_bytes_max = 1024 * 1024;
    /// A request that must not be sent twice: a pooled connection is used only if it was idle for less
    /// than limits::idle_reuse_ms_max and a peek shows neither end of stream nor data.
    bool once = true;
    /// Addresses in private or loopback ranges are refused unless one of these CIDR ranges holds them.
    std::vector<std::string> egress_allow;
    TlsSettings tls;
};

/// May the request have had its effect? `none` until the kernel has accepted the request's last byte.
enum class Effect : std::uint8_t { none, unknown };

enum class Failure : std::uint8_t {
    none,        ///< a whole, well-framed reply was read
    resolve,     ///< no address
    refused,     ///< egress rules, or a URL this transport cannot serve
    connect,     ///< no connection
    tls,         ///< handshake, or a certificate that does not prove the name
    send,        ///< the connection broke before the last byte was accepted
    no_reply,    ///< closed or reset before a whole reply head
    bad_reply,   ///< a reply that breaks HTTP's framing rules, or is over a limit
    truncated,   ///< the reply ended before its announced length
    timeout,     ///< the whole-exchange deadline passed
    cancelled,   ///< by cancel(), or the transport was stopped
};
/// The enumerator's own name, for logs and stored attempts.
inline const char* failure_name(Failure failure) {
    constexpr const char* kNames[] = {"none",     "resolve",   "refused",   "connect", "tls",      "send",
                                      "no_reply", "bad_reply", "truncated", "timeout", "cancelled"};
    return kNames[static_cast<std::size_t>(failure)];
}

struct Times {  ///< milliseconds; negative: not reached
    double dns = -1, connect = -1, tls = -1, send = -1, wait = -1, read = -1;
};

struct WireReply {
    Failure failure = Failure::none;
    Effect effect = Effect::none;
    std::string message;  ///< for people: which step failed and how; no secret, no reply body
    int status = 0;       ///< 0 where no head was read
    std::vector<Header> headers;  ///< as received, in order, names in their case
    std::string body;
    Times times;
    std::string address;  ///< numeric address and port the request went to; empty if none
    std::string tls_version;
};

using ExchangeId = std::uint64_t;
using ReplyDone = std::function<void(WireReply)>;

/// [loop thread] throughout; `done` runs on the same thread, exactly once for each send, never inside it.
class Transport {
  public:
    virtual ~Transport() = default;
    /// Sends once: never resends, never follows a redirect, skips 1xx replies.
    virtual ExchangeId send(WireRequest request, ReplyDone done) = 0;
    /// Ends an exchange now; its done runs with Failure::cancelled.
    virtual void cancel(ExchangeId exchange) = 0;
};

}  // namespace signalbox::dispatch
