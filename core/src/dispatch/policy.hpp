#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dispatch/breaker.hpp"
#include "dispatch/transport.hpp"
#include "signalbox/random.hpp"

namespace signalbox::dispatch {

/// How a connection delivers. Filled from the config when the dispatcher is wired.
struct Policy {
    std::int32_t in_flight_max = 16;
    double per_second_max = 0;  ///< attempts started a second; 0: no limit
    std::int64_t timeout_ms = 30'000;
    std::int32_t attempts_max = 8;
    std::int64_t first_ms = 1'000;
    double factor = 2;
    std::int64_t cap_ms = 600'000;
    double jitter = 0.2;
    /// An attempt whose effect is unknown: true holds the run for a person, false sends it again.
    bool hold = true;
    std::vector<std::string> egress_allow;
    /// From its invocation on, how long a run may wait for its attempts to succeed; 0: no end.
    std::int64_t deadline_ms = 0;
    /// No Retry-After is waited for longer than this.
    std::int64_t retry_after_max_ms = 3'600'000;
    Breaker::Settings breaker;
    /// Of runs with an order key: true lets the next one pass one that is held, false leaves it waiting.
    bool order_skips = false;
    TlsSettings tls;
};

/// How long to wait after attempt `attempt` (from 1) has failed: first · factor^(attempt−1), at most cap,
/// spread evenly over ±jitter.
std::int64_t backoff_ms(const Policy& policy, std::int32_t attempt, Random& random);

}  // namespace signalbox::dispatch
