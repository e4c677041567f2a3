#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"

/// HTTP messages as the core sees them, and what a server asks of its handler.
namespace signalbox::net {

using Header = std::pair<std::string, std::string>;

/// A request whose framing was judged sound and whose body was read whole.
struct Request {
    std::string method;  ///< as received; case-sensitive
    std::string target;  ///< origin form, as received: path and query
    std::string path;    ///< the part before `?`, percent-encoding untouched
    std::string query;   ///< the part after `?`
    int minor_version = 1;
    std::vector<Header> headers;  ///< names lower-cased, values trimmed and otherwise as received
    std::string body;             ///< the raw bytes
    std::string peer;             ///< numeric address
    /// The first header of that (lower-case) name, or null.
    const std::string* header(std::string_view name) const;
};

/// The body of a reply that is not known when it begins. [loop thread]
class ReplyStream {
  public:
    virtual ~ReplyStream() = default;
    /// Sends bytes. False: the connection has ended, or it was ended because more than
    /// limits::http_stream_bytes_max would wait for a peer that does not read.
    virtual bool write(std::string_view bytes) = 0;
    /// The body is complete; the connection is closed after it.
    virtual void end() = 0;
};

struct Response {
    int status = 200;
    std::vector<Header> headers;  ///< without Content-Length, Connection and Date: the server adds them
    std::string body;
    bool close = false;  ///< end the connection after this reply
    /// If set, the body is what is written to the stream from now on. Called once, when the head is on its
    /// way, unless the connection has ended before; not called for a HEAD.
    std::function<void(std::shared_ptr<ReplyStream>)> stream = {};
};

/// Answers one request. May be called once, later, on the loop's thread; dropping it unanswered sends 500.
using Respond = std::function<void(Response)>;

/// What holds for a body that is on its way.
struct BodyTerms {
    std::optional<Response> refusal = {};  ///< it is not read, and the connection ends with this reply
    std::size_t bytes_max = limits::http_body_bytes_max;  ///< one byte more is 413; the server's own limit stays
    bool from_stranger = false;  ///< whoever sends it has yet to show who that is
};

/// What is behind a server. [loop thread]; must not block and must not throw.
class Handler {
  public:
    virtual ~Handler() = default;
    virtual void handle(Request request, Respond respond) = 0;
    /// Asked on a head whose body is still on its way; `head` has none yet. What may come is handle()'s to judge.
    virtual BodyTerms terms_of_body(const Request& head) = 0;
    /// The reply for a request that the server itself refuses (400, 408, 413, 431, 501, 503, 505): so
    /// that an error looks the same wherever it was found.
    virtual Response refuse(int status, std::string_view code, std::string_view message) = 0;
};

}  // namespace signalbox::net
