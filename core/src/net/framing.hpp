#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/head_parse.hpp"

/// Where a message ends: the rules of docs/http-and-tls.md. Two parties that disagree
/// here can be made to see different messages in the same bytes, so whatever is not plain is
/// refused.
namespace signalbox::net {

struct Framing {
    enum class Kind : std::uint8_t { none, length, chunked };
    Kind kind = Kind::none;
    std::uint64_t length = 0;  ///< of Kind::length; what does not fit 64 bits counts as the largest
};

/// Reads Content-Length and Transfer-Encoding. Returns what is wrong, or null.
const char* judge_framing(const ParsedHead& head, Framing& framing);

struct HeadFault {
    int status = 0;  ///< 0: there is none
    const char* code = "";
    std::string message;
    explicit operator bool() const { return status != 0; }
};

struct RequestHead {
    std::string_view target;  ///< in origin form, or `*`
    Framing framing;
    bool keep_alive = true;
    bool expects_continue = false;
};

/// Judges a request's head: `bytes` is the head as HeadScan let it pass. `parsed` is scratch space;
/// `out` points into `bytes`. A body over `body_bytes_max` is a fault already here if its length is
/// announced.
HeadFault judge_request(std::string_view bytes, std::size_t body_bytes_max, ParsedHead& parsed,
                        RequestHead& out);

struct ReplyHead {
    Framing framing;
    bool interim = false;  ///< 1xx: another head follows
    bool keep_alive = true;
};

/// Judges a reply's head; returns what is wrong, or null. `to_head`: it answers a HEAD request.
const char* judge_reply(std::string_view bytes, bool to_head, ParsedHead& parsed, ReplyHead& out);

}  // namespace signalbox::net
