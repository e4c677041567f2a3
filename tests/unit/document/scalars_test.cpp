#include <catch2/catch.hpp>

#include "unit/document/support.hpp"

using Catch::Matchers::Contains;
using document_test::read;

TEST_CASE("document: only JSON's words and numbers are not strings", "[document]") {
    struct Case {
        const char* text;
        const char* json;
    };
    const Case cases[] = {
        {"true", "true"},
        {"false", "false"},
        {"null", "null"},
        {"0", "0"},
        {"-0", "0"},
        {"-1", "-1"},
        {"1.5", "1.5"},
        {"1e3", "1000"},
        {"1E+2", "100"},
        {"25e-1", "2.5"},
        {"+1", "\"+1\""},
        {".5", "\".5\""},
        {"1.", "\"1.\""},
        {"1_000", "\"1_000\""},
        {".inf", "\".inf\""},
        {".nan", "\".nan\""},
        {"inf", "\"inf\""},
        {"NaN", "\"NaN\""},
        {"1e", "\"1e\""},
        {"1.2.3", "\"1.2.3\""},
        {"--1", "\"--1\""},
        {"1h", "\"1h\""},
        {"2026-11-23", "\"2026-11-23\""},
        {"00:30", "\"00:30\""},
        {"0x", "\"0x\""},
        {"0xyz", "\"0xyz\""},
        {"tru", "\"tru\""},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
    };
    for (const Case& good : cases) {
        INFO(good.text);
        const auto result = read(std::string("- ") + good.text);
        CHECK(result.findings().empty());
        CHECK(result.json() == "[" + std::string(good.json) + "]");
    }
}

TEST_CASE("document: what others read as something else must be quoted", "[document]") {
    for (const char* word : {"y",
                             "Y",
                             "yes",
                             "Yes",
                             "YES",
                             "n",
                             "N",
                             "no",
                             "No",
                             "NO",
                             "on",
                             "On",
                             "ON",
                             "off",
                             "Off",
                             "OFF",
                             "True",
                             "TRUE",
                             "False",
                             "FALSE",
                             "~",
                             "Null",
                             "NULL",
                             "010",
                             "-007",
                             "01.5",
                             "0x10",
                             "-0x1F",
                             "0o17",
                             "0b101",
                             "18446744073709551616",
                             "-9223372036854775809",
                             "1e400",
                             "-1e400"}) {
        INFO(word);
        const auto plain = read(std::string("a: ") + word);
        REQUIRE(plain.problems.size() == 1);
        CHECK_THAT(to_string(plain.problems[0]), Catch::StartsWith("f:1:4: error: "));
        CHECK_THAT(plain.findings(), Contains("quote it"));
        for (const char* quote : {"\"", "'"}) {
            const auto quoted = read("a: " + std::string(quote) + word + quote);
            CHECK(quoted.findings().empty());
            CHECK(quoted.json() == "{\"a\":\"" + std::string(word) + "\"}");
        }
    }
}

TEST_CASE("document: quoted words are strings", "[document]") {
    CHECK(read("[\"true\", \"1\", \"null\", \"\"]").json() == R"(["true","1","null",""])");
    CHECK(read("a: 'true'\nb: '1'\nc: |-\n  1\nd: ''\n").json() ==
          R"({"a":"true","b":"1","c":"1","d":""})");
}

TEST_CASE("document: a plain scalar over two lines is text", "[document]") {
    const auto result = read("a: true\n  1\n");
    CHECK(result.findings().empty());
    CHECK(result.json() == R"({"a":"true 1"})");
}
