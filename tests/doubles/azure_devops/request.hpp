#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace azure_standin {

using Header = std::pair<std::string, std::string>;

/// One request as its bytes said it. Header values are the bytes between the colon and the line's
/// end without surrounding blanks, in the order received, repeated names kept.
struct Request {
    std::string method;
    std::string target;
    std::vector<Header> headers;
    std::string body;

    /// The first header of that name, whatever its case.
    const std::string* header(std::string_view name) const;
};

/// Reads the header lines that follow the request line in `head`.
std::vector<Header> parse_headers(std::string_view head);

/// How the body's length is told, or why the request is refused (400 or 411).
struct Framing {
    int refused_status = 0;
    std::string reason;
    std::optional<std::size_t> body_bytes;  ///< absent for a chunked body
};
Framing framing_of(const Request& request);

}  // namespace azure_standin
