#pragma once

#include <cstddef>
#include <cstdint>

#include "signalbox/metrics.hpp"

namespace signalbox::journal::sqlite {

/// Counts a commit, and what it held and took if it did not fail. Any thread.
void count_commit(MetricsSink& metrics, bool committed, std::size_t operations, std::int64_t took_us);

}  // namespace signalbox::journal::sqlite
