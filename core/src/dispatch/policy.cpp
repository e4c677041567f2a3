#include "dispatch/policy.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace signalbox::dispatch {

std::int64_t backoff_ms(const Policy& policy, std::int32_t attempt, Random& random) {
    const double cap = static_cast<double>(policy.cap_ms);
    // pow may overflow to infinity for a large attempt; min brings it back to the cap.
    const double delay = std::min(cap, static_cast<double>(policy.first_ms) *
                                           std::pow(policy.factor, std::max(0, attempt - 1)));
    std::uint32_t bits = 0;
    random.fill(reinterpret_cast<std::uint8_t*>(&bits), sizeof bits);
    const double unit = static_cast<double>(bits) / 4294967295.0;  // 0 to 1
    return std::llround(delay * (1.0 + policy.jitter * (2.0 * unit - 1.0)));
}

}  // namespace signalbox::dispatch
