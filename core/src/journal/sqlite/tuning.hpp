#pragma once

#include <cstddef>

#include "base/limits.hpp"

namespace signalbox::journal::sqlite {

/// What tests make smaller, to reach in a second what takes a full load otherwise.
struct Tuning {
    std::size_t wal_checkpoint_bytes = limits::wal_checkpoint_bytes;
    std::size_t wal_pause_bytes = limits::wal_pause_bytes;
};

}  // namespace signalbox::journal::sqlite
