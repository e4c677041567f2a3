#include <thread>

#include "base/limits.hpp"
#include "schema/formats.hpp"
#include "unit/schema/support.hpp"

using namespace schema_test;
using Catch::Matchers::Contains;
namespace limits = signalbox::limits;
namespace schema = signalbox::schema;

namespace {

json::Value array_of(std::size_t count, const json::Value& item) {
    return json::Array(count, item);
}

}  // namespace

TEST_CASE("schema: at most a hundred findings are made", "[schema]") {
    const auto strings = compiled(R"({"items":{"type":"string"}})");
    CHECK(strings.validate(array_of(limits::schema_findings_max - 1, 1)).size() ==
          limits::schema_findings_max - 1);
    CHECK(strings.validate(array_of(limits::schema_findings_max, 1)).size() ==
          limits::schema_findings_max);
    CHECK(strings.validate(array_of(limits::schema_findings_max + 1, 1)).size() ==
          limits::schema_findings_max);
    CHECK(strings.validate(array_of(1'000'000, 1)).size() == limits::schema_findings_max);
}

TEST_CASE("schema: a million good elements are accepted", "[schema]") {
    CHECK(compiled(R"({"items":{"type":"integer","minimum":0,"enum":[1,2]}})")
              .validate(array_of(1'000'000, 1))
              .empty());
}

TEST_CASE("schema: a million unknown members are refused", "[schema]") {
    json::Object object;
    for (int i = 0; i < 1'000'000; ++i)
        object.emplace("unknown" + std::to_string(i), i);
    const auto closed = compiled(R"({"additionalProperties":false,"properties":{"known":{}}})");
    CHECK(closed.validate(object).size() == limits::schema_findings_max);
}

TEST_CASE("schema: the longest name is tried on patterns of names and one byte more is refused",
          "[schema]") {
    const auto schema =
        compiled(R"({"patternProperties":{"^(a+)+b?$":{}},"additionalProperties":false})");
    std::string name(limits::schema_pattern_text_bytes_max, 'a');
    CHECK(schema.validate(json::Object{{name, 1}}).empty());
    name += 'a';
    CHECK_THAT(lines(schema.validate(json::Object{{name, 1}})),
               Contains("at most 65536 bytes, found 65537"));
}

TEST_CASE("schema: the most items are compared and one more is refused", "[schema]") {
    const auto unique = compiled(R"({"uniqueItems":true})");
    json::Array items;
    for (std::size_t i = 0; i < limits::schema_unique_items_max; ++i)
        items.emplace_back(i);
    CHECK(unique.validate(items).empty());
    items.emplace_back("one more");
    CHECK_THAT(lines(unique.validate(items)),
               Contains("at most 10000 can be compared, found 10001"));
    CHECK(unique.validate(array_of(1'000'000, 1)).size() == 1);
}

TEST_CASE("schema: items that nest deeper than can be compared are refused", "[schema]") {
    const auto unique = compiled(R"({"uniqueItems":true})");
    json::Value deepest = 1;
    for (std::size_t level = 0; level < limits::schema_depth_max; ++level)
        deepest = json::Array{deepest};
    CHECK(unique.validate(json::Array{deepest}).empty());
    CHECK_THAT(lines(unique.validate(json::Array{json::Array{deepest}})),
               Catch::StartsWith("/0 nests deeper"));
}

TEST_CASE("schema: a deep value is checked as far as the schema goes", "[schema]") {
    json::Value deep = 1;
    for (std::size_t level = 0; level < limits::json_depth_max; ++level)
        deep = json::Object{{"a", deep}};
    CHECK(compiled(R"({"type":"object"})").validate(deep).empty());
    CHECK_THAT(lines(compiled(R"({"enum":[1]})").validate(deep)),
               Contains("an object of 1 member"));
}

TEST_CASE("schema: the longest text is tried on a pattern and one byte more is refused",
          "[schema]") {
    const auto letters = compiled(R"({"pattern":"^[a-z0-9-]+$"})");
    const std::string longest(limits::schema_pattern_text_bytes_max, 'a');
    CHECK(letters.validate(json::String(longest)).empty());
    CHECK_THAT(lines(letters.validate(json::String(longest + "a"))),
               Contains("at most 65536 bytes, found 65537"));
}

TEST_CASE("schema: patterns that ruin other engines are harmless", "[schema]") {
    const json::String text(std::string(50'000, 'a') + "!");
    for (const char* pattern : {"(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*a){20}$"}) {
        const auto made = compiled(R"({"pattern":")" + std::string(pattern) + "\"}");
        CHECK(made.validate(text).size() == 1);
    }
}

TEST_CASE("schema: a value of the most characters is quoted whole and a longer one is cut",
          "[schema]") {
    const auto quoted = [](std::size_t chars) {
        std::string text;
        for (std::size_t i = 0; i < chars; ++i)
            text += "é";
        return lines(compiled(R"({"type":"integer"})").validate(json::String(text)));
    };
    std::string whole;
    for (std::size_t i = 0; i < limits::schema_quoted_chars_max; ++i)
        whole += "é";
    CHECK_THAT(quoted(limits::schema_quoted_chars_max), Contains("\"" + whole + "\""));
    CHECK_THAT(quoted(limits::schema_quoted_chars_max + 1), Contains("\"" + whole + "…\""));
    const auto escaped =
        compiled(R"({"type":"integer"})").validate(json::String(std::string(80, '\x01')));
    CHECK(lines(escaped).size() < 160);
}

TEST_CASE("schema: durations are whole numbers with a unit", "[schema]") {
    CHECK(schema::duration_ms("250ms") == 250);
    CHECK(schema::duration_ms("30s") == 30'000);
    CHECK(schema::duration_ms("5m") == 300'000);
    CHECK(schema::duration_ms("1h") == 3'600'000);
    CHECK(schema::duration_ms("2d") == 172'800'000);
    CHECK(schema::duration_ms("0s") == 0);
    CHECK(schema::duration_ms("9223372036854775807ms") == INT64_MAX);
    CHECK(schema::duration_ms("106751991167d") == 9223372036828800000);
    for (const char* bad :
         {"", "s", "1", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1min", "1h30m",
          "9223372036854775808ms", "106751991168d", "99999999999999999999s"}) {
        INFO(bad);
        CHECK_FALSE(schema::duration_ms(bad).has_value());
    }
}

TEST_CASE("schema: one schema serves several threads at once", "[schema]") {
    const auto shared =
        compiled(R"({"additionalProperties":false,"properties":{"a":{"pattern":"^(x|y)+$"}}})");
    const json::Value good = value(R"({"a":"xyxyxy"})");
    std::vector<std::thread> threads;
    std::vector<std::size_t> wrong(4, 0);
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        threads.emplace_back([&, i, copy = shared] {
            for (int round = 0; round < 500; ++round)
                wrong[i] += copy.validate(good).size();
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    CHECK(wrong == std::vector<std::size_t>(4, 0));
}
