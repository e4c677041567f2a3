#include "net/url.hpp"

#include <string>
#include <string_view>

#include "promise.hpp"

using namespace signalbox::net;

namespace {

void check_plain(std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        PROMISE(byte > 0x20 && byte < 0x7f);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), bytes);
    const auto url = parse_url(text);
    if (!url) {
        PROMISE(url.error().code == "bad_url");
        return 0;
    }
    check_plain(url->authority);
    check_plain(url->path_and_query);
    PROMISE(!url->host.empty());
    PROMISE(url->port != 0);
    PROMISE(url->authority.find('@') == std::string_view::npos);
    PROMISE(url->authority.find(url->host) != std::string_view::npos);
    PROMISE(url->path_and_query.empty() || url->path_and_query.front() == '/' ||
            url->path_and_query.front() == '?');
    // Put together again it is the same URL to this parser: nobody can read it in two ways.
    const std::string again = std::string(url->tls ? "https://" : "http://") +
                              std::string(url->authority) + std::string(url->path_and_query);
    const auto second = parse_url(again);
    PROMISE(static_cast<bool>(second));
    PROMISE(second->host == url->host && second->port == url->port && second->tls == url->tls);
    PROMISE(second->path_and_query == url->path_and_query);
    return 0;
}
