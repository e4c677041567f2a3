#pragma once

#include <unistd.h>

#include <cstddef>

#include "base/limits.hpp"

namespace signalbox::journal::sqlite {

/// How the log of journal/ahead/ reaches its disk.
struct DiskCalls {
    ssize_t (*write)(int, const void*, std::size_t, off_t) = ::pwrite;
    int (*sync)(int) = ::fdatasync;
};

/// What tests make smaller, to reach in a second what takes a full load otherwise.
struct Tuning {
    std::size_t wal_checkpoint_bytes = limits::wal_checkpoint_bytes;
    std::size_t wal_pause_bytes = limits::wal_pause_bytes;
    std::size_t log_segment_bytes = limits::log_segment_bytes;
    std::size_t log_frame_bytes_full = limits::journal_batch_bytes_max;
    std::size_t log_frame_bytes_max = limits::log_frame_bytes_max;
    std::size_t log_take_over_bytes = limits::log_take_over_bytes;
    DiskCalls disk = {};
};

}  // namespace signalbox::journal::sqlite
