#include "base/limits.hpp"
#include "unit/schema/support.hpp"

using namespace schema_test;
using Catch::Matchers::Contains;
namespace limits = signalbox::limits;

TEST_CASE("schema: every keyword of the subset compiles", "[schema]") {
    CHECK(
        faults(R"({"type":"object","additionalProperties":false,"required":["a"],"description":"d",
        "properties":{
            "a":{"type":"string","minLength":1,"maxLength":9,"pattern":"^a","default":"a","x-secret":true},
            "b":{"type":"array","items":{"enum":[1,"x",null]},"minItems":0,"maxItems":3,"uniqueItems":true},
            "c":{"type":"integer","minimum":1,"maximum":2},"d":{"type":"number"},"e":{"type":"boolean"},
            "f":{"type":"null"},"g":{"const":{"a":[1]}},"h":{"type":"string","format":"uri"},
            "i":{"type":"string","format":"duration"},"j":{"type":"object"},"k":{}}})")
            .empty());
}

TEST_CASE("schema: a schema that cannot be meant is refused at its place", "[schema]") {
    struct Case {
        const char* schema;
        const char* pointer;
        const char* message;
    };
    const Case cases[] = {
        {"true", " a schema must be an object", "the boolean true"},
        {R"({"type":"strin"})", "/type ", "did you mean `string`?"},
        {R"({"type":["string","null"]})", "/type ", "an array"},
        {R"({"minLenght":1})", "/minLenght ", "did you mean `minLength`?"},
        {R"({"$ref":"#/x"})", "/$ref ", "not supported"},
        {R"({"type":"object","properties":{"a":{}}})", " a schema with",
         "additionalProperties: false"},
        {R"({"type":"object","additionalProperties":1})", "/additionalProperties ",
         "true, false or a schema"},
        {R"({"additionalProperties":{"type":"strin"}})", "/additionalProperties/type ",
         "did you mean `string`?"},
        {R"({"patternProperties":[],"additionalProperties":true})", "/patternProperties ",
         "an object of schemas"},
        {R"({"patternProperties":{"a":{}}})", " a schema with `patternProperties` needs",
         "additionalProperties: false"},
        {R"_({"patternProperties":{"(?=a)":{}},"additionalProperties":true})_",
         "/patternProperties/(?=a) ", "cannot be used as an RE2 pattern"},
        {R"({"patternProperties":{"^a/b~":{"type":"strin"}},"additionalProperties":true})",
         "/patternProperties/^a~1b~0/type ", "did you mean `string`?"},
        {R"({"properties":[],"additionalProperties":false})", "/properties ",
         "an object of schemas"},
        {R"({"properties":{"a":1},"additionalProperties":false})", "/properties/a ",
         "must be an object"},
        {R"({"properties":{"a":{"x/y~":1}},"additionalProperties":false})", "/properties/a/x~1y~0 ",
         "not"},
        {R"({"properties":{},"additionalProperties":false,"required":["a"]})", "/required/0 ",
         "not among"},
        {R"({"required":"a"})", "/required ", "an array"},
        {R"({"required":[1]})", "/required/0 ", "a property name"},
        {R"({"enum":[]})", "/enum ", "at least one value"},
        {R"({"enum":[1,1.0]})", "/enum/1 ", "stands twice"},
        {R"({"type":"string","enum":["a",1]})", "/enum/1 ", "must be a string"},
        {R"({"type":"string","const":1})", "/const ", "must be a string"},
        {R"({"enum":[1],"const":1})", "/const ", "beside `enum`"},
        {R"({"minimum":"1"})", "/minimum ", "a number"},
        {R"({"minimum":2,"maximum":1})", "/minimum ", "greater than `maximum`"},
        {R"({"minLength":2,"maxLength":1})", "/minLength ", "greater than `maxLength`"},
        {R"({"minItems":2,"maxItems":1})", "/minItems ", "greater than `maxItems`"},
        {R"({"minLength":-1})", "/minLength ", "0 or more"},
        {R"({"maxItems":1.5})", "/maxItems ", "whole number"},
        {R"({"uniqueItems":1})", "/uniqueItems ", "true or false"},
        {R"({"x-secret":"yes"})", "/x-secret ", "true or false"},
        {R"({"format":"emial"})", "/format ", "`uri`, `duration`, `date-time`"},
        {R"({"description":1})", "/description ", "a string"},
        {R"({"items":[{}]})", "/items ", "must be an object"},
        {R"({"pattern":1})", "/pattern ", "a string"},
        {R"_({"pattern":"("})_", "/pattern ", "RE2"},
        {R"_({"pattern":"(?=a)"})_", "/pattern ", "look-around"},
        {R"_({"pattern":"(a)\\1"})_", "/pattern ", "RE2"},
        {R"_({"pattern":"((a{1000}){1000})"})_", "/pattern ", "RE2"},
        {R"({"type":"integer","minLength":1})", "/minLength ", "no meaning for the type `integer`"},
        {R"({"type":"array","properties":{},"additionalProperties":false})", "/properties ",
         "no meaning"},
        {R"({"type":"integer","default":"x"})", "/default ", "does not fit its own schema"},
        {R"({"type":"integer","minimum":1,"default":0})", "/default ", "at least 1"},
        {R"({"oneOf":[]})", "/oneOf ", "at least one schema"},
        {R"({"oneOf":[{"type":"string"}]})", "/oneOf ", "told apart"},
        {R"({"oneOf":[{"properties":{"k":{"const":"a"}},"additionalProperties":false},
                      {"properties":{"k":{"const":"a"}},"additionalProperties":false}]})",
         "/oneOf ", "apart"},
        {R"({"oneOf":[{"properties":{"k":{"const":1}},"additionalProperties":false}]})", "/oneOf ",
         "apart"},
        {R"({"oneOf":[{"properties":{"k":{"const":"a","x-secret":true}},"additionalProperties":false}]})",
         "/oneOf ", "x-secret"},
        {R"({"properties":{},"additionalProperties":false,
             "oneOf":[{"properties":{"k":{"const":"a"}},"additionalProperties":false}]})",
         "/properties ", "beside `oneOf`"},
    };
    for (const Case& bad : cases) {
        INFO(bad.schema);
        CHECK_THAT(faults(bad.schema), Contains(std::string(bad.pointer)));
        CHECK_THAT(faults(bad.schema), Contains(std::string(bad.message)));
    }
}

