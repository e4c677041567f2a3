#include "dispatch/policy.hpp"

#include <catch2/catch.hpp>
#include <cstring>

using namespace signalbox;
using namespace signalbox::dispatch;

namespace {

class FixedRandom final : public Random {
  public:
    explicit FixedRandom(std::uint8_t byte) : byte_(byte) {}
    void fill(std::uint8_t* bytes, std::size_t size) override { std::memset(bytes, byte_, size); }

  private:
    std::uint8_t byte_;
};

}  // namespace

TEST_CASE("dispatch: backoff grows by its factor up to its cap", "[dispatch]") {
    Policy policy;
    policy.jitter = 0;
    FixedRandom random(0);
    CHECK(backoff_ms(policy, 1, random) == 1'000);
    CHECK(backoff_ms(policy, 2, random) == 2'000);
    CHECK(backoff_ms(policy, 10, random) == 512'000);
    CHECK(backoff_ms(policy, 11, random) == 600'000);
    CHECK(backoff_ms(policy, 100'000, random) == 600'000);
}

TEST_CASE("dispatch: jitter spreads a delay evenly to both sides", "[dispatch]") {
    Policy policy;
    FixedRandom low(0x00);
    FixedRandom high(0xff);
    CHECK(backoff_ms(policy, 1, low) == 800);
    CHECK(backoff_ms(policy, 1, high) == 1'200);
}
