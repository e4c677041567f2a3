#include <catch2/catch.hpp>
#include <ctime>
#include <set>
#include <string>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/random.hpp"

using namespace signalbox;

TEST_CASE("base: SHA-256 gives the published digests", "[base]") {
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("base: the system clock tells Unix milliseconds and never goes back", "[base]") {
    const std::int64_t before_s = std::time(nullptr);
    const std::int64_t now_ms = system_clock().wall_ms();
    CHECK(now_ms / 1'000 >= before_s - 1);
    CHECK(now_ms / 1'000 <= std::time(nullptr) + 1);
    std::int64_t last_us = system_clock().steady_us();
    for (int i = 0; i < 1'000; ++i) {
        const std::int64_t next_us = system_clock().steady_us();
        REQUIRE(next_us >= last_us);
        last_us = next_us;
    }
    CHECK(system_clock().steady_ms() >= last_us / 1'000);
}

TEST_CASE("base: the system's randomness fills all of a large request", "[base]") {
    std::string first(100'000, '\0');
    std::string second(100'000, '\0');
    system_random().fill(reinterpret_cast<std::uint8_t*>(first.data()), first.size());
    system_random().fill(reinterpret_cast<std::uint8_t*>(second.data()), second.size());
    CHECK(first != second);
    CHECK(std::set<char>(first.begin(), first.end()).size() == 256);
    CHECK(first.substr(99'900) != std::string(100, '\0'));
    system_random().fill(nullptr, 0);
}
