#include "net/url.hpp"

#include "net/text.hpp"

namespace signalbox::net {
namespace {

Error bad(const char* fault) {
    return {"bad_url", std::string("The URL cannot be used: ") + fault + "."};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte >= 0x7f) {
            return bad(
                "it holds a space, a control character or a byte above ASCII; percent-encode it");
        }
        if (c == '#') return bad("it has a fragment, which is never sent");
    }
    Url url;
    const std::size_t colon = text.find("://");
    const std::string_view scheme = text.substr(0, colon);
    if (equal_ignoring_case(scheme, "https")) {
        url.tls = true;
    } else if (!equal_ignoring_case(scheme, "http")) {
        return bad("it does not begin with http:// or https://");
    }
    if (colon == std::string_view::npos) return bad("it has no ://");
    text.remove_prefix(colon + 3);
    url.authority = text.substr(0, text.find_first_of("/?"));
    url.path_and_query = text.substr(url.authority.size());
    if (url.authority.find('@') != std::string_view::npos) {
        return bad("it has a user name or password before the host; use a header");
    }
    if (!is_host(url.authority)) return bad("its host or port is malformed");

    url.port = url.tls ? 443 : 80;
    const std::size_t bracket = url.authority.find(']');
    const std::size_t port_colon =
        url.authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    url.host = url.authority.substr(0, port_colon);
    if (bracket != std::string_view::npos) url.host = url.host.substr(1, url.host.size() - 2);
    if (port_colon != std::string_view::npos) {
        url.port = static_cast<std::uint16_t>(
            parse_decimal(url.authority.substr(port_colon + 1)).value_or(0));
        if (url.port == 0) return bad("its port is 0");
    }
    return url;
}

}  // namespace signalbox::net
