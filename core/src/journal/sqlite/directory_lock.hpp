#pragma once

#include <filesystem>
#include <functional>

#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// The right to use a journal's directory: an advisory lock on the file `lock` in it, which also
/// holds the process id of the holder, for people. The kernel drops the lock when the process ends,
/// however it ends. Two locks exclude each other within one process too.
class DirectoryLock {
  public:
    static constexpr int tries_max = 200;

    /// Makes the directory (and what is missing above it) with mode 0700 and takes the lock without
    /// waiting for a holder that lives. One that was killed while it made a child leaves the lock
    /// to that child for an instant: then it is asked for again, `tries_max` times with a `pause`
    /// between. Errors: `journal_locked`, `journal_unavailable`.
    static Result<DirectoryLock> take(const std::filesystem::path& directory,
                                      const std::function<void()>& pause);

    ~DirectoryLock();
    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&&) = delete;
    DirectoryLock(const DirectoryLock&) = delete;

  private:
    explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

/// May any account write in it? False where that cannot be told.
bool is_anyones(const std::filesystem::path& directory);

/// A new name is durable once its directory is; a file system that cannot sync one is no reason to stop.
void sync_directory(const std::filesystem::path& directory);

/// Makes `file` with mode 0600 if it is missing, and its name durable. SQLite would make it
/// readable for everyone; the log and index files beside it take their mode from it. Error
/// `journal_unavailable`.
Result<Done> make_private_file(const std::filesystem::path& file);

}  // namespace signalbox::journal::sqlite
