#include "app/text.hpp"

#include <catch2/catch.hpp>
#include <sstream>

using namespace signalbox;
using namespace signalbox::app;

TEST_CASE("app: durations have a unit", "[app]") {
    const auto [text, ms] = GENERATE(table<std::string, std::int64_t>({{"0", 0},
                                                                       {"500ms", 500},
                                                                       {"10s", 10'000},
                                                                       {"5m", 300'000},
                                                                       {"2h", 7'200'000},
                                                                       {"1d", 86'400'000},
                                                                       {"0s", 0}}));
    const auto parsed = parse_duration_ms(text);
    REQUIRE(parsed.ok());
    CHECK(*parsed == ms);
}

TEST_CASE("app: what is no duration is refused with what is accepted", "[app]") {
    const std::string text = GENERATE("", "5", "s", "-5s", "+5s", "1.5s", "5 s", "5S", "5w",
                                      "1m30s", "9223372036854775807h", "99999999999999999999ms");
    const auto parsed = parse_duration_ms(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().message.find("500ms, 10s, 5m") != std::string::npos);
}

TEST_CASE("app: the largest duration fits and one more does not", "[app]") {
    CHECK(parse_duration_ms("9223372036854775807ms").ok());
    CHECK_FALSE(parse_duration_ms("9223372036854775808ms").ok());
    CHECK(parse_duration_ms("9223372036854775s").ok());
    CHECK_FALSE(parse_duration_ms("9223372036854776s").ok());
}

TEST_CASE("app: counts are digits only", "[app]") {
    CHECK(*parse_count("42") == 42);
    for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "1e3"}) {
        CHECK_FALSE(parse_count(text).ok());
    }
}

TEST_CASE("app: a typing error finds its word and nonsense finds none", "[app]") {
    CHECK(nearest("configg", {"drain", "config"}) == "config");
    CHECK(nearest("conifg", {"drain", "config"}) == "config");
    CHECK(nearest("x", {"drain", "config"}).empty());
    CHECK(nearest("telephone", {"drain", "config"}).empty());
}

TEST_CASE("app: times are ISO 8601 with milliseconds", "[app]") {
    CHECK(iso_time(1'700'000'000'007) == "2023-11-14T22:13:20.007Z");
    CHECK(iso_time(-1) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("app: JSON strings escape what must be and mend what is not UTF-8", "[app]") {
    CHECK(json_string("a\"\\\n\t\r\x01/é€😀") == "\"a\\\"\\\\\\n\\t\\r\\u0001/é€😀\"");
    CHECK(json_string("a\xff"
                      "b") ==
          "\"a\xEF\xBF\xBD"
          "b\"");
    CHECK(json_string("\xC0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(json_string("\xED\xA0\x80").find("\xED") == std::string::npos);
    CHECK(json_string("\xF4\x90\x80\x80").find("\xF4") == std::string::npos);
    CHECK(json_string("\xE2\x82") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST_CASE("app: indented JSON keeps every token as it was", "[app]") {
    CHECK(indent_json(R"({"b":1.10,"a":[18446744073709551616,"x, {\"y\":[1]}"],"c":{},"d":[ ]})") ==
          "{\n  \"b\": 1.10,\n  \"a\": [\n    18446744073709551616,\n    \"x, {\\\"y\\\":[1]}\"\n  "
          "],\n"
          "  \"c\": {},\n  \"d\": []\n}");
    CHECK(indent_json("]}{").find('{') != std::string::npos);
    CHECK(indent_json("\"\\").size() == 2);
}

TEST_CASE("app: text of others cannot steer a terminal", "[app]") {
    CHECK(printable("a\x1b[31mb\x07\r") == "a\\x1b[31mb\\x07\\x0d");
    CHECK(printable("\xC2\x9B"
                    "31m") == "\\u009b31m");
    CHECK(printable("\x9B") == "\\x9b");
    CHECK(printable("a\xE2\x80\xAE" "b\xE2\x81\xA9\xD8\x9C") == "a\\u202eb\\u2069\\u061c");
    CHECK(printable("\xD8\xA7\xE2\x80\x94\xE2\x82\xAC") == "\xD8\xA7\xE2\x80\x94\xE2\x82\xAC");
    CHECK(printable("é\n\tx\x7f") == "é\n\tx\\x7f");
    CHECK(one_line("a\nb\tc") == "a b c");
}

TEST_CASE("app: columns are as wide as their widest cell in characters", "[app]") {
    std::ostringstream out;
    print_table(out, {{"é", "b"}, {"ccc", ""}, {"d", "e"}});
    CHECK(out.str() == "é    b\nccc\nd    e\n");
}
