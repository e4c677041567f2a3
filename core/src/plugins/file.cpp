#include "plugins/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace signalbox::plugins {
namespace {

Error unreadable(const std::filesystem::path& path, const std::string& why) {
    return {"plugin_unreadable", "plugin file '" + path.string() + "' cannot be read: " + why +
                                     ". Give the path of a plugin's .so file."};
}

std::int64_t ns_of(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::optional<FileVersion> version_of(const std::filesystem::path& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) return {};
    return FileVersion{status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                       ns_of(status.st_mtim), ns_of(status.st_ctim)};
}

Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
    // Without O_NONBLOCK, opening a named pipe would wait for somebody to write to it.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return unreadable(path, std::generic_category().message(errno));
    struct stat status;
    const bool known = ::fstat(descriptor, &status) == 0;
    OpenFile file(descriptor, known ? static_cast<std::uint64_t>(status.st_size) : 0);
    if (!known || !S_ISREG(status.st_mode)) return unreadable(path, "it is not a regular file");
    return file;
}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), size_(other.size_) {}

OpenFile::~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool OpenFile::read_at(std::uint64_t offset, char* into, std::size_t size) const {
    if (offset > size_ || size > size_ - offset) return false;
    while (size > 0) {
        const ssize_t got = ::pread(descriptor_, into, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        into += got;
        size -= static_cast<std::size_t>(got);
        offset += static_cast<std::uint64_t>(got);
    }
    return true;
}

}  // namespace signalbox::plugins
