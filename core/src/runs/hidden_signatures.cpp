#include <algorithm>
#include <cctype>

#include "runs/runs.hpp"

namespace signalbox::runs {
namespace {

/// Of a connection that is not in the config any more only the names are left to go by.
bool is_called_signature(std::string_view header) {
    constexpr std::string_view word = "signature";
    return std::search(header.begin(), header.end(), word.begin(), word.end(),
                       [](char a, char b) {
                           return std::tolower(static_cast<unsigned char>(a)) == b;
                       }) != header.end();
}

}  // namespace

void Runs::hide_signatures(const std::string& connection, journal::AttemptRequest& request) const {
    std::string shown;
    std::string_view head = request.head;
    while (!head.empty()) {
        const std::size_t end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        const std::string_view name = line.substr(0, line.find(':'));
        const bool proves = engine_.signs(connection, name) || is_called_signature(name);
        shown.append(proves ? name : line).append(proves ? ": ***\r\n" : "\r\n");
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    request.head = std::move(shown);
}

}  // namespace signalbox::runs
