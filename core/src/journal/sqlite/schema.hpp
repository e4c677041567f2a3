#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include "journal/sqlite/database.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/random.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// Brings a journal from the version before it to its own: the first one makes an empty file
/// version 1.
struct Migration {
    const char* sql;
};

/// All steps, oldest first; their number is the version this Signalbox writes.
std::span<const Migration> migrations();

/// Takes the steps that the file has not seen yet, each in a transaction with the new version
/// number. Error `journal_version`: the file is newer than the last step. Throws Failure.
Result<Done> migrate(Database& database, std::span<const Migration> steps);

/// What a connection is for decides how it is set up.
enum class Role { writer, reader, checkpointer };

/// A connection to a journal that prepare() has seen. Throws Failure.
std::unique_ptr<Database> connect(const std::filesystem::path& file, Role role);

/// Makes or checks the journal's file: is it ours, is it whole as far as can be told quickly, is
/// its version known; then migrates it and gives it its token key. To be called by the holder of
/// the lock, with no other connection open. Answers the token key. Errors: `journal_version`,
/// `journal_corrupt`, `journal_unavailable`.
Result<std::string> prepare(const std::filesystem::path& file, const Clock& clock, Random& random);

}  // namespace signalbox::journal::sqlite