TEST_CASE("schema: every fault of a schema is reported", "[schema]") {
    CHECK(faults(R"({"type":"x","minLength":-1,"nope":1})").find("/nope") != std::string::npos);
    const auto made =
        signalbox::schema::Schema::compile(value(R"({"type":"x","minLength":-1})"), false);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().details.size() == 2);
    CHECK_THAT(made.error().message, Contains("/type") && Contains("(and 1 more)"));
}

TEST_CASE("schema: where descriptions are asked for every property needs one", "[schema]") {
    const char* schema = R"({"additionalProperties":false,"properties":{"a":{"description":"x"},
        "b":{"items":{"additionalProperties":false,"properties":{"c":{}}}}}})";
    CHECK(faults(schema).empty());
    CHECK_THAT(faults(schema, true), Contains("/properties/b needs a `description`"));
    CHECK_THAT(faults(schema, true), Contains("/properties/b/items/properties/c needs a"));
    CHECK_THAT(faults(schema, true), !Contains("/properties/a "));
}

TEST_CASE("schema: the deepest schema compiles and one level more does not", "[schema]") {
    json::Value schema = json::Object{};
    for (std::size_t level = 1; level < limits::schema_depth_max; ++level)
        schema = json::Object{{"items", std::move(schema)}};
    CHECK(signalbox::schema::Schema::compile(schema, false).ok());
    schema = json::Object{{"items", std::move(schema)}};
    const auto deeper = signalbox::schema::Schema::compile(schema, false);
    REQUIRE_FALSE(deeper.ok());
    CHECK_THAT(lines(deeper.error().details), Contains("nests deeper than 64"));
}

TEST_CASE("schema: the longest pattern compiles and one byte more does not", "[schema]") {
    const std::string longest(limits::schema_pattern_bytes_max, 'a');
    CHECK(faults(R"({"pattern":")" + longest + "\"}").empty());
    CHECK_THAT(faults(R"({"pattern":")" + longest + "a\"}"), Contains("/pattern has 4097 bytes"));
}

TEST_CASE("schema: a plugin's contract is closed, others may be open", "[schema]") {
    const char* open = R"({"type":"object","additionalProperties":true})";
    CHECK_THAT(faults(open, true), Contains("/additionalProperties must be false"));
    CHECK(faults(open, false).empty());
    const char* others = R"({"type":"object","additionalProperties":{"type":"string"}})";
    CHECK_THAT(faults(others, true), Contains("/additionalProperties must be false"));
    CHECK(faults(others, false).empty());
    const char* patterned =
        R"({"type":"object","patternProperties":{"^a":{}},"additionalProperties":false})";
    CHECK_THAT(faults(patterned, true), Contains("/patternProperties is not supported in a plugin's"));
    CHECK(faults(patterned, false).empty());
}

TEST_CASE("schema: the most patterns of names compile and one more does not", "[schema]") {
    json::Object patterns;
    for (std::size_t i = 0; i < limits::schema_pattern_properties_max; ++i)
        patterns.emplace("^a" + std::to_string(i), json::Object());
    const auto schema = [&] {
        return json::write(
            json::Object{{"patternProperties", patterns}, {"additionalProperties", false}});
    };
    CHECK(faults(schema()).empty());
    patterns.emplace("one more", json::Object());
    CHECK_THAT(faults(schema()), Contains("/patternProperties has 17 patterns; accepted are at most 16"));
}
