#include "net/head_scan.hpp"

#include "net/text.hpp"

namespace signalbox::net {

void HeadScan::reset() {
    line_start_ = 0;
    lines_ = 0;
    fault_ = "";
}

HeadState HeadScan::malformed(const char* fault) {
    fault_ = fault;
    return HeadState::malformed;
}

const char* HeadScan::fault_of(std::string_view line) const {
    if (line.empty() || line.back() != '\r') return "a line ends in LF without CR";
    if (line.find('\r') != line.size() - 1) return "a CR is not followed by LF";
    if (line.find('\0') != std::string_view::npos) return "there is a NUL";
    if (line.front() == ' ' || line.front() == '\t') return "a line begins with a space or a tab";
    if (lines_ == 0 && line.size() == 1) return "the first line is empty";
    return nullptr;
}

HeadState HeadScan::look(std::string_view bytes) {
    // What cannot be HTTP (a TLS hello, say) is told at once and not when the deadline passes.
    if (lines_ == 0 && !bytes.empty() && !is_token_char(bytes.front())) {
        return malformed("it does not begin like a message of HTTP/1");
    }
    const std::string_view window = bytes.substr(0, bytes_max_);
    for (;;) {
        const std::size_t newline = window.find('\n', line_start_);
        if (newline == std::string_view::npos) break;
        const std::string_view line = window.substr(line_start_, newline - line_start_);
        if (const char* fault = fault_of(line)) return malformed(fault);
        line_start_ = newline + 1;
        if (line.size() == 1) return HeadState::complete;
        if (lines_++ > fields_max_) return HeadState::too_many_fields;
    }
    return bytes.size() >= bytes_max_ ? HeadState::too_large : HeadState::need_more;
}

}  // namespace signalbox::net
