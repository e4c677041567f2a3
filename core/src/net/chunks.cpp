#include "net/chunks.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "net/text.hpp"

namespace signalbox::net {
namespace {

constexpr std::size_t kSizeDigitsMax = 16;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

}  // namespace

BodyState ChunkDecoder::malformed(const char* fault) {
    fault_ = fault;
    return BodyState::malformed;
}

BodyState ChunkDecoder::feed(std::string_view& in, std::string& body) {
    while (!in.empty()) {
        if (at_ == At::data) {
            const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
            body.append(in.data(), count);
            in.remove_prefix(count);
            left_ -= count;
            if (left_ == 0) at_ = At::data_cr;
            continue;
        }
        const char c = in.front();
        in.remove_prefix(1);
        const bool size_ends = at_ == At::size_lf;
        BodyState state = step(c);
        if (state == BodyState::more && size_ends) state = after_size(body);
        if (state != BodyState::more) return state;
    }
    return BodyState::more;
}

BodyState ChunkDecoder::step(char c) {
    switch (at_) {
        case At::size:
            return in_size(c);
        case At::extension:
            if (c == '\r') {
                at_ = At::size_lf;
            } else if (is_control(c)) {
                return malformed("a chunk's extension holds a control character");
            } else if (++line_bytes_ > limits::http_chunk_line_bytes_max) {
                return malformed("a chunk's size line is too long");
            }
            return BodyState::more;
        case At::size_lf:
            return expect(c, '\n', At::data);
        case At::data_cr:
            return expect(c, '\r', At::data_lf);
        case At::data_lf:
            line_bytes_ = 0;
            digits_ = 0;
            return expect(c, '\n', At::size);
        case At::end_lf:
            return c == '\n' ? BodyState::done : malformed("the chunked body's end lacks its LF");
        case At::trailer_lf:
            return expect(c, '\n', At::trailer_start);
        default:
            break;
    }
    if (++trailer_bytes_ > limits::http_trailer_bytes_max)
        return malformed("the trailers are too long");
    if (at_ == At::trailer_value) {
        if (c == '\r') {
            at_ = At::trailer_lf;
        } else if (is_control(c)) {
            return malformed("a trailer holds a control character");
        }
        return BodyState::more;
    }
    return in_trailer_name(c);
}

BodyState ChunkDecoder::in_size(char c) {
    const int value = hex_value(c);
    if (value >= 0) {
        if (++digits_ > kSizeDigitsMax) return malformed("a chunk's size has too many digits");
        ++line_bytes_;
        left_ = (left_ << 4) | static_cast<std::uint64_t>(value);
        return BodyState::more;
    }
    if (digits_ == 0) return malformed("a chunk's size is not hexadecimal digits");
    if (c == '\r') {
        at_ = At::size_lf;
    } else if (c == ';') {
        ++line_bytes_;
        at_ = At::extension;
    } else {
        return malformed("a chunk's size is followed by neither CR LF nor an extension");
    }
    return BodyState::more;
}

BodyState ChunkDecoder::after_size(const std::string& body) {
    if (left_ == 0) {
        at_ = At::trailer_start;
        return BodyState::more;
    }
    return left_ > body_bytes_max_ - body.size() ? BodyState::too_large : BodyState::more;
}

BodyState ChunkDecoder::in_trailer_name(char c) {
    if (at_ == At::trailer_start) {
        if (c == '\r') {
            at_ = At::end_lf;
            return BodyState::more;
        }
        at_ = At::trailer_name;
        name_bytes_ = 0;
    }
    if (c == ':' && name_bytes_ > 0) {
        at_ = At::trailer_value;
        return BodyState::more;
    }
    ++name_bytes_;
    return is_token_char(c) ? BodyState::more : malformed("a trailer's name is malformed");
}

BodyState ChunkDecoder::expect(char c, char wanted, At next) {
    if (c != wanted) {
        return malformed(wanted == '\n' ? "in the chunked body a CR is not followed by LF"
                                        : "a chunk is longer than its size says");
    }
    at_ = next;
    return BodyState::more;
}

}  // namespace signalbox::net
