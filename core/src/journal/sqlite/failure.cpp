#include "journal/sqlite/failure.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace signalbox::journal::sqlite {
namespace {

int primary(int code) {
    return code & 0xff;
}

bool is_corruption(int code) {
    return primary(code) == SQLITE_CORRUPT || primary(code) == SQLITE_NOTADB;
}

/// SQLite reports a quota or the process's file-size limit as a plain I/O error; for whoever has to
/// act they are a full disk with another remedy.
std::string cause(int code, int system_errno) {
    if (primary(code) == SQLITE_FULL || system_errno == ENOSPC) {
        return "the disk is full; free some space";
    }
    if (system_errno == EDQUOT) return "the disk quota is used up; free some space or raise it";
    if (system_errno == EROFS) {
        return "its file system is mounted read-only; look why (dmesg) and mount it writable";
    }
    if (system_errno == EFBIG) {
        return "the process's file-size limit is reached; raise it (ulimit -f)";
    }
    switch (primary(code)) {
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return "it may not be written; check its owner, its mode and whether the file system "
                   "is "
                   "mounted read-only";
        case SQLITE_CANTOPEN:
            return "it cannot be opened; check that it and its directory exist and may be read and "
                   "written";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "another program holds it locked; end that program";
        case SQLITE_NOMEM:
            return "there is not enough memory";
        case SQLITE_IOERR:
            return "reading or writing it failed; check the disk";
        default:
            return "SQLite refused the operation";
    }
}

Error describe(int code, int system_errno, const std::string& text,
               const std::filesystem::path& file) {
    std::string said = text;
    if (system_errno != 0) said += "; " + std::generic_category().message(system_errno);
    if (is_corruption(code)) {
        return Error{"journal_corrupt",
                     "The journal " + file.string() + " is damaged or no journal (" + said +
                         "). Stop Signalbox, keep a copy of the directory and put a backup in its "
                         "place."};
    }
    return Error{"journal_unavailable", "The journal " + file.string() + " cannot be used: " +
                                            cause(code, system_errno) + " (" + said + ")."};
}

}  // namespace

Failure::Failure(int code, int system_errno, std::string text, const std::filesystem::path& file)
    : code_(code), text_(std::move(text)), error_(describe(code, system_errno, text_, file)) {}

Failure Failure::to_open(int system_errno, const std::filesystem::path& file) {
    return Failure(SQLITE_CANTOPEN, system_errno, "it was to be opened", file);
}

Failure Failure::to_write(int system_errno, const std::filesystem::path& file) {
    return Failure(SQLITE_IOERR, system_errno, "it was to be written", file);
}

bool Failure::may_have_committed() const {
    return primary(code_) == SQLITE_IOERR || primary(code_) == SQLITE_NOMEM;
}

bool Failure::damages_connection() const {
    switch (primary(code_)) {
        case SQLITE_FULL:
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_CONSTRAINT:
            return false;
        default:
            return true;
    }
}

}  // namespace signalbox::journal::sqlite
