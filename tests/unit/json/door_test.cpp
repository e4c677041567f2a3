#include "json/door.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "json/writer.hpp"

using namespace signalbox;

namespace {

std::string refusal(std::string_view text) {
    const auto parsed = json::parse(text);
    if (parsed) return "accepted as " + json::write(*parsed);
    CHECK(parsed.error().code == "invalid_json");
    CHECK(parsed.error().message.starts_with("at byte "));
    return parsed.error().message;
}

std::string rewritten(std::string_view text) {
    const auto parsed = json::parse(text);
    return parsed ? json::write(*parsed) : "refused: " + parsed.error().message;
}

std::string nested(std::size_t levels, char open, char close) {
    return std::string(levels, open) + std::string(levels, close);
}

std::string nested_objects(std::size_t levels) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i)
        text += "{\"a\":";
    return text + "1" + std::string(levels, '}');
}

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

}  // namespace

TEST_CASE("json: every kind of value is read", "[json]") {
    CHECK(rewritten("null") == "null");
    CHECK(rewritten(" \t\r\n[true,false] \n") == "[true,false]");
    CHECK(rewritten("\"\"") == "\"\"");
    CHECK(rewritten("-7") == "-7");
    CHECK(rewritten(R"({"b":1,"a":{"d":[],"c":{}}})") == R"({"b":1,"a":{"d":[],"c":{}}})");
    CHECK(rewritten(R"({"":0})") == R"({"":0})");
}

TEST_CASE("json: strings keep their characters", "[json]") {
    CHECK(rewritten(R"("\u00e9\u2615\ud83d\ude80\/\"\\")") == "\"é☕🚀/\\\"\\\\\"");
    CHECK(rewritten("\"a\\u0000b\"") == "\"a\\u0000b\"");  // only keys may not hold U+0000
    CHECK(rewritten("\"\xe2\x80\xa8\"") == "\"\xe2\x80\xa8\"");
    CHECK(rewritten("\"\xf4\x8f\xbf\xbf\"") == "\"\xf4\x8f\xbf\xbf\"");
    CHECK(rewritten("\"\x7f\"") == "\"\x7f\"");
}

