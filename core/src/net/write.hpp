#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.hpp"

/// Messages as bytes. What we were handed is checked here once more: no CR, LF, NUL or other
/// control character ever leaves inside a field, and framing fields are always our own.
namespace signalbox::net {

/// The first field that must not be sent, as `name: why`; empty if all may.
std::string unsendable(const std::vector<Header>& headers);

struct ReplyForm {
    bool to_head = false;  ///< the body is announced and left out
    bool close = false;
    bool chunked = false;  ///< for a stream: framed by chunks, and not by the connection's end
    std::string_view date;  ///< RFC 9110, section 5.6.7
};
/// Appends the reply. The headers have passed unsendable(); Content-Length, Transfer-Encoding,
/// Connection and Date among them are left out, because the server writes its own.
void append_reply(std::string& out, const Response& response, const ReplyForm& form);

struct RequestForm {
    std::string_view method;
    std::string_view target;
    std::string_view authority;  ///< the Host field
};
void append_request(std::string& out, const RequestForm& form, const std::vector<Header>& headers,
                    std::string_view body);

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date(std::int64_t unix_s);

}  // namespace signalbox::net
