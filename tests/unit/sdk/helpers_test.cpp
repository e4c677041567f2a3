#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

#include "signalbox/plugin/retry_after.hpp"
#include "signalbox/plugin/uri.hpp"

using signalbox::plugin::parse_retry_after_ms;
using signalbox::plugin::percent_encode;
using signalbox::plugin::Response;
using signalbox::plugin::retry_after_ms;
using signalbox::plugin::retry_after_ms_max;

namespace {
constexpr std::int64_t november_1994_ms = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
}

TEST_CASE("sdk: percent_encode leaves only unreserved characters", "[sdk]") {
    CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
    CHECK(percent_encode("My Collection") == "My%20Collection");
    CHECK(percent_encode("a/b?c#d%e&f+g@h:i") == "a%2Fb%3Fc%23d%25e%26f%2Bg%40h%3Ai");
    CHECK(percent_encode("\xC3\xA9\r\n") == "%C3%A9%0D%0A");
    CHECK(percent_encode(std::string(1, '\0')) == "%00");
    CHECK(percent_encode("").empty());
}

TEST_CASE("sdk: Retry-After in seconds", "[sdk]") {
    CHECK(parse_retry_after_ms("0", 5) == 0);
    CHECK(parse_retry_after_ms("120", 5) == 120'000);
    CHECK(parse_retry_after_ms(" 7\t", 5) == 7'000);
    CHECK(parse_retry_after_ms("31622400", 0) == retry_after_ms_max);
    CHECK(parse_retry_after_ms("31622401", 0) == retry_after_ms_max);
    CHECK(parse_retry_after_ms("31622399", 0) == retry_after_ms_max - 1000);
    CHECK(parse_retry_after_ms("99999999999999999999999999", 0) == retry_after_ms_max);
}

TEST_CASE("sdk: Retry-After as a date in each of its three forms", "[sdk]") {
    const std::int64_t now_ms = november_1994_ms - 90'000;
    CHECK(parse_retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", now_ms) == 90'000);
    CHECK(parse_retry_after_ms("Sunday, 06-Nov-94 08:49:37 GMT", now_ms) == 90'000);
    CHECK(parse_retry_after_ms("Sun Nov  6 08:49:37 1994", now_ms) == 90'000);
    CHECK(parse_retry_after_ms("Sun, 06 Nov 1994 08:49:37 GMT", november_1994_ms + 1) == 0);
    CHECK(parse_retry_after_ms("Sun, 06 Nov 2094 08:49:37 GMT", now_ms) == retry_after_ms_max);
}

TEST_CASE("sdk: Retry-After dates count leap days and leap seconds", "[sdk]") {
    const std::int64_t noon_ms = 1'709'208'000'000;  // 2024-02-29T12:00:00Z
    CHECK(parse_retry_after_ms("Thu, 29 Feb 2024 12:00:01 GMT", noon_ms) == 1'000);
    CHECK(parse_retry_after_ms("Fri, 01 Mar 2024 12:00:00 GMT", noon_ms) == 86'400'000);
    CHECK(parse_retry_after_ms("Thu, 29 Feb 2024 12:00:60 GMT", noon_ms) == 60'000);
    CHECK_FALSE(parse_retry_after_ms("Wed, 29 Feb 2023 12:00:00 GMT", noon_ms));
    CHECK_FALSE(parse_retry_after_ms("Thu, 29 Feb 2100 12:00:00 GMT", noon_ms));
    CHECK(parse_retry_after_ms("Tue, 29 Feb 2000 12:00:00 GMT", noon_ms) == 0);
    // 2026 has no century of its own in two digits: 77 is more than fifty years ahead, 76 is not.
    const std::int64_t in_2026_ms = 1'795'000'000'000;
    CHECK(parse_retry_after_ms("Friday, 31-Dec-77 00:00:00 GMT", in_2026_ms) == 0);
    CHECK(parse_retry_after_ms("Thursday, 31-Dec-76 00:00:00 GMT", in_2026_ms) ==
          retry_after_ms_max);
}

TEST_CASE("sdk: Retry-After that is neither seconds nor a date is not said", "[sdk]") {
    const char* value =
        GENERATE("", " ", "-1", "1.5", "soon", "1 2", "Sun, 06 Nov 1994 08:49:37",
                 "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
                 "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 00 Nov 1994 08:00:00 GMT",
                 "Sun, 31 Nov 1994 08:00:00 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
                 "Sun, 06 Nov 1994 08:49:37 GMT x", "Sun, 06 Nov 1994 08:49:37 UTC");
    CAPTURE(value);
    CHECK_FALSE(parse_retry_after_ms(value, 0).has_value());
}

TEST_CASE("sdk: a response finds its headers in any case", "[sdk]") {
    Response response;
    response.headers = {{"content-type", "text/html"}, {"RETRY-AFTER", "3"}, {"retry-after", "9"}};
    CHECK(response.header("Content-Type") == "text/html");
    CHECK_FALSE(response.header("Content-Typ").has_value());
    CHECK(retry_after_ms(response) == 3'000);
    response.headers.clear();
    CHECK_FALSE(retry_after_ms(response).has_value());
}
