#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "journal/sqlite/database.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/result.hpp"

/// A backup is the past: what waited then may have been sent since. So a journal that was a backup sends
/// nothing by itself.
namespace signalbox::journal::sqlite {

struct Restored {
    std::int64_t made_ms = 0;  ///< when the backup was made
    std::int64_t held = 0;     ///< runs that are held now for a person to decide
};

/// Writes into a copy that it is one. Throws Failure.
void mark_as_backup(Database& copy, std::int64_t now_ms);

/// Deletes a log that lies beside the file.
using DeleteLog = std::function<Result<Done>()>;

/// Where the journal was a backup and is opened for the first time: checks all of it, holds every run that
/// waited or was being sent, and takes the mark away, in one transaction, after `delete_log`. None: it was no
/// backup. To be called after prepare(), by the holder of the lock. Errors: `journal_corrupt`,
/// `journal_unavailable`.
Result<std::optional<Restored>> hold_if_restored(const std::filesystem::path& file,
                                                 const Clock& clock, const DeleteLog& delete_log);

}  // namespace signalbox::journal::sqlite
