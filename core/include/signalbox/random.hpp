#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "signalbox/visibility.hpp"

namespace signalbox {

/// Where randomness comes from: run ids, jitter, the token key. Any thread; never blocks for long.
class Random {
  public:
    virtual ~Random() = default;
    /// Fills `size` bytes with values fit for keys.
    virtual void fill(std::uint8_t* bytes, std::size_t size) = 0;
};

/// The operating system's source; lives as long as the process.
SIGNALBOX_API Random& system_random();

/// Names new runs. Any thread. An id is `r_` and at most 62 characters of [A-Za-z0-9_], never used twice
/// in one journal; ids made later should sort later, because the journal's index is then appended to.
class IdSource {
  public:
    virtual ~IdSource() = default;
    /// The next new id.
    virtual std::string next_run_id() = 0;
};

}  // namespace signalbox
