#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dispatch/transport.hpp"
#include "net/body.hpp"
#include "net/framing.hpp"
#include "net/head_scan.hpp"

namespace signalbox::net {

/// Reads one reply as it arrives, skipping the 1xx replies before it.
class ReplyReader {
  public:
    enum class State { more, done, bad };

    /// `to_head`: the reply to a HEAD request, which has no body.
    ReplyReader(bool to_head, std::size_t body_bytes_max);

    /// Takes the next bytes; fills status, headers and body of `reply`. `parsed` is scratch space.
    State feed(std::string_view bytes, ParsedHead& parsed, dispatch::WireReply& reply);

    /// Has anything of the final reply been seen?
    bool began() const { return began_; }
    bool has_head() const { return body_.has_value(); }
    /// Once done: the bytes ended where the reply did, and the peer keeps the connection open.
    bool reusable() const { return exact_ && head_.keep_alive; }
    /// Once bad: what is wrong, for people.
    const std::string& problem() const { return problem_; }

  private:
    State bad(std::string problem);
    State read_head(std::string_view& bytes, ParsedHead& parsed, dispatch::WireReply& reply);
    State read_body(std::string_view& bytes, dispatch::WireReply& reply);

    const bool to_head_;
    const std::size_t body_bytes_max_;
    HeadScan scan_;
    std::string in_;  // a head that is not whole
    std::size_t interim_ = 0;
    ReplyHead head_;
    std::optional<BodyReader> body_;
    bool began_ = false;
    bool exact_ = false;
    std::string problem_;
};

}  // namespace signalbox::net
