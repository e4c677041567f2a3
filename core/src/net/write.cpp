#include "net/write.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "net/text.hpp"

namespace signalbox::net {
namespace {

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

const char* reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";
    }
}

/// Is it a field that only the side that frames the message may write?
bool is_framing_field(std::string_view name) {
    switch (name.size()) {
        case 4:
            return equal_ignoring_case(name, "date");
        case 10:
            return equal_ignoring_case(name, "connection");
        case 14:
            return equal_ignoring_case(name, "content-length");
        case 17:
            return equal_ignoring_case(name, "transfer-encoding");
        default:
            return false;
    }
}

}  // namespace

std::string unsendable(const std::vector<Header>& headers) {
    for (const auto& [name, value] : headers) {
        if (!is_token(name)) return "a header's name is empty or holds a character it must not";
        if (!is_field_value(value)) return name + ": its value holds a control character";
    }
    return {};
}

void append_reply(std::string& out, const Response& response, const ReplyForm& form) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::uint64_t>(response.status));
    out.append(" ").append(reason_of(response.status)).append("\r\n");
    for (const auto& [name, value] : response.headers) {
        if (!is_framing_field(name)) append_field(out, name, value);
    }
    const bool may_have_body = response.status != 204 && response.status != 304;
    if (response.stream) {
        if (form.chunked) append_field(out, "Transfer-Encoding", "chunked");
    } else if (may_have_body) {
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    }
    append_field(out, "Date", form.date);
    if (form.close) append_field(out, "Connection", "close");
    out.append("\r\n");
    if (may_have_body && !form.to_head) out.append(response.body);
}

void append_request(std::string& out, const RequestForm& form, const std::vector<Header>& headers,
                    std::string_view body) {
    out.append(form.method).append(" ").append(form.target).append(" HTTP/1.1\r\n");
    append_field(out, "Host", form.authority);
    for (const auto& [name, value] : headers)
        append_field(out, name, value);
    // Methods whose meaning is in the body announce an empty one too (RFC 9110, section 8.6).
    if (!body.empty() || form.method == "POST" || form.method == "PUT" || form.method == "PATCH") {
        out.append("Content-Length: ");
        append_number(out, body.size());
        out.append("\r\n");
    }
    out.append("\r\n").append(body);
}

std::string http_date(std::int64_t unix_s) {
    using namespace std::chrono;
    constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_seconds at{seconds{unix_s}};
    const sys_days day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss time{at - day};
    std::array<char, 64> text;
    const int size = std::snprintf(
        text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
        kDays[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
        kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace signalbox::net