TEST_CASE("json: long strings and keys with escapes survive the parser's pieces", "[json]") {
    std::string text;
    for (int i = 0; i < 5'000; ++i)
        text += "ab\\n";
    std::string plain;
    for (int i = 0; i < 5'000; ++i)
        plain += "ab\n";
    const auto parsed = json::parse("{\"" + text + "\":\"" + text + "\"}");
    REQUIRE(parsed);
    const auto& object = parsed->as_object();
    CHECK(object.begin()->key() == plain);
    CHECK(object.begin()->value().as_string() == plain);
}

TEST_CASE("json: integers keep all their digits or are refused", "[json]") {
    CHECK(rewritten("9223372036854775807") == "9223372036854775807");
    CHECK(rewritten("-9223372036854775808") == "-9223372036854775808");
    CHECK(rewritten("9223372036854775808") == "9223372036854775808");
    CHECK(rewritten("18446744073709551615") == "18446744073709551615");
    CHECK(rewritten("9007199254740993") == "9007199254740993");
    CHECK_THAT(refusal("18446744073709551616"), Contains("send it as a string"));
    CHECK_THAT(refusal("-9223372036854775809"), Contains("would lose digits"));
    CHECK(rewritten("100000000000000000000") == "100000000000000000000");
    CHECK(rewritten("-1e20") == "-100000000000000000000");
    CHECK(rewritten(rewritten("-1e20")) == "-100000000000000000000");
    CHECK_THAT(refusal("100000000000000000001"), Contains("would lose digits"));
    CHECK_THAT(refusal("[1, 100000000000000000000000]"), Contains("would lose digits"));
}

TEST_CASE("json: numbers with a point or exponent are rounded correctly", "[json]") {
    CHECK(json::parse("0.1")->as_double() == 0.1);
    CHECK(json::parse("1e2")->as_double() == 100.0);
    CHECK(json::parse("123456789.12345678901234567890")->as_double() ==
          123456789.12345678901234567890);
    CHECK(json::parse("1.7976931348623157e308")->as_double() == std::numeric_limits<double>::max());
    CHECK(json::parse("5e-324")->as_double() == std::numeric_limits<double>::denorm_min());
    CHECK(json::parse("2.2250738585072011e-308")->as_double() == 2.2250738585072011e-308);
    CHECK(json::parse("0.000000000000000000000000000000000000001e39")->as_double() == 1.0);
    CHECK(json::parse("1e-400")->as_double() == 0.0);
    CHECK(json::parse("-0.0")->as_double() == 0.0);
    CHECK(json::parse("0e400")->as_double() == 0.0);
}

TEST_CASE("json: numbers that are not finite are refused", "[json]") {
    CHECK_THAT(refusal("1e400"), Contains("larger than a 64-bit floating point number"));
    CHECK_THAT(refusal("-1e309"), Contains("send it as a string"));
    CHECK_THAT(refusal("1.7976931348623159e308"), Contains("send it as a string"));
    CHECK_THAT(refusal("0.001e400"), Contains("send it as a string"));
    CHECK_THAT(refusal("1e99999999999999999999"), Contains("send it as a string"));
    CHECK_THAT(refusal(std::string(400, '9') + ".5"), Contains("send it as a string"));
}

TEST_CASE("json: forms of numbers that JSON lacks are refused", "[json]") {
    for (const char* text : {"NaN", "Infinity", "-Infinity", "+1", "01", "-", "1.", ".5", "1e",
                             "1e+", "0x10", "1_000", "--1", "-01"}) {
        CAPTURE(text);
        CHECK_THAT(refusal(text), StartsWith("at byte "));
    }
}

TEST_CASE("json: a key that stands twice is refused and named", "[json]") {
    CHECK_THAT(refusal(R"({"a":1,"a":2})"), Contains("the key \"a\" stands twice"));
    CHECK_THAT(refusal(R"({"a":1,"\u0061":2})"), Contains("the key \"a\" stands twice"));
    CHECK_THAT(refusal(R"([{"x":{"deep":1,"b":0,"deep":1}}])"), Contains("\"deep\""));
    CHECK_THAT(refusal(R"({"":1,"":2})"), Contains("the key \"\" stands twice"));
    CHECK_THAT(refusal("{\"" + std::string(500, 'k') + "\":1,\"" + std::string(500, 'k') + "\":2}"),
               Contains("\"" + std::string(80, 'k') + "…\""));
    CHECK(rewritten(R"([{"a":1},{"a":2},{"a":{"a":3}}])") == R"([{"a":1},{"a":2},{"a":{"a":3}}])");
    CHECK(rewritten(R"({"a":1,"A":2})") == R"({"a":1,"A":2})");
}

TEST_CASE("json: a duplicate key's message names the byte and no value", "[json]") {
    CHECK(refusal(R"({"pass":"hunter2","pass":"hunter3"})") ==
          "at byte 23: the key \"pass\" stands twice in one object; keep one of them");
}

TEST_CASE("json: duplicate keys are found in large objects too", "[json]") {
    std::string text = "{";
    for (int i = 0; i < 50'000; ++i)
        text += "\"key" + std::to_string(i) + "\":0,";
    CHECK(json::parse(text + "\"last\":0}"));
    CHECK_THAT(refusal(text + "\"key49999\":0}"), Contains("\"key49999\""));
    CHECK_THAT(refusal(text + "\"key0\":0}"), Contains("\"key0\""));
}

TEST_CASE("json: objects of any size keep exactly their members in order", "[json]") {
    for (int size = 0; size < 100; ++size) {
        std::string text = "{";
        for (int i = 0; i < size; ++i) {
            text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(i);
        }
        text += "}";
        CHECK(rewritten(text) == text);
        CHECK(rewritten("{\"outer\":[" + text + "]}") == "{\"outer\":[" + text + "]}");
        const auto object = json::parse(text)->as_object();
        CHECK(object.size() == static_cast<std::size_t>(size));
        CHECK_FALSE(object.contains(std::string_view("\0", 1)));
        if (size > 0)
            CHECK_THAT(refusal(text.substr(0, text.size() - 1) + ",\"k0\":0}"), Contains("\"k0\""));
    }
}

TEST_CASE("json: large objects have an odd number of buckets so that no sender can choose them",
          "[json]") {
    std::string text = "{\"first\":0";
    for (int i = 1; i < 4'096; ++i)
        text += ",\"k" + std::to_string(i) + "\":0";
    const auto value = json::parse(text + "}").value();
    CHECK(value.as_object().size() == 4'096);
    CHECK(value.as_object().capacity() % 2 == 1);
}

TEST_CASE("json: U+0000 in a key is refused", "[json]") {
    CHECK_THAT(refusal("{\"a\\u0000x\":1}"), Contains("U+0000"));
    CHECK_THAT(refusal("{\"\\u0000" + std::string(10'000, 'a') + "\":1}"), Contains("U+0000"));
    CHECK_THAT(refusal(std::string_view("{\"a\0\":1}", 8)), StartsWith("at byte "));
}

TEST_CASE("json: 64 levels are read and 65 are refused", "[json]") {
    CHECK(json::parse(nested(64, '[', ']')));
    CHECK_THAT(refusal(nested(65, '[', ']')), Contains("more than 64 levels"));
    CHECK(json::parse(nested_objects(64)));
    CHECK_THAT(refusal(nested_objects(65)), Contains("flatten"));
    CHECK_THAT(refusal(nested(200'000, '[', ']')), Contains("more than 64 levels"));
    CHECK(json::parse("[1]", 1));
    CHECK_FALSE(json::parse("[[1]]", 1));
    CHECK(json::parse("1", 0));
    CHECK_FALSE(json::parse("[]", 0));
}

TEST_CASE("json: a document at the size limit is read and one byte more is refused", "[json]") {
    const std::string at_limit =
        "\"" + std::string(limits::json_document_bytes_max - 2, 'a') + "\"";
    CHECK(json::parse(at_limit));
    CHECK_THAT(refusal(at_limit + " "), Contains("accepted are 8388608"));
}

TEST_CASE("json: a byte order mark is refused", "[json]") {
    CHECK_THAT(refusal("\xef\xbb\xbf{}"), Contains("byte order mark"));
    CHECK_THAT(refusal(std::string_view("\xff\xfe{\0}\0", 6)), StartsWith("at byte 0"));
}

TEST_CASE("json: text that is not UTF-8 is refused", "[json]") {
    for (const char* bytes :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf",
          "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82"}) {
        CAPTURE(bytes);
        CHECK_THAT(refusal("\"" + std::string(bytes) + "\""), StartsWith("at byte "));
        CHECK_THAT(refusal("{\"" + std::string(bytes) + "\":1}"), StartsWith("at byte "));
    }
}

TEST_CASE("json: half of a surrogate pair is refused", "[json]") {
    for (const char* text : {R"("\ud83d")", R"("\ude80")", R"("\ud83dx")", R"("\ud83d\ud83d")",
                             R"("\ude80\ud83d")", R"("\ud83d\u0041")", R"({"\udc00":1})"}) {
        CAPTURE(text);
        CHECK_THAT(refusal(text), Contains("surrogate"));
    }
}

TEST_CASE("json: anything after the value is refused", "[json]") {
    CHECK_THAT(refusal("{} {}"), Contains("at byte 3: something follows the value"));
    CHECK_THAT(refusal("1 2"), Contains("something follows"));
    CHECK_THAT(refusal("nullx"), StartsWith("at byte "));
    CHECK_THAT(refusal("[]]"), Contains("something follows"));
    CHECK_THAT(refusal(std::string_view("{}\0", 3)), Contains("something follows"));
}

TEST_CASE("json: text that ends early is refused", "[json]") {
    for (const char* text :
         {"", "   ", "{", "[1,", "\"abc", "{\"a\"", "{\"a\":", "tru", "\"\\", "\"\\u12"}) {
        CAPTURE(text);
        CHECK_THAT(refusal(text), Contains("ends before its value does"));
    }
}

TEST_CASE("json: what only other notations have is refused", "[json]") {
    for (const char* text :
         {"{'a':1}", "{a:1}", "[1,]", "{\"a\":1,}", "/* c */ 1", "1 // c", "[,1]", "{\"a\" 1}",
          "{1:2}", "True", "undefined", "\"\\x41\"", "\"\\a\""}) {
        CAPTURE(text);
        CHECK_THAT(refusal(text), StartsWith("at byte "));
    }
    CHECK_THAT(refusal("\"a\nb\""), Contains("control character"));
    CHECK_THAT(refusal("\"\\u12g4\""), Contains("hexadecimal"));
}

TEST_CASE("json: a pointer finds the value it names", "[json]") {
    const auto value = json::parse(R"({"a":[10,{"b/c":1,"m~n":2,"":3}],"":4})").value();
    CHECK(json::at_pointer(value, "") == &value);
    CHECK(*json::at_pointer(value, "/a/0") == 10);
    CHECK(*json::at_pointer(value, "/a/1/b~1c") == 1);
    CHECK(*json::at_pointer(value, "/a/1/m~0n") == 2);
    CHECK(*json::at_pointer(value, "/a/1/") == 3);
    CHECK(*json::at_pointer(value, "/") == 4);
}

TEST_CASE("json: a pointer to nothing finds nothing", "[json]") {
    const auto value = json::parse(R"({"a":[10],"~":1})").value();
    for (const char* pointer : {"a", "/b", "/a/1", "/a/-", "/a/00", "/a/", "/a/0/x", "/~", "/~2",
                                "//", "/a/99999999999999999999999", "/a/+0", "/a/0x"}) {
        CAPTURE(pointer);
        CHECK(json::at_pointer(value, pointer) == nullptr);
    }
}

TEST_CASE("json: reference tokens are escaped", "[json]") {
    CHECK(json::escape_token("a/b~c") == "a~1b~0c");
    CHECK(json::escape_token("~1") == "~01");
    json::Object object;
    object["a/b~1"] = 5;
    const json::Value value = object;
    CHECK(*json::at_pointer(value, "/" + json::escape_token("a/b~1")) == 5);
}
