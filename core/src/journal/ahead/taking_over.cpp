#include "journal/ahead/taking_over.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "journal/ahead/records.hpp"
#include "journal/ahead/segments.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/schema.hpp"
#include "journal/sqlite/store.hpp"

namespace signalbox::journal::ahead {

bool TakingOver::step(sqlite::Database&, sqlite::Store& store) {
    const auto portion = unfiled_->take();
    if (!portion) return true;
    store.begin();
    store.take_over(*portion->changes, text_of(portion->position));
    store.commit();
    unfiled_->filed();
    return true;
}

Result<Position> take_over_all(const std::filesystem::path& file, std::uint32_t salt) {
    try {
        const auto database = sqlite::connect(file, sqlite::Role::writer);
        const std::string kept =
            database->text_of("SELECT value FROM meta WHERE name = 'log_position'");
        const auto from = read_position(kept);
        if (!from) {
            return Error{"journal_corrupt",
                         "The journal " + file.string() + " says that its log is at '" + kept +
                             "', which is no position. Stop Signalbox, keep a copy of the directory and "
                             "put a backup in its place."};
        }
        sqlite::Store store(*database);
        Changes changes;
        std::size_t bytes = 0;
        const auto put = [&](const Position& position) {
            store.begin();
            store.take_over(changes, text_of(position));
            store.commit();
            changes.clear();
            bytes = 0;
        };
        const auto end = read_frames(file, *from, salt, [&](std::string_view records, Position after) {
            if (!replay(records, changes)) return false;
            bytes += records.size();
            if (bytes >= limits::log_take_over_bytes) put(after);
            return true;
        });
        if (!end) return end.error();
        if (!changes.empty()) put(*end);
        return *end;
    } catch (const sqlite::Failure& failure) {
        return failure.error();
    }
}

}  // namespace signalbox::journal::ahead
