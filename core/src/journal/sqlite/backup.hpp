#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "journal/journal.hpp"
#include "journal/sqlite/chore.hpp"

struct sqlite3_backup;

/// A backup in three parts: begin_backup() on a reader's thread, Copying between the writer's commits,
/// seal_backup() on a reader's thread. The copy is made on the writer's own connection, so that what is
/// committed meanwhile goes into it too, and no snapshot keeps the write-ahead log from being emptied.
namespace signalbox::journal::sqlite {

struct BackupFiles {
    std::filesystem::path finished;  ///< DIRECTORY/backups/NAME.sqlite
    std::filesystem::path partial;   ///< beside it, until it is whole
};

/// Error `invalid_backup_name`.
Result<BackupFiles> backup_files(const std::filesystem::path& journal_file, const std::string& name);

/// Makes the folder and the empty partial file. Errors `backup_exists`, `backup_failed`.
Result<Done> begin_backup(const BackupFiles& files);

/// Checks the copy in full, marks it with the time of its making, makes it durable and gives it its name.
/// Errors `journal_corrupt`, `backup_failed`; then the partial file is gone.
Result<Backup> seal_backup(const BackupFiles& files, std::int64_t now_ms);

/// Deletes what there is of one that was not finished.
void discard_backup(const BackupFiles& files);

class Copying final : public Chore {
  public:
    using Done = std::function<void(Result<signalbox::Done>)>;
    Copying(BackupFiles files, Done done);
    ~Copying() override;

    bool step(Database& database, Store& store) override;
    void fail(const Error& error) override;
    void tell() override;

  private:
    struct Finisher {
        void operator()(sqlite3_backup* backup) const;
    };
    void begin(Database& database);
    void refuse(const std::string& why);

    const BackupFiles files_;
    Done done_;
    std::unique_ptr<Database> copy_;
    std::unique_ptr<sqlite3_backup, Finisher> backup_;
    std::optional<Result<signalbox::Done>> outcome_;
};

}  // namespace signalbox::journal::sqlite
