#include <catch2/catch.hpp>

#include "base/encoding.hpp"

using namespace signalbox;

TEST_CASE("base: a moment that is written is read as the same", "[base]") {
    for (const std::int64_t ms :
         {0LL, 951'782'400'000LL, 1'795'466'793'123LL, 253'402'300'799'999LL})
        CHECK(from_iso8601(to_iso8601(ms)) == ms);
}

TEST_CASE("base: days and fractions and offsets are read", "[base]") {
    CHECK(from_iso8601("2026-11-23") == 1'795'392'000'000);
    CHECK(from_iso8601("2000-02-29") == 951'782'400'000);
    CHECK(from_iso8601("2026-11-23T20:46:33Z") == 1'795'466'793'000);
    CHECK(from_iso8601("2026-11-23T20:46:33.1Z") == 1'795'466'793'100);
    CHECK(from_iso8601("2026-11-23T20:46:33.1239999Z") == 1'795'466'793'123);
    CHECK(from_iso8601("2026-11-23T21:46:33+01:00") == 1'795'466'793'000);
    CHECK(from_iso8601("2026-11-23T15:16:33-05:30") == 1'795'466'793'000);
}

TEST_CASE("base: what is no moment is refused", "[base]") {
    for (const char* bad : {"",
                            "2026",
                            "2026-11",
                            "2026-13-01",
                            "2026-00-01",
                            "2026-02-29",
                            "2026-11-31",
                            "1969-12-31",
                            "2026-11-23T20:46Z",
                            "2026-11-23T20:46:33",
                            "2026-11-23T24:00:00Z",
                            "2026-11-23T20:60:00Z",
                            "2026-11-23T20:46:60Z",
                            "2026-11-23T20:46:33.Z",
                            "2026-11-23T20:46:33Zx",
                            "2026-11-23T20:46:33+0100",
                            "2026-11-23 20:46:33Z",
                            "1970-01-01T00:00:00+01:00",
                            "20261123",
                            "yesterday",
                            "2026-11-23T"}) {
        CAPTURE(bad);
        CHECK_FALSE(from_iso8601(bad));
    }
}
