#include "net/framing.hpp"

#include <limits>

#include "net/text.hpp"

namespace signalbox::net {
namespace {

bool all_digits(std::string_view text) {
    for (const char c : text) {
        if (!is_digit(c)) return false;
    }
    return !text.empty();
}

}  // namespace

const char* judge_framing(const ParsedHead& head, Framing& framing) {
    const FieldView* length = nullptr;
    const FieldView* coding = nullptr;
    for (const FieldView& field : head.fields) {
        // Their lengths differ from most other names': nearly every field is passed over by this
        // test.
        if (field.name.size() == 14 && equal_ignoring_case(field.name, "content-length")) {
            if (length != nullptr) return "there is more than one Content-Length";
            length = &field;
        } else if (field.name.size() == 17 &&
                   equal_ignoring_case(field.name, "transfer-encoding")) {
            if (coding != nullptr) return "there is more than one Transfer-Encoding";
            coding = &field;
        }
    }
    framing = {};
    if (coding != nullptr) {
        if (length != nullptr) return "there are a Content-Length and a Transfer-Encoding";
        if (head.minor_version != 1) return "there is a Transfer-Encoding in HTTP/1.0";
        if (!equal_ignoring_case(coding->value, "chunked")) {
            return "the Transfer-Encoding is not exactly: chunked";
        }
        framing.kind = Framing::Kind::chunked;
    } else if (length != nullptr) {
        if (!all_digits(length->value)) return "the Content-Length is not digits only";
        framing.kind = Framing::Kind::length;
        framing.length =
            parse_decimal(length->value).value_or(std::numeric_limits<std::uint64_t>::max());
    }
    return nullptr;
}

const char* judge_reply(std::string_view bytes, bool to_head, ParsedHead& parsed, ReplyHead& out) {
    switch (parse_reply_head(bytes, parsed)) {
        case ParseFault::none:
            break;
        case ParseFault::start_line:
            return "its status line is malformed";
        case ParseFault::version:
            return "it does not begin with HTTP/1.0 or HTTP/1.1";
        case ParseFault::field:
            return "a header field is malformed";
    }
    if (parsed.status < 100) return "its status is below 100";
    if (parsed.status == 101) return "it switches protocols, which was not asked for";
    if (const char* fault = judge_framing(parsed, out.framing)) return fault;
    out.interim = parsed.status < 200;
    if (out.interim || to_head || parsed.status == 204 || parsed.status == 304) {
        out.framing = {};
    } else if (out.framing.kind == Framing::Kind::none) {
        return "it has neither Content-Length nor Transfer-Encoding, so its end cannot be told";
    }
    out.keep_alive = parsed.minor_version == 1;
    for (const FieldView& field : parsed.fields) {
        if (field.name.size() == 10 && equal_ignoring_case(field.name, "connection") &&
            list_holds(field.value, "close")) {
            out.keep_alive = false;
        }
    }
    return nullptr;
}

}  // namespace signalbox::net
