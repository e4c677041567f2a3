#include "request.hpp"

#include <Poco/String.h>

#include <charconv>

namespace azure_standin {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool same_name(const std::string& left, std::string_view right) {
    return Poco::icompare(left, std::string(right)) == 0;
}

}  // namespace

const std::string* Request::header(std::string_view name) const {
    for (const Header& header : headers) {
        if (same_name(header.first, name)) return &header.second;
    }
    return nullptr;
}

std::vector<Header> parse_headers(std::string_view head) {
    std::vector<Header> headers;
    std::size_t begin = head.find('\n');
    while (begin != std::string_view::npos) {
        ++begin;
        const std::size_t end = head.find('\n', begin);
        if (end == std::string_view::npos) break;
        std::string_view line = head.substr(begin, end - begin);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (line.empty()) break;
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            headers.emplace_back(std::string(line.substr(0, colon)),
                                 std::string(trimmed(line.substr(colon + 1))));
        }
        begin = end;
    }
    return headers;
}

Framing framing_of(const Request& request) {
    std::vector<std::string> lengths;
    std::vector<std::string> encodings;
    for (const Header& header : request.headers) {
        if (same_name(header.first, "Content-Length")) lengths.push_back(header.second);
        if (same_name(header.first, "Transfer-Encoding")) encodings.push_back(header.second);
    }
    if (lengths.size() + encodings.size() > 1) {
        return {400, "the request tells the length of its body more than once", {}};
    }
    if (encodings.size() == 1) {
        if (Poco::icompare(encodings[0], "chunked") == 0) return {};
        return {400, "Transfer-Encoding is '" + encodings[0] + "'; only chunked is accepted", {}};
    }
    if (lengths.empty()) {
        if (request.method == "POST") return {411, "a POST needs a Content-Length", {}};
        return {0, {}, 0};
    }
    std::size_t bytes = 0;
    const char* const end = lengths[0].data() + lengths[0].size();
    const auto [stopped, error] = std::from_chars(lengths[0].data(), end, bytes);
    if (error != std::errc{} || stopped != end) {
        return {400, "Content-Length is '" + lengths[0] + "'; digits are accepted", {}};
    }
    return {0, {}, bytes};
}

}  // namespace azure_standin
