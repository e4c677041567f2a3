#include "signalbox/plugin/json.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace json = signalbox::plugin::json;

TEST_CASE("sdk: json members are looked up with fallbacks", "[sdk]") {
    const auto value = json::parse(
        R"( {"name":"a","on":true,"count":-7,"ratio":1.5e1,"list":[1,{"x":"y"}],"none":null} )");
    CHECK(value["name"].text_or("?") == "a");
    CHECK(value["on"].bool_or(false));
    CHECK(value["count"].integer_or(0) == -7);
    CHECK(value["ratio"].number_or(0) == 15.0);
    CHECK(value["ratio"].integer_or(3) == 3);
    CHECK(value["list"].at(1)["x"].text_or("?") == "y");
    CHECK(value["list"].at(9).is_null());
    CHECK(value["none"].is_null());
    CHECK(value["missing"]["deeper"].text_or("fallback") == "fallback");
    CHECK(value["name"].integer_or(4) == 4);
    CHECK(value["count"].text_or("not text") == "not text");
    CHECK(value.members().size() == 6);
    CHECK(value["list"].items().size() == 2);
}

TEST_CASE("sdk: json keeps the last of two members with one name", "[sdk]") {
    CHECK(json::parse(R"({"a":1,"a":2})")["a"].integer_or(0) == 2);
}

TEST_CASE("sdk: json strings are unescaped to UTF-8", "[sdk]") {
    const auto text = [](const char* spelled) { return json::parse(spelled).text_or("?"); };
    CHECK(text(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
    CHECK(text(R"("\u0041\u00e9\u20ac\ud83d\ude00")") == "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK(text("\"raw \xE2\x98\x95\"") == "raw \xE2\x98\x95");
    CHECK(text(R"("\u0000")") == std::string(1, '\0'));
}

TEST_CASE("sdk: json integers keep every digit that fits", "[sdk]") {
    CHECK(json::parse("9223372036854775807").integer_or(0) == INT64_MAX);
    CHECK(json::parse("-9223372036854775808").integer_or(0) == INT64_MIN);
    CHECK(json::parse("9223372036854775808").integer_or(1) == 1);
    CHECK(json::parse("9223372036854775808").number_or(0) == 9223372036854775808.0);
    CHECK(json::parse("0").integer_or(1) == 0);
    CHECK(json::parse("-0.5").number_or(0) == -0.5);
}

TEST_CASE("sdk: json refuses what is not JSON", "[sdk]") {
    const char* text = GENERATE(
        "", " ", "{", "[", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "\"open",
        "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"tab\there\"", "01", "-", "+1", "1.", ".5", "1e", "1e+", "1e999", "nul", "tru", "True",
        "1 2", "[1 2]", "{\"a\":1 \"b\":2}", "NaN", "'a'", "\"\\", "\"\\u-123\"");
    CAPTURE(text);
    CHECK_THROWS_AS(json::parse(text), json::Malformed);
    CHECK_FALSE(json::try_parse(text).has_value());
}

TEST_CASE("sdk: json says where it stopped and quotes nothing", "[sdk]") {
    try {
        json::parse(R"({"secret": hunter2})");
        FAIL("accepted");
    } catch (const json::Malformed& malformed) {
        const std::string message = malformed.what();
        CHECK(message.find("byte 11") != std::string::npos);
        CHECK(message.find("hunter") == std::string::npos);
    }
}

TEST_CASE("sdk: json nests to its limit and no deeper", "[sdk]") {
    const auto nested = [](std::size_t levels) {
        return std::string(levels, '[') + std::string(levels, ']');
    };
    CHECK_NOTHROW(json::parse(nested(json::depth_max)));
    CHECK_NOTHROW(
        json::parse(std::string(json::depth_max, '[') + "1" + std::string(json::depth_max, ']')));
    CHECK_THROWS_AS(json::parse(nested(json::depth_max + 1)), json::Malformed);
    CHECK_THROWS_AS(json::parse(std::string(1'000'000, '[')), json::Malformed);
}

TEST_CASE("sdk: json survives every prefix and every changed byte of a document", "[sdk]") {
    const std::string document = R"({"a":[1,-2.5e3,"\u00e9\n"],"b":{"c":null,"d":true}})";
    for (std::size_t size = 0; size < document.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(json::try_parse(document.substr(0, size)).has_value());
    }
    for (std::size_t at = 0; at < document.size(); ++at) {
        std::string changed = document;
        changed[at] = '\x01';
        CAPTURE(at);
        CHECK_FALSE(json::try_parse(changed).has_value());
    }
}

TEST_CASE("sdk: json quote gives back the same text when parsed", "[sdk]") {
    std::string text = "plain \"quoted\" back\\slash \xC3\xA9";
    for (char control = 0; control < 0x20; ++control)
        text += control;
    CHECK(json::parse(json::quote(text)).text_or("?") == text);
}
