#include "base/ids.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

using namespace signalbox;

namespace {

struct FixedClock final : Clock {
    std::int64_t now_ms = 1'700'000'000'000;
    std::int64_t wall_ms() const override { return now_ms; }
    std::int64_t steady_ms() const override { return 0; }
    std::int64_t steady_us() const override { return 0; }
};

struct FixedRandom final : Random {
    std::uint8_t byte = 0;
    int calls = 0;
    void fill(std::uint8_t* bytes, std::size_t size) override {
        ++calls;
        for (std::size_t i = 0; i < size; ++i)
            bytes[i] = byte;
    }
};

}  // namespace

TEST_CASE("base: a run id is the time and then randomness in base 32", "[base]") {
    FixedClock clock;
    FixedRandom random;
    clock.now_ms = 1;
    CHECK(RunIds(clock, random).next_run_id() == "r_00000000010000000000000000");
    clock.now_ms = (std::int64_t{1} << 48) - 1;
    random.byte = 0xff;
    CHECK(RunIds(clock, random).next_run_id() == "r_7zzzzzzzzzzzzzzzzzzzzzzzzz");
}

TEST_CASE("base: a clock before 1970 still names runs", "[base]") {
    FixedClock clock;
    FixedRandom random;
    clock.now_ms = -5;
    RunIds ids(clock, random);
    const std::string first = ids.next_run_id();
    CHECK(first == "r_00000000000000000000000000");
    CHECK(ids.next_run_id() > first);
}

TEST_CASE("base: run ids of one millisecond grow", "[base]") {
    FixedClock clock;
    FixedRandom random;
    random.byte = 0xff;  // the next one carries into the time
    RunIds ids(clock, random);
    std::string before = ids.next_run_id();
    for (int i = 0; i < 1'000; ++i) {
        const std::string next = ids.next_run_id();
        REQUIRE(next > before);
        before = next;
    }
    CHECK(random.calls == 1);
}

TEST_CASE("base: run ids grow when the clock is set back", "[base]") {
    FixedClock clock;
    FixedRandom random;
    random.byte = 0x80;
    RunIds ids(clock, random);
    const std::string before = ids.next_run_id();
    clock.now_ms -= 3'600'000;
    const std::string during = ids.next_run_id();
    clock.now_ms += 3'600'001;
    const std::string after = ids.next_run_id();
    CHECK(before < during);
    CHECK(during < after);
    CHECK(random.calls == 2);
}

TEST_CASE("base: run ids are distinct across threads", "[base]") {
    RunIds ids(system_clock(), system_random());
    std::vector<std::vector<std::string>> made(4);
    std::vector<std::thread> threads;
    for (auto& mine : made) {
        threads.emplace_back([&ids, &mine] {
            for (int i = 0; i < 2'000; ++i)
                mine.push_back(ids.next_run_id());
        });
    }
    for (auto& thread : threads)
        thread.join();
    std::set<std::string> all;
    for (const auto& mine : made) {
        CHECK(std::is_sorted(mine.begin(), mine.end()));
        all.insert(mine.begin(), mine.end());
    }
    CHECK(all.size() == 8'000);
}
