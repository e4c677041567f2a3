#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/limits.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"
#include "signalbox/log.hpp"
#include "signalbox/result.hpp"

namespace signalbox::net {

/// The files of a server that speaks HTTPS, all PEM.
struct ServerTls {
    std::string certificate_file;  ///< with the chain, its own certificate first
    std::string key_file;
    /// The authorities of clients' certificates; empty: none is asked for.
    std::string client_ca_file;
    bool client_certificate_required = true;  ///< false: one that is shown must still be good
};

struct ServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::size_t connections_max = limits::http_connections_default;
    std::size_t per_address_max = 0;
    std::size_t head_bytes_max = limits::http_head_bytes_max;
    std::size_t body_bytes_max = limits::http_body_bytes_max;
    std::size_t bodies_bytes_max = limits::http_bodies_bytes_max;  ///< of all not whole yet; strangers' have half
    std::int64_t head_ms_max = limits::http_head_ms_max;
    std::int64_t body_ms_max = limits::http_body_ms_max;
    std::int64_t idle_ms_max = limits::http_idle_ms_max;
    std::optional<ServerTls> tls;  ///< absent: plain HTTP
    LogSink* log = nullptr;        ///< outlives the server; told of faults and of changed TLS files
};

/// An HTTP/1.1 server on one loop: keep-alive, pipelining answered in order, deadlines on head, body and
/// idleness, strict framing (docs/http-and-tls.md). All functions but the constructor:
/// [loop thread].
class Server {
  public:
    /// `handler` and `loop` must outlive the server.
    Server(Loop& loop, Handler& handler, ServerOptions options);
    ~Server();

    /// Binds (SO_REUSEADDR) and listens. Error `listen_failed` names the address and the reason;
    /// `tls_failed` what is wrong with the files. They are read again once they have changed.
    /// [before the loop runs, or loop thread]
    Result<Done> listen();
    std::uint16_t port() const;  ///< the one bound

    /// Stops accepting and closes the listening socket; replies under way are finished, idle connections
    /// closed at once, every other after its reply.
    void stop_accepting();
    /// Connections still open.
    std::size_t connections() const;
    /// Closes everything now.
    void abort();

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace signalbox::net
