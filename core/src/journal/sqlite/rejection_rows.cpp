#include "journal/sqlite/rejection_rows.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "base/limits.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::journal::sqlite {
namespace {

/// A JSON array: a pointer may hold any character.
std::string written(const std::vector<std::string>& pointers) {
    if (pointers.empty()) return {};
    json::Array array;
    for (const std::string& pointer : pointers)
        array.emplace_back(pointer);
    return json::write(std::move(array));
}

std::vector<std::string> pointers_of(const std::string& text) {
    std::vector<std::string> pointers;
    if (text.empty()) return pointers;
    const auto array = json::parse(text);
    if (!array || !array->is_array()) return pointers;
    for (const json::Value& pointer : array->get_array()) {
        if (pointer.is_string()) pointers.emplace_back(pointer.get_string());
    }
    return pointers;
}

}  // namespace

RejectionWriting::RejectionWriting(Database& database)
    : database_(database),
      put_(database,
           "INSERT INTO rejections (at_ms, client, origin, action, code, message, pointers, run_id) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      trim_(database, "DELETE FROM rejections WHERE number <= ?") {}

void RejectionWriting::put(const std::vector<Rejection>& rejections) {
    for (const Rejection& rejection : rejections) {
        const std::string pointers = written(rejection.pointers);
        Query query(put_);
        query.integer(rejection.at_ms)
            .optional_text(rejection.client)
            .text(rejection.origin)
            .optional_text(rejection.action)
            .text(rejection.code)
            .text(rejection.message)
            .optional_text(pointers)
            .optional_text(rejection.run_id)
            .run();
    }
    Query(trim_)
        .integer(database_.last_insert_rowid() -
                 static_cast<std::int64_t>(limits::rejections_kept_max))
        .run();
}

RejectionReading::RejectionReading(Database& database)
    : list_(database,
            "SELECT number, at_ms, client, origin, action, code, message, pointers, run_id "
            "FROM rejections WHERE number < ? ORDER BY number DESC LIMIT ?") {}

Result<RejectionPage> RejectionReading::list(std::int64_t before, std::size_t limit) {
    const std::size_t most = std::clamp<std::size_t>(limit, 1, limits::list_rows_max);
    Query query(list_);
    query.integer(before > 0 ? before : std::numeric_limits<std::int64_t>::max())
        .integer(static_cast<std::int64_t>(most) + 1);
    RejectionPage page;
    while (query.step()) {
        if (page.rejections.size() == most) {
            page.next = page.rejections.back().number;
            break;
        }
        Rejection& rejection = page.rejections.emplace_back();
        rejection.number = query.read_integer();
        rejection.at_ms = query.read_integer();
        rejection.client = query.read_bytes();
        rejection.origin = query.read_bytes();
        rejection.action = query.read_bytes();
        rejection.code = query.read_bytes();
        rejection.message = query.read_bytes();
        rejection.pointers = pointers_of(query.read_bytes());
        rejection.run_id = query.read_bytes();
    }
    return page;
}

}  // namespace signalbox::journal::sqlite
