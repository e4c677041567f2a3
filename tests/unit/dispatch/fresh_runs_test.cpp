#include "dispatch/fresh_runs.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>

using namespace signalbox;
using namespace signalbox::dispatch;

namespace {

FreshRuns::Fresh run_of(std::size_t payload_bytes) {
    journal::RunSeed seed;
    seed.properties = "{}";
    seed.payload = std::string(payload_bytes, 'p');
    return {std::move(seed), {}};
}

constexpr std::size_t kPayload = 1'000;
constexpr std::size_t kRunBytes = sizeof(journal::Run) + 2 + kPayload;

}  // namespace

TEST_CASE("dispatch: fresh runs are kept up to their bound and one past it is not", "[dispatch]") {
    FreshRuns fresh(3 * kRunBytes);
    for (journal::Sequence sequence = 1; sequence <= 3; ++sequence)
        fresh.keep(sequence, run_of(kPayload));
    CHECK(fresh.bytes() == 3 * kRunBytes);
    fresh.keep(4, run_of(kPayload));
    CHECK(fresh.bytes() == 3 * kRunBytes);
    CHECK_FALSE(fresh.take(4));
    REQUIRE(fresh.take(2));
    CHECK_FALSE(fresh.take(2));
    fresh.keep(4, run_of(kPayload));
    const auto fourth = fresh.take(4);
    REQUIRE(fourth);
    CHECK(fourth->seed->payload == std::string(kPayload, 'p'));
}

TEST_CASE("dispatch: what is taken or dropped gives its room back", "[dispatch]") {
    FreshRuns fresh;
    fresh.keep(1, run_of(kPayload));
    fresh.keep(2, run_of(0));
    fresh.drop(1);
    fresh.drop(7);
    CHECK(fresh.bytes() == kRunBytes - kPayload);
    fresh.take(2);
    CHECK(fresh.bytes() == 0);
}
