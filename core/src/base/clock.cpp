#include "signalbox/clock.hpp"

#include <ctime>

namespace signalbox {
namespace {

class SystemClock final : public Clock {
  public:
    std::int64_t wall_ms() const override { return read_us(CLOCK_REALTIME) / 1'000; }
    std::int64_t steady_ms() const override { return read_us(CLOCK_MONOTONIC) / 1'000; }
    std::int64_t steady_us() const override { return read_us(CLOCK_MONOTONIC); }

  private:
    static std::int64_t read_us(clockid_t clock) {
        timespec now{};
        ::clock_gettime(clock, &now);  // cannot fail for these two clocks
        return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
    }
};

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace signalbox
