#include "dispatch/fresh_runs.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace signalbox;
using namespace signalbox::dispatch;

namespace {

journal::Run run_of(journal::Sequence sequence, std::size_t payload_bytes) {
    journal::Run run;
    run.sequence = sequence;
    run.seed.properties = "{}";
    run.seed.payload = std::string(payload_bytes, 'p');
    return run;
}

constexpr std::size_t kPayload = 1'000;
constexpr std::size_t kRunBytes = sizeof(journal::Run) + kPayload;

}  // namespace

TEST_CASE("dispatch: fresh runs are kept up to their bound and one past it is not", "[dispatch]") {
    FreshRuns fresh(3 * kRunBytes);
    for (journal::Sequence sequence = 1; sequence <= 3; ++sequence)
        fresh.keep(run_of(sequence, kPayload));
    CHECK(fresh.bytes() == 3 * kRunBytes);
    fresh.keep(run_of(4, kPayload));
    CHECK(fresh.bytes() == 3 * kRunBytes);
    CHECK_FALSE(fresh.take(4));
    REQUIRE(fresh.take(2));
    CHECK_FALSE(fresh.take(2));
    fresh.keep(run_of(4, kPayload));
    const auto fourth = fresh.take(4);
    REQUIRE(fourth);
    CHECK(fourth->seed.payload == std::string(kPayload, 'p'));
    CHECK(fourth->seed.properties.empty());
}

TEST_CASE("dispatch: what is taken or dropped gives its room back", "[dispatch]") {
    FreshRuns fresh;
    fresh.keep(run_of(1, kPayload));
    fresh.keep(run_of(2, 0));
    fresh.drop(1);
    fresh.drop(7);
    CHECK(fresh.bytes() == sizeof(journal::Run));
    fresh.take(2);
    CHECK(fresh.bytes() == 0);
}
