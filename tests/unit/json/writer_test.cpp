#include "json/writer.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <string>

#include "json/door.hpp"

using namespace signalbox;

namespace {

std::string number(double value) {
    std::string out;
    json::append_number(out, value);
    return out;
}

std::string quoted(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

/// A value of every kind, made from a seed: the same on every machine.
class Maker {
  public:
    explicit Maker(std::uint32_t seed) : source_(seed) {}

    json::Value value(int depth) {
        switch (below(depth > 0 ? 8 : 6)) {
            case 0:
                return nullptr;
            case 1:
                return below(2) == 0;
            case 2:
                return static_cast<std::int64_t>(source_());
            case 3:
                return source_() | std::uint64_t{1} << 63;
            case 4:
                return real();
            case 5:
                return json::String(text());
            case 6: {
                json::Array array;
                for (auto n = below(5); n > 0; --n)
                    array.push_back(value(depth - 1));
                return array;
            }
            default: {
                json::Object object;
                for (auto n = below(30); n > 0; --n)
                    object[text() + std::to_string(n)] = value(depth - 1);
                return object;
            }
        }
    }

    double real() {
        for (;;) {
            const double made = std::bit_cast<double>(source_());
            // A whole number is written without a point and so comes back as an integer.
            if (std::isfinite(made) && std::trunc(made) != made) return made;
        }
    }

  private:
    std::uint64_t below(std::uint64_t bound) { return source_() % bound; }
    std::string text() {
        static const std::string pieces[] = {"a", "\"", "\\", "\n",   "é",
                                             "☕", "🚀",  "/",  "\x01", "\x7f"};
        std::string made;
        for (auto n = below(12); n > 0; --n)
            made += pieces[below(10)];
        return made;
    }
    std::mt19937_64 source_;
};

}  // namespace

TEST_CASE("json: doubles are written as ECMAScript writes them", "[json]") {
    CHECK(number(1.10) == "1.1");
    CHECK(number(1.0) == "1");
    CHECK(number(-0.0) == "0");
    CHECK(number(0.0) == "0");
    CHECK(number(100) == "100");
    CHECK(number(-1.5) == "-1.5");
    CHECK(number(123.456) == "123.456");
    CHECK(number(0.5) == "0.5");
    CHECK(number(1e20) == "100000000000000000000");
    CHECK(number(123456789012345680000.0) == "123456789012345680000");
    CHECK(number(1e21) == "1e+21");
    CHECK(number(1.5e300) == "1.5e+300");
    CHECK(number(0.000001) == "0.000001");
    CHECK(number(0.0000012) == "0.0000012");
    CHECK(number(1e-7) == "1e-7");
    CHECK(number(1.23e-7) == "1.23e-7");
    CHECK(number(-1e-100) == "-1e-100");
    CHECK(number(9007199254740993.0) == "9007199254740992");
    CHECK(number(0.1 + 0.2) == "0.30000000000000004");
    CHECK(number(5e-324) == "5e-324");
    CHECK(number(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
}

TEST_CASE("json: numbers that JSON lacks are written as null", "[json]") {
    CHECK(number(std::numeric_limits<double>::infinity()) == "null");
    CHECK(number(-std::numeric_limits<double>::infinity()) == "null");
    CHECK(number(std::numeric_limits<double>::quiet_NaN()) == "null");
}

TEST_CASE("json: only what must be escaped is escaped", "[json]") {
    CHECK(quoted("") == "\"\"");
    CHECK(quoted("a/b é☕ \xe2\x80\xa8 \x7f") == "\"a/b é☕ \xe2\x80\xa8 \x7f\"");
    CHECK(quoted("\"\\") == R"("\"\\")");
    CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
    CHECK(quoted(std::string_view("\0\x01\x1f", 3)) == R"("\u0000\u0001\u001f")");
    CHECK(quoted("ends\n") == R"("ends\n")");
    CHECK(quoted("\nbegins") == R"("\nbegins")");
}

TEST_CASE("json: documents are written compactly in their own order", "[json]") {
    const auto value = json::parse(R"( { "z" : [ 1 , 1.10 , true , null ] , "a" : { } } )").value();
    CHECK(json::write(value) == R"({"z":[1,1.1,true,null],"a":{}})");
    std::string out = "data: ";
    json::append(out, value);
    CHECK(out == R"(data: {"z":[1,1.1,true,null],"a":{}})");
}

TEST_CASE("json: any value that is written is read back equal", "[json]") {
    Maker make(20'261'123);
    for (int i = 0; i < 2'000; ++i) {
        const json::Value before = make.value(4);
        const std::string text = json::write(before);
        const auto after = json::parse(text);
        REQUIRE(after.ok());
        REQUIRE(*after == before);
        REQUIRE(json::write(*after) == text);
    }
}

TEST_CASE("json: any double that is written is read back to the last bit", "[json]") {
    Maker make(7);
    for (int i = 0; i < 20'000; ++i) {
        const double before = make.real();
        const auto after = json::parse(number(before));
        REQUIRE(after.ok());
        REQUIRE(std::bit_cast<std::uint64_t>(after->as_double()) ==
                std::bit_cast<std::uint64_t>(before));
    }
}

TEST_CASE("json: text cut or changed at any byte is never read wrongly", "[json]") {
    const std::string text = R"({"a":[1,-2.5e3,"\u00e9\ud83d\ude80",true],"b":{"c":null,"d":"é"}})";
    REQUIRE(json::parse(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
        REQUIRE_FALSE(json::parse(text.substr(0, i)));
        for (const char put : {'\0', '"', '\\', '{', '}', '[', ',', ':', '9', '\x80', '\xff'}) {
            std::string changed = text;
            changed[i] = put;
            if (const auto parsed = json::parse(changed)) {
                // Texts are compared: 1e2 is a double, and comes back from `100` as an integer.
                const auto again = json::parse(json::write(*parsed));
                REQUIRE(again.ok());
                REQUIRE(json::write(*again) == json::write(*parsed));
            }
        }
    }
}
