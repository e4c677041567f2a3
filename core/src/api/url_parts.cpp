#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api.hpp"
#include "base/encoding.hpp"

namespace signalbox::api {
namespace {

constexpr std::size_t kPartsUsual = 5;

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
    std::size_t i = std::min(text.find_first_of("%+"), text.size());
    std::string decoded(text.substr(0, i));
    for (; i < text.size(); ++i) {
        if (text[i] == '%') {
            const auto byte = from_hex(text.substr(i + 1, 2));
            if (!byte || byte->size() != 1 || (*byte)[0] == '\0') return {};
            decoded += *byte;
            i += 2;
        } else {
            decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
        }
    }
    if (!is_utf8(decoded)) return {};  // it is said again in replies, which are JSON
    return decoded;
}

}  // namespace

std::optional<std::vector<std::string>> path_parts(std::string_view path) {
    std::vector<std::string> parts;
    parts.reserve(kPartsUsual);
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash that every part begins with
        const std::size_t end = std::min(path.find('/'), path.size());
        auto part = decode(path.substr(0, end), false);
        if (!part) return {};
        parts.push_back(std::move(*part));
        path.remove_prefix(end);
    }
    return parts;
}

Result<std::vector<std::pair<std::string, std::string>>> query_members(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> members;
    std::set<std::string> seen;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view member = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (member.empty()) continue;
        const std::size_t equals = std::min(member.find('='), member.size());
        auto name = decode(member.substr(0, equals), true);
        auto value = decode(member.substr(std::min(equals + 1, member.size())), true);
        if (!name || !value) {
            return Error{"invalid_query",
                         "the query's percent-encoding is broken, or is not that of UTF-8"};
        }
        if (!seen.insert(*name).second)
            return Error{"invalid_query", "'" + *name + "' is in the query twice; give it once"};
        members.emplace_back(std::move(*name), std::move(*value));
    }
    return members;
}

}  // namespace signalbox::api
