#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "signalbox/clock.hpp"
#include "signalbox/result.hpp"

namespace signalbox::app {

inline constexpr std::size_t kReplyBytesMax = 16 * 1024 * 1024;
inline constexpr std::int64_t kExchangeMsMax = 60'000;

/// Where the server is: scheme, host, port and what its paths begin with.
struct ServerAddress {
    bool tls = false;
    std::string host;
    std::uint16_t port = 0;
    std::string path_prefix;  ///< without a slash at its end
    std::string shown;        ///< for messages
};

/// `http://host:port` or `https://…`, a path prefix is accepted. Error `usage`.
Result<ServerAddress> parse_server(const std::string& url);

struct HttpRequest {
    std::string method;
    std::string target;  ///< path and query, without the prefix
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;  ///< JSON; empty: none
};

struct HttpReply {
    int status = 0;
    std::string body;
};

/// One exchange on a connection of its own, blocking. Nothing is ever sent twice. TLS is verified
/// strictly against the machine's authorities (SSL_CERT_FILE adds one).
/// Errors: `unreachable` (the request did not leave in full), `reply_lost` (it did, and may have
/// been acted on), `reply_too_large`.
Result<HttpReply> exchange(const ServerAddress& server, const HttpRequest& request,
                           const Clock& clock);

}  // namespace signalbox::app
