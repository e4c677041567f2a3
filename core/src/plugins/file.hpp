#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "signalbox/result.hpp"

namespace signalbox::plugins {

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
