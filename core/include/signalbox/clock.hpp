#pragma once

#include <cstdint>

#include "signalbox/visibility.hpp"

namespace signalbox {

/// Where Signalbox reads the time. A host may bring its own; tests use one that stands still until told.
/// Both functions are called from any thread, often, and must not block.
class Clock {
  public:
    virtual ~Clock() = default;
    /// Unix time in milliseconds; may jump when the machine's clock is set.
    virtual std::int64_t wall_ms() const = 0;
    /// Milliseconds from an arbitrary start; never goes back. Deadlines and timers use this one.
    virtual std::int64_t steady_ms() const = 0;
    /// As steady_ms, in microseconds: for the phases of an attempt.
    virtual std::int64_t steady_us() const = 0;
};

/// The machine's clock; lives as long as the process.
SIGNALBOX_API const Clock& system_clock();

}  // namespace signalbox
