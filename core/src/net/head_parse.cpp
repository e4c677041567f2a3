#include "net/head_parse.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>

namespace signalbox::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string_view view(string_view text) {
    return {text.data(), text.size()};
}

/// Beast's parser as a splitter of heads: it keeps views and allocates nothing. Bodies never reach
/// it, and what it thinks of framing is not asked: framing.hpp judges that.
template <bool is_request>
class Splitter final : public http::basic_parser<is_request> {
  public:
    explicit Splitter(ParsedHead& out) : out_(out) {}

  private:
    void on_request_impl(http::verb /*verb*/, string_view method, string_view target, int version,
                         error_code& /*ec*/) override {
        out_.method = view(method);
        out_.target = view(target);
        out_.minor_version = version - 10;
    }
    void on_response_impl(int status, string_view /*reason*/, int version,
                          error_code& /*ec*/) override {
        out_.status = status;
        out_.minor_version = version - 10;
    }
    void on_field_impl(http::field /*field*/, string_view name, string_view value,
                       error_code& /*ec*/) override {
        out_.fields.push_back({view(name), view(value)});
    }
    void on_header_impl(error_code& /*ec*/) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                           error_code& /*ec*/) override {}
    std::size_t on_body_impl(string_view body, error_code& /*ec*/) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/,
                              error_code& /*ec*/) override {}
    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, string_view body,
                                   error_code& /*ec*/) override {
        return body.size();
    }
    void on_finish_impl(error_code& /*ec*/) override {}

    ParsedHead& out_;
};

ParseFault fault_of(const error_code& error) {
    if (!error) return ParseFault::none;
    if (error == http::error::bad_version) return ParseFault::version;
    if (error == http::error::bad_method || error == http::error::bad_target ||
        error == http::error::bad_status || error == http::error::bad_reason) {
        return ParseFault::start_line;
    }
    return ParseFault::field;
}

template <bool is_request>
ParseFault parse(std::string_view head, ParsedHead& out) {
    out.method = {};
    out.target = {};
    out.status = 0;
    out.fields.clear();
    Splitter<is_request> splitter(out);
    splitter.header_limit(static_cast<std::uint32_t>(head.size() + 1));
    splitter.body_limit(boost::none);
    splitter.skip(true);
    error_code error;
    const std::size_t used = splitter.put({head.data(), head.size()}, error);
    if (error) return fault_of(error);
    return used == head.size() && splitter.is_done() ? ParseFault::none : ParseFault::field;
}

}  // namespace

ParseFault parse_request_head(std::string_view head, ParsedHead& out) {
    return parse<true>(head, out);
}

ParseFault parse_reply_head(std::string_view head, ParsedHead& out) {
    return parse<false>(head, out);
}

}  // namespace signalbox::net
