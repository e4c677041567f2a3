#pragma once

#include <filesystem>

#include "journal/sqlite/tuning.hpp"

namespace signalbox::journal::test {

/// What the disk under SQLite does from now on.
enum class Fault {
    none,
    read_only,   ///< each write fails as on a file system that has turned read-only (EROFS)
    full,        ///< each write fails as on a full disk (ENOSPC)
    file_full,   ///< as that, but for the log before the file, which has its room already
    sync_fails,  ///< what was written may or may not be on disk (EIO)
    read_fails,  ///< EIO
};

/// While one lives, SQLite's files of this process go through it. Opened files keep to it, so it must
/// outlive what opens them. One at a time.
class FaultyDisk {
  public:
    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    void set(Fault fault);
};

/// The calls of the log's disk, which is the same one.
sqlite::DiskCalls faulty_calls();

}  // namespace signalbox::journal::test
