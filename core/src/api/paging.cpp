#include "api/paging.hpp"

#include <charconv>
#include <string>

#include "api/api.hpp"
#include "base/limits.hpp"

namespace signalbox::api {

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return {};
    return value;
}

void RowList::add(std::string_view row) {
    if (text_.size() > 1) text_ += ',';
    text_ += row;
}

bool RowList::full() const {
    return text_.size() >= limits::list_bytes_max;
}

std::string RowList::end(std::int64_t next) const {
    return text_ + "],\"next\":" + (next == 0 ? "null" : "\"" + std::to_string(next) + "\"");
}

Result<Paging> paging_of(const net::Request& request) {
    Paging paging;
    paging.limit = limits::list_rows_default;
    const auto members = query_members(request.query);
    if (!members) return members.error();
    for (const auto& [name, value] : *members) {
        const auto count = whole_number(value);
        if (name == "limit" && count && *count >= 1 &&
            *count <= std::int64_t(limits::list_rows_max)) {
            paging.limit = static_cast<std::size_t>(*count);
        } else if (name == "cursor" && count && *count >= 0) {
            paging.cursor = *count;
        } else if (name != "run_as") {  // whom the client speaks for, judged before any route
            return Error{"invalid_query",
                         "'" + name + "=" + value + "' is not accepted; limit is 1 to " +
                             std::to_string(limits::list_rows_max) +
                             ", cursor is `next` of the page before"};
        }
    }
    return paging;
}

}  // namespace signalbox::api
