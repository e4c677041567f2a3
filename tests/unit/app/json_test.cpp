#include "app/client/json.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;
using namespace signalbox::app;

TEST_CASE("app: numbers that Poco cannot carry are read as they were written", "[app]") {
    const std::string number =
        GENERATE("18446744073709551616", "100000000000000000000", "1e21", "1E+400", "-0", "-0.0",
                 "1234567890123456", "0.1234567890123456", "-9223372036854775809");
    const auto object = parse_object("{\"n\":" + number + ",\"list\":[" + number + "]}");
    REQUIRE(object.ok());
    CHECK(text_at(*object, "n") == number);
    CHECK(text_of(array_at(*object, "list")->get(0)) == number);
}

TEST_CASE("app: numbers up to fifteen digits stay numbers", "[app]") {
    const auto object = parse_object(R"({"a":123456789012345,"b":-12.5,"c":0,"d":"1e5"})");
    REQUIRE(object.ok());
    CHECK((*object)->get("a").isInteger());
    CHECK(number_at(*object, "b", 0) == -12.5);
    CHECK(number_at(*object, "c", 7) == 0);
    CHECK(text_at(*object, "d") == "1e5");
    CHECK(number_at(parse_object("{\"n\":1e2}").value(), "n", 0) == 100);
}

TEST_CASE("app: digits inside of strings are left alone", "[app]") {
    const auto object = parse_object(R"({"a\"18446744073709551616":"x\\","b":"\\\"1e21"})");
    REQUIRE(object.ok());
    CHECK(text_at(*object, "a\"18446744073709551616") == "x\\");
    CHECK(text_at(*object, "b") == "\\\"1e21");
}

TEST_CASE("app: what is not one JSON value is told from what is", "[app]") {
    for (const char* text : {"1", "-1.5e+3", "true", "null", "\"x\"", "{}", "[1,2]", " 1 ", "1e400",
                             "18446744073709551616"}) {
        INFO(text);
        CHECK(is_json(text));
    }
    for (const char* text : {"",
                             " ",
                             "01",
                             "+1",
                             "1.",
                             ".5",
                             "1e",
                             "1,2",
                             "1],[2",
                             "tru",
                             "x",
                             "'x'",
                             "\"x",
                             "{",
                             "NaN",
                             "1 2",
                             "0123456789012345678",
                             "1.2.3",
                             "--1",
                             "1x"}) {
        INFO(text);
        CHECK_FALSE(is_json(text));
    }
}

TEST_CASE("app: an object is an object", "[app]") {
    CHECK(parse_object("[1]").error().code == "invalid_json");
    CHECK(parse_object("").error().code == "invalid_json");
    CHECK(parse_object("{\"a\":1} x").error().code == "invalid_json");
    CHECK(parse_object("{\"secret\":hunter2}").error().message.find("hunter2") ==
          std::string::npos);
}

TEST_CASE("app: members that are missing or of another type are empty", "[app]") {
    const auto object = parse_object(R"({"s":"x","n":null,"o":{"k":true},"a":[1]})").value();
    CHECK(text_at(object, "missing") == "");
    CHECK(text_at(object, "n") == "");
    CHECK(text_at(object_at(object, "o"), "k") == "true");
    CHECK(text_at(nullptr, "k") == "");
    CHECK(object_at(object, "s").isNull());
    CHECK(object_at(object, "n").isNull());
    CHECK(array_at(object, "o").isNull());
    CHECK(array_at(object, "a")->size() == 1);
    CHECK(number_at(object, "s", 3) == 3);
    CHECK(number_at(object_at(object, "o"), "k", 3) == 3);
    CHECK(text_at(object, "o") == "{\"k\":true}");
}
