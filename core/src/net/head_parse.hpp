#pragma once

#include <string_view>
#include <vector>

namespace signalbox::net {

struct FieldView {
    std::string_view name;   ///< in its case
    std::string_view value;  ///< trimmed
};

/// A head taken apart; everything points into the bytes it was parsed from.
struct ParsedHead {
    std::string_view method;  ///< of a request
    std::string_view target;  ///< of a request
    int status = 0;           ///< of a reply
    int minor_version = 1;
    std::vector<FieldView> fields;
};

enum class ParseFault { none, start_line, version, field };

/// Takes apart a whole head that HeadScan let pass. `out` is reused from call to call.
ParseFault parse_request_head(std::string_view head, ParsedHead& out);
ParseFault parse_reply_head(std::string_view head, ParsedHead& out);

}  // namespace signalbox::net
