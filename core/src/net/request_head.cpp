#include <array>

#include "net/framing.hpp"
#include "net/text.hpp"

namespace signalbox::net {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET",  "POST",   "PATCH",  "PUT",
                                                      "HEAD", "DELETE", "OPTIONS"};

HeadFault bad_request(std::string message) {
    return {400, "bad_request", "The request is refused because " + std::move(message) + "."};
}

bool known_method(std::string_view method) {
    for (const std::string_view known : kMethods) {
        if (method == known) return true;
    }
    return false;
}

/// Tells `GET / HTTP/2.0` (a version that exists or may exist) from a line that is not HTTP.
HeadFault version_fault(std::string_view head) {
    const std::string_view line = head.substr(0, head.find('\r'));
    const std::string_view version = line.substr(line.rfind(' ') + 1);
    const bool ours =
        version == "HTTP/1.1" || version == "HTTP/1.0";  // in a line with a space too many
    if (!ours && version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
        version[6] == '.' && is_digit(version[7])) {
        return {505, "version_not_supported",
                "The request asks for " + std::string(version) +
                    "; HTTP/1.1 and HTTP/1.0 are spoken here."};
    }
    return bad_request("its first line does not end in HTTP/1.1 or HTTP/1.0");
}

struct Fields {
    const FieldView* host = nullptr;
    const char* fault = nullptr;
};

Fields read_fields(const ParsedHead& parsed, RequestHead& out) {
    Fields found;
    out.keep_alive = parsed.minor_version == 1;
    out.expects_continue = false;
    for (const FieldView& field : parsed.fields) {
        if (field.name.size() == 4 && equal_ignoring_case(field.name, "host")) {
            if (found.host != nullptr) found.fault = "there is more than one Host";
            found.host = &field;
        } else if (field.name.size() == 10 && equal_ignoring_case(field.name, "connection")) {
            if (list_holds(field.value, "close")) out.keep_alive = false;
        } else if (field.name.size() == 6 && equal_ignoring_case(field.name, "expect")) {
            out.expects_continue =
                parsed.minor_version == 1 && equal_ignoring_case(field.value, "100-continue");
        }
    }
    if (found.host == nullptr) {
        if (parsed.minor_version == 1) found.fault = "there is no Host";
    } else if (!is_host(found.host->value)) {
        found.fault = "its Host is not a name or an address with an optional port";
    }
    return found;
}

const char* judge_target(const ParsedHead& parsed, const FieldView* host, RequestHead& out) {
    std::string_view target = parsed.target;
    for (const char c : target) {
        if (static_cast<unsigned char>(c) >= 0x80) return "its target has bytes above ASCII";
        if (c == '#') return "its target has a fragment";
    }
    if (target == "*") {
        out.target = target;
        return parsed.method == "OPTIONS" ? nullptr : "its target * belongs to OPTIONS only";
    }
    if (target.front() != '/') {
        constexpr std::string_view kScheme = "http://";
        if (!equal_ignoring_case(target.substr(0, kScheme.size()), kScheme)) {
            return "its target is neither a path nor an http:// URL";
        }
        target.remove_prefix(kScheme.size());
        const std::string_view authority = target.substr(0, target.find_first_of("/?"));
        if (host == nullptr || !equal_ignoring_case(authority, host->value)) {
            return "the host in its target is not the one in Host";
        }
        target.remove_prefix(authority.size());
        if (target.empty()) target = "/";
        if (target.front() != '/') return "the URL in its target has no path";
    }
    out.target = target;
    return nullptr;
}

}  // namespace

HeadFault judge_request(std::string_view bytes, std::size_t body_bytes_max, ParsedHead& parsed,
                        RequestHead& out) {
    switch (parse_request_head(bytes, parsed)) {
        case ParseFault::none:
            break;
        case ParseFault::start_line:
            return bad_request("its first line is malformed");
        case ParseFault::version:
            return version_fault(bytes);
        case ParseFault::field:
            return bad_request("a header field is malformed");
    }
    if (const char* fault = judge_framing(parsed, out.framing)) return bad_request(fault);
    const Fields fields = read_fields(parsed, out);
    if (fields.fault != nullptr) return bad_request(fields.fault);
    if (!known_method(parsed.method)) {
        return {501, "not_implemented",
                "The request's method is not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS."};
    }
    if (const char* fault = judge_target(parsed, fields.host, out)) return bad_request(fault);
    if (out.framing.kind == Framing::Kind::length && out.framing.length > body_bytes_max) {
        return {413, "body_too_large",
                "The request announces a body of more than " + std::to_string(body_bytes_max) +
                    " bytes; send a smaller one."};
    }
    return {};
}

}  // namespace signalbox::net
