#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "signalbox/result.hpp"

namespace signalbox::plugins {

/// What tells a file from what else its path may lead to, at another time.
struct FileVersion {
    std::uint64_t device, inode, size;
    std::int64_t modified_ns, changed_ns;
    bool operator==(const FileVersion&) const = default;
};

/// Of the file that a path leads to; none: there is none that can be seen.
std::optional<FileVersion> version_of(const std::filesystem::path& path);

/// A regular file, open for reading at any offset. Owns its descriptor. One thread.
class OpenFile {
  public:
    /// Error `plugin_unreadable`: it is missing, may not be read, or is no regular file. Never
    /// blocks on a pipe.
    static Result<OpenFile> open(const std::filesystem::path& path);

    OpenFile(OpenFile&& other) noexcept;
    OpenFile& operator=(OpenFile&&) = delete;
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile();

    /// When it was opened.
    std::uint64_t size() const { return size_; }

    /// Fills `into`; false where the file ends before that, or cannot be read.
    bool read_at(std::uint64_t offset, char* into, std::size_t size) const;

  private:
    OpenFile(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

    int descriptor_;
    std::uint64_t size_;
};

}  // namespace signalbox::plugins
