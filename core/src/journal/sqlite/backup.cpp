#include "journal/sqlite/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/limits.hpp"
#include "journal/sqlite/directory_lock.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/restored.hpp"

namespace signalbox::journal::sqlite {
namespace {

namespace fs = std::filesystem;

Error failed(const fs::path& file, const std::string& why) {
    return Error{"backup_failed", "The backup " + file.string() + " could not be made: " + why +
                                      ". The journal itself is not touched by it."};
}

bool is_backup_name(const std::string& name) {
    constexpr const char* others =
        "._-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (name.empty() || name.size() > limits::backup_name_bytes_max) return false;
    return name.find_first_not_of(others) == std::string::npos && name[0] != '.' &&
           name[0] != '_' && name[0] != '-';
}

void discard(const fs::path& file) {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
        std::error_code ignored;
        fs::remove(file.string() + suffix, ignored);
    }
}

/// Its bytes are on disk, or why they are not.
std::optional<std::string> sync(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    const bool good = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int code = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (good) return std::nullopt;
    return std::generic_category().message(code);
}

Result<Backup> seal(const BackupFiles& files, std::int64_t now_ms) {
    {
        Database copy(files.partial);
        // One file, without a log beside it, so that it can be copied as it is.
        copy.execute("PRAGMA journal_mode = DELETE");
        const std::string verdict = copy.text_of("PRAGMA quick_check(1)");
        if (verdict != "ok") {
            return Error{"journal_corrupt",
                         "The copy of the journal is damaged, and so the journal is (" + verdict +
                             "); no backup was kept. Stop Signalbox, keep a copy of the directory "
                             "and put an earlier backup in its place."};
        }
        mark_as_backup(copy, now_ms);
    }
    if (const auto why = sync(files.partial)) return failed(files.finished, *why);
    std::error_code code;
    fs::rename(files.partial, files.finished, code);
    if (code) return failed(files.finished, code.message());
    auto why = sync(files.finished.parent_path());
    const auto bytes = fs::file_size(files.finished, code);
    if (!why && code) why = code.message();
    if (why) {
        discard(files.finished);
        return failed(files.finished, *why);
    }
    return Backup{files.finished.string(), static_cast<std::int64_t>(bytes)};
}

}  // namespace

Result<BackupFiles> backup_files(const fs::path& journal_file, const std::string& name) {
    if (!is_backup_name(name)) {
        return Error{"invalid_backup_name",
                     "A backup's name is 1 to " + std::to_string(limits::backup_name_bytes_max) +
                         " letters, digits, '.', '_' and '-', and begins with a letter or a digit"};
    }
    const fs::path folder = journal_file.parent_path() / "backups";
    return BackupFiles{folder / (name + ".sqlite"), folder / (name + ".partial")};
}

Result<Done> begin_backup(const BackupFiles& files) {
    std::error_code code;
    if (fs::exists(files.finished, code)) {
        return Error{"backup_exists", "There is a backup " + files.finished.string() +
                                          " already; choose another name"};
    }
    const fs::path folder = files.finished.parent_path();
    if (fs::create_directory(folder, code))
        fs::permissions(folder, fs::perms::owner_all, fs::perm_options::replace, code);
    if (code) return failed(files.finished, code.message());
    discard(files.partial);  // a crash may have left one
    if (auto made = make_private_file(files.partial); !made)
        return failed(files.finished, made.error().message);
    return Done{};
}

Result<Backup> seal_backup(const BackupFiles& files, std::int64_t now_ms) {
    Result<Backup> sealed = [&]() -> Result<Backup> {
        try {
            return seal(files, now_ms);
        } catch (const Failure& failure) {
            return failed(files.finished, failure.error().message);
        }
    }();
    if (!sealed) discard(files.partial);
    return sealed;
}

void discard_backup(const BackupFiles& files) {
    discard(files.partial);
}

void Copying::Finisher::operator()(sqlite3_backup* backup) const {
    sqlite3_backup_finish(backup);
}

Copying::Copying(BackupFiles files, Done done) : files_(std::move(files)), done_(std::move(done)) {}

Copying::~Copying() = default;

void Copying::begin(Database& database) {
    copy_ = std::make_unique<Database>(files_.partial);
    // A copy that is not finished is thrown away, and one that is, is synced once.
    copy_->execute(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096;");
    backup_.reset(sqlite3_backup_init(copy_->handle(), "main", database.handle(), "main"));
    if (!backup_) copy_->fail(sqlite3_extended_errcode(copy_->handle()));
}

bool Copying::step(Database& database, Store&) {
    try {
        if (!backup_) begin(database);
        const int code = sqlite3_backup_step(backup_.get(), limits::backup_pages_per_step);
        if (code == SQLITE_OK) return false;
        backup_.reset();
        if (code != SQLITE_DONE) copy_->fail(code, errno);
        copy_.reset();
        outcome_.emplace(signalbox::Done{});
    } catch (const Failure& failure) {
        // It is the copy's: the journal's connection is as good as before.
        refuse(failure.error().message);
    }
    return true;
}

void Copying::refuse(const std::string& why) {
    backup_.reset();
    copy_.reset();
    discard(files_.partial);
    outcome_.emplace(failed(files_.finished, why));
}

void Copying::fail(const Error& error) {
    refuse(error.message);
}

void Copying::tell() {
    if (done_) done_(*std::move(outcome_));
}

}  // namespace signalbox::journal::sqlite
