#include "journal/sqlite/directory_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace signalbox::journal::sqlite {
namespace {

Error unavailable(const std::string& what, const std::filesystem::path& path, int code) {
    return Error{"journal_unavailable",
                 what + " " + path.string() + ": " + std::generic_category().message(code) +
                     ". Name a directory that this user may make and write (config: journal)."};
}

std::optional<Error> make_directory(const std::filesystem::path& directory) {
    std::error_code ignored;
    if (directory.empty() || std::filesystem::is_directory(directory, ignored)) return std::nullopt;
    const std::filesystem::path above = directory.parent_path();
    if (above != directory) {
        if (auto error = make_directory(above)) return error;
    }
    if (::mkdir(directory.c_str(), 0700) == 0) return std::nullopt;
    const int code = errno;
    // "a/b/" and "a/b/." are made by the step before; another process may have been quicker.
    if (std::filesystem::is_directory(directory, ignored)) return std::nullopt;
    return unavailable("Cannot make the journal's directory", directory, code);
}

std::string holder_of(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
    std::string pid;
    for (ssize_t i = 0; i < size && text[static_cast<std::size_t>(i)] != '\n'; ++i) {
        const char letter = text[static_cast<std::size_t>(i)];
        if (letter < '0' || letter > '9') return {};
        pid += letter;
    }
    return pid;
}

bool is_gone(const std::string& pid) {
    const long id = pid.empty() ? 0 : std::strtol(pid.c_str(), nullptr, 10);
    return id > 0 && ::kill(static_cast<pid_t>(id), 0) != 0 && errno == ESRCH;
}

Error locked(const std::filesystem::path& directory, const std::string& pid) {
    const std::string holder = pid.empty() ? "another process" : "process " + pid;
    return Error{"journal_locked", "The journal's directory " + directory.string() +
                                       " is in use by " + holder +
                                       ". Stop it, or name another directory (config: journal)."};
}

}  // namespace

void sync_directory(const std::filesystem::path& directory) {
    const int descriptor =
        ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory,
                                          const std::function<void()>& pause) {
    if (auto error = make_directory(directory)) return *std::move(error);
    const std::filesystem::path file = directory / "lock";
    DirectoryLock lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock.descriptor_ < 0) return unavailable("Cannot write the journal's", file, errno);
    for (int tries = 1; ::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0; ++tries) {
        const int code = errno;
        if (code != EWOULDBLOCK) return unavailable("Cannot lock the journal's", file, code);
        const std::string holder = holder_of(lock.descriptor_);
        if (!is_gone(holder) || tries == tries_max)
            return locked(directory, holder);
        pause();
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.descriptor_, 0) != 0 ||
        ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return unavailable("Cannot write the journal's", file, errno);
    }
    return lock;
}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

bool is_anyones(const std::filesystem::path& directory) {
    struct stat found {};
    return ::stat(directory.c_str(), &found) == 0 && (found.st_mode & S_IWOTH) != 0;
}

Result<Done> make_private_file(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return unavailable("Cannot write the journal's", file, errno);
    ::close(descriptor);
    sync_directory(file.parent_path());
    sync_directory(file.parent_path().parent_path());
    return Done{};
}

}  // namespace signalbox::journal::sqlite
