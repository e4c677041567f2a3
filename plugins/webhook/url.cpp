#include "url.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "signalbox/plugin/types.hpp"
#include "signalbox/plugin/uri.hpp"

namespace webhook {

using signalbox::plugin::percent_encode;
using signalbox::plugin::Refusal;
namespace json = signalbox::plugin::json;

namespace {

constexpr std::size_t url_bytes_max = 8 * 1024;

bool begins(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

bool is_absolute(std::string_view url) {
    return begins(url, "http://") || begins(url, "https://");
}

/// Where the host begins and ends.
std::string_view authority(std::string_view url) {
    url.remove_prefix(url.find("//") + 2);
    return url.substr(0, url.find_first_of("/?#"));
}

/// The escapes of what a path is made of, undone as often as a chain of servers may undo them.
std::string as_servers_read(std::string_view path) {
    constexpr std::array<std::pair<std::string_view, char>, 5> escapes = {
        {{"%25", '%'}, {"%2e", '.'}, {"%2f", '/'}, {"%5c", '/'}, {"%3b", ';'}}};
    std::string read;
    for (const char letter : path) {
        read += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
        for (bool undone = true; undone && read.size() >= 3;) {
            undone = false;
            for (const auto& [escape, meant] : escapes) {
                const std::size_t begin = read.size() - std::min(escape.size(), read.size());
                if (read.compare(begin, std::string::npos, escape) != 0) continue;
                read.replace(begin, escape.size(), 1, meant);
                undone = true;
            }
        }
    }
    return read;
}

/// A step up would leave base_url. Some servers take `..;x` for one too, and `\` for `/`, which
/// encode_url has made %5C.
bool steps_up(std::string_view path) {
    const std::string read = as_servers_read(path.substr(0, path.find_first_of("?#")));
    std::size_t begin = 0;
    while (begin <= read.size()) {
        const std::size_t end = std::min(read.find('/', begin), read.size());
        const std::string_view segment = std::string_view(read).substr(begin, end - begin);
        if (segment.substr(0, segment.find(';')) == "..") return true;
        begin = end + 1;
    }
    return false;
}

std::string text_of(const json::Value& value, const std::string& pointer) {
    switch (value.kind()) {
        case json::Value::Kind::string:
            return value.text_or("");
        case json::Value::Kind::boolean:
            return value.bool_or(false) ? "true" : "false";
        case json::Value::Kind::number: {
            const std::int64_t whole = value.integer_or(0);
            if (whole != 0 || value.number_or(0) == 0) return std::to_string(whole);
            throw Refusal(pointer, "is a number with a fraction; write it as a text");
        }
        default:
            throw Refusal(pointer, "must be a text, a number, true, false, or a list of them");
    }
}

}  // namespace

std::string url_fault(std::string_view url) {
    if (!is_absolute(url)) return "is no URL; it begins with http:// or https://";
    if (url.size() > url_bytes_max) return "is longer than 8 KiB";
    const auto host = authority(url);
    if (host.empty() || host.front() == ':') return "names no host";
    if (host.find('@') != std::string_view::npos)
        return "has a user name before its host; use the connection's authorization setting";
    if (url.find('#') != std::string_view::npos)
        return "has a fragment (#…), which is never sent; take it out";
    return {};
}

std::string encode_url(std::string_view url) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    constexpr std::string_view never = " \"<>\\^`{|}";
    std::string encoded;
    for (std::size_t i = 0; i < url.size(); ++i) {
        const auto byte = static_cast<unsigned char>(url[i]);
        const auto is_hex = [&](std::size_t at) {
            return at < url.size() && std::string_view("0123456789ABCDEFabcdef").find(url[at]) !=
                                          std::string_view::npos;
        };
        const bool broken_escape = byte == '%' && !(is_hex(i + 1) && is_hex(i + 2));
        if (byte <= 0x20 || byte >= 0x7F || broken_escape ||
            never.find(url[i]) != std::string_view::npos) {
            encoded += '%';
            encoded += hex[byte >> 4];
            encoded += hex[byte & 15];
        } else {
            encoded += url[i];
        }
    }
    return encoded;
}

std::string resolve(std::string_view url, const std::string& base) {
    const auto refuse = [](const std::string& why) { throw Refusal("/url", why); };
    if (url.front() == '<' && url.back() == '>')
        refuse("is still a placeholder; write the service's URL in its place");
    std::string whole = encode_url(url);
    if (base.empty()) {
        if (const auto fault = url_fault(whole); !fault.empty()) refuse(fault);
        return whole;
    }
    if (!is_absolute(whole)) {
        if (begins(whole, "//") || whole.find("://") < whole.find_first_of("/?#"))
            refuse("is no path; write one that is below base_url, such as /deploy");
        whole = base + (whole.front() == '/' || whole.front() == '?' ? "" : "/") + whole;
    }
    const bool below =
        begins(whole, base) &&
        (whole.size() == base.size() || whole[base.size()] == '/' || whole[base.size()] == '?');
    if (!below || steps_up(std::string_view(whole).substr(base.size())))
        refuse("is not below this connection's base_url '" + base + "'");
    if (const auto fault = url_fault(whole); !fault.empty()) refuse(fault);
    return whole;
}

std::string with_query(std::string url, const json::Value& parameters) {
    bool first = url.find('?') == std::string::npos;
    const auto add = [&](const std::string& name, const std::string& value) {
        url += first ? '?' : '&';
        first = false;
        url += percent_encode(name) + "=" + percent_encode(value);
    };
    for (const auto& [name, value] : parameters.members()) {
        const std::string pointer = "/queryParams/" + name;
        if (value.is_null()) continue;
        if (value.kind() == json::Value::Kind::array) {
            for (const json::Value& item : value.items())
                add(name, text_of(item, pointer));
        } else {
            add(name, text_of(value, pointer));
        }
    }
    if (url.size() > url_bytes_max)
        throw Refusal("/queryParams", "make a URL of " + std::to_string(url.size()) +
                                          " bytes; at most 8192 are sent");
    return url;
}

}  // namespace webhook
