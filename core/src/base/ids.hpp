#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>

#include "signalbox/clock.hpp"
#include "signalbox/random.hpp"

namespace signalbox {

/// Run ids: `r_` and 26 characters of Crockford's base 32 in lower case, which are 48 bits of Unix
/// milliseconds and 80 random bits. Within one object each id sorts after the one before, also
/// within one millisecond and when the clock is set back. Any thread. Clock and Random must outlive
/// it.
class RunIds final : public IdSource {
  public:
    RunIds(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
    std::string next_run_id() override;

  private:
    const Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::array<std::uint8_t, 16> last_{};  // big endian: 6 bytes of time, 10 of randomness
    bool used_ = false;
};

}  // namespace signalbox
