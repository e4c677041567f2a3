#include "unit/schema/support.hpp"

using namespace schema_test;
using Catch::Matchers::Contains;

TEST_CASE("schema: values are accepted and refused as JSON Schema has it", "[schema]") {
    struct Case {
        const char* schema;
        const char* instance;
        const char* finding;  // empty: accepted
    };
    const Case cases[] = {
        {R"({})", R"({"a":[1,"x"]})", ""},
        {R"({"type":"object"})", R"({"anything":1})", ""},
        {R"({"type":"object"})", "[]", " must be an object, found an array of 0 items"},
        {R"({"type":"array"})", "{}", " must be an array, found an object of 0 members"},
        {R"({"type":"string"})", "8080", " must be a string, found the number 8080"},
        {R"({"type":"integer"})", "3", ""},
        {R"({"type":"integer"})", "3.0", ""},
        {R"({"type":"integer"})", "18446744073709551615", ""},
        {R"({"type":"integer"})", "3.5", " must be an integer, found the number 3.5"},
        {R"({"type":"number"})", "3.5", ""},
        {R"({"type":"number"})", "\"3\"", " must be a number, found the string \"3\""},
        {R"({"type":"boolean"})", "true", ""},
        {R"({"type":"boolean"})", "0", " must be a boolean, found the number 0"},
        {R"({"type":"null"})", "null", ""},
        {R"({"type":"null"})", "false", " must be null, found the boolean false"},
        {R"({"type":"string"})", "null", " must be a string, found null"},
        {R"({"enum":["dev","prod"]})", "\"dev\"", ""},
        {R"({"enum":["dev","prod"]})", "\"prd\"",
         " found the string \"prd\", accepted: \"dev\", \"prod\"; did you mean `prod`?"},
        {R"({"enum":[1,{"a":1,"b":[2]}]})", R"({"b":[2.0],"a":1.0})", ""},
        {R"({"enum":[1]})", "1.0", ""},
        {R"({"enum":[1]})", "\"1\"", "accepted: 1"},
        {R"({"enum":[1]})", "true", "accepted: 1"},
        {R"({"const":"a"})", "\"a\"", ""},
        {R"({"const":"a"})", "\"b\"", "accepted: \"a\""},
        {R"({"minimum":1})", "1", ""},
        {R"({"minimum":1})", "0.99", " must be at least 1, found the number 0.99"},
        {R"({"maximum":1})", "1", ""},
        {R"({"maximum":1})", "2", " must be at most 1, found the number 2"},
        {R"({"minimum":1})", "\"x\"", ""},
        {R"({"maximum":9007199254740992})", "9007199254740993", "must be at most"},
        {R"({"maximum":18446744073709551614})", "18446744073709551615", "must be at most"},
        {R"({"minimum":-1})", "18446744073709551615", ""},
        {R"({"minLength":2})", "\"éé\"", ""},
        {R"({"minLength":2})", "\"é\"", " must have at least 2 characters, found 1"},
        {R"({"maxLength":2})", "\"😀😀\"", ""},
        {R"({"maxLength":2})", "\"😀😀😀\"", " must have at most 2 characters, found 3"},
        {R"({"pattern":"b+"})", "\"abc\"", ""},
        {R"({"pattern":"^b"})", "\"abc\"",
         " must match the pattern \"^b\", found the string \"abc\""},
        {R"({"pattern":"^abc$"})", "\"abc\\n\"", "must match"},
        {R"({"pattern":"^.{2}$"})", "\"é😀\"", ""},
        {R"({"items":{"type":"string"}})", R"(["a",1,"b",2])", "/1 must be a string"},
        {R"({"items":{"type":"string"}})", R"(["a",1,"b",2])", "/3 must be a string"},
        {R"({"minItems":1})", "[1]", ""},
        {R"({"minItems":1})", "[]", " must have at least 1 items, found 0"},
        {R"({"maxItems":1})", "[1]", ""},
        {R"({"maxItems":1})", "[1,2]", " must have at most 1 items, found 2"},
        {R"({"uniqueItems":true})", R"([1,"1",true,null,[1],{"a":1}])", ""},
        {R"({"uniqueItems":true})", R"([1,2,1.0])",
         "/2 must differ from the other items, equals item 0"},
        {R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2,"a":1}])", "/1 must differ"},
        {R"({"uniqueItems":false})", "[1,1]", ""},
        {R"({"format":"uri"})", "\"https://dev.azure.com/x?y=%20#z\"", ""},
        {R"({"format":"uri"})", "\"http://[::1]:80/\"", ""},
        {R"({"format":"uri"})", "\"urn:x:y\"", ""},
        {R"({"format":"uri"})", "\"dev.azure.com\"", "must be an absolute URL"},
        {R"({"format":"uri"})", "\"https:///x\"", "must be an absolute URL"},
        {R"({"format":"uri"})", "\"https://\"", "must be an absolute URL"},
        {R"({"format":"uri"})", "\"https://a b\"", "must be an absolute URL"},
        {R"({"format":"uri"})", "\"https://a/%2\"", "must be an absolute URL"},
        {R"({"format":"uri"})", "\"https://a/é\"", "must be an absolute URL"},
        {R"({"format":"uri"})", "\":x\"", "must be an absolute URL"},
        {R"({"format":"uri"})", "\"\"", "must be an absolute URL"},
        {R"({"format":"date-time"})", "\"2026-11-23T20:46:33Z\"", ""},
        {R"({"format":"date-time"})", "\"2026-11-23\"", "must be a date and time"},
        {R"({"format":"date-time"})", "\"2026-13-23T20:46:33Z\"", "must be a date and time"},
        {R"({"format":"email"})", "\"jo+x@a.example\"", ""},
        {R"({"format":"email"})", "\"@a.example\"", "must be an e-mail address"},
        {R"({"format":"email"})", "\"jo@a..example\"", "must be an e-mail address"},
        {R"({"format":"email"})", "\"jo x@a.example\"", "must be an e-mail address"},
        {R"({"format":"ipv4"})", "\"127.0.0.1\"", ""},
        {R"({"format":"ipv4"})", "\"127.0.0\"", "must be an IPv4 address"},
        {R"({"format":"ipv4"})", "\"127.0.0.1\\u0000x\"", "must be an IPv4 address"},
        {R"({"format":"ipv6"})", "\"::1\"", ""},
        {R"({"format":"ipv6"})", "\"[::1]\"", "must be an IPv6 address"},
        {R"({"properties":{"a":{"type":"number"}},"additionalProperties":true})",
         R"({"a":1,"b":2})", ""},
        {R"({"properties":{"a":{"type":"number"}},"additionalProperties":true})",
         R"({"a":"x"})", "/a must be a number"},
        {R"({"format":"duration"})", "\"30s\"", ""},
        {R"({"format":"duration"})", "\"30\"", "must be a duration"},
    };
    for (const Case& c : cases) {
        INFO(c.schema << " on " << c.instance);
        const std::string found = findings(c.schema, c.instance);
        if (*c.finding == '\0')
            CHECK(found.empty());
        else
            CHECK_THAT(found, Contains(std::string(c.finding)));
    }
}

TEST_CASE("schema: members are held against what their names match", "[schema]") {
    const char* schema =
        R"({"type":"object","properties":{"S_1":{"minLength":2}},
        "patternProperties":{"^S_":{"type":"string"},"^N_":{"type":"number"},"_x$":{"minimum":3}},
        "additionalProperties":false})";
    CHECK(findings(schema, R"({"S_1":"ab","S_2":"","N_x":3})").empty());
    CHECK_THAT(findings(schema, R"({"S_2":7})"), Contains("/S_2 must be a string"));
    // By its name and by its pattern; by two patterns.
    CHECK_THAT(findings(schema, R"({"S_1":"a"})"), Contains("/S_1 must have at least 2"));
    CHECK_THAT(findings(schema, R"({"S_1":7})"), Contains("/S_1 must be a string"));
    CHECK_THAT(findings(schema, R"({"N_x":2})"), Contains("/N_x must be at least 3"));
    CHECK_THAT(findings(schema, R"({"s_3":""})"),
               Contains("`s_3` is unknown; accepted: S_1, names that match \"^S_\", names that match "));
}

TEST_CASE("schema: members that nothing names are held against a schema of their own", "[schema]") {
    const char* schema =
        R"({"properties":{"known":{"type":"number"}},"patternProperties":{"^x-":{}},
        "additionalProperties":{"type":"object","properties":{"n":{"type":"number","default":1}},
        "additionalProperties":false}})";
    CHECK(findings(schema, R"({"known":1,"x-any":true,"other":{"n":2}})").empty());
    CHECK_THAT(findings(schema, R"({"other":1})"), Contains("/other must be an object"));
    CHECK_THAT(findings(schema, R"({"a/b":{"m":1}})"), Contains("/a~1b/m `m` is unknown"));
    json::Value filled = value(R"({"known":1,"x-any":{},"other":{}})");
    compiled(schema).fill_defaults(filled);
    CHECK(json::write(filled) == R"({"known":1,"x-any":{},"other":{"n":1}})");
}

TEST_CASE("schema: a required member may be one that a pattern names", "[schema]") {
    const char* schema = R"({"properties":{"a":{}},"patternProperties":{"^b":{"type":"string"}},
        "additionalProperties":false,"required":["a","bc"]})";
    CHECK(findings(schema, R"({"a":1,"bc":"x"})").empty());
    CHECK_THAT(findings(schema, R"({"a":1})"), Contains("/bc `bc` is required"));
}

TEST_CASE("schema: what is under a pattern of names may be secret", "[schema]") {
    const auto schema = compiled(
        R"({"patternProperties":{"^s":{"type":"string","maxLength":3,"x-secret":true}},
        "additionalProperties":{"x-secret":true,"type":"number"}})");
    const json::Value given = value(R"({"sa":"hidden","other":"concealed"})");
    CHECK(schema.secrets(given) == std::vector<std::string>{"/sa", "/other"});
    CHECK_THAT(lines(schema.validate(given)),
               Contains("/sa must have at most 3") && Contains("/other must be a number") &&
                   !Contains("hidden") && !Contains("concealed"));
}

TEST_CASE("schema: unknown and missing members are named", "[schema]") {
    const char* schema =
        R"({"type":"object","additionalProperties":false,"required":["organization","url"],
        "properties":{"organization":{"type":"string"},"url":{"type":"string"}}})";
    CHECK(findings(schema, R"({"organization":"c","url":"u"})").empty());
    const std::string found = findings(schema, R"({"organisation":"c","a/b~":1})");
    CHECK_THAT(found,
               Contains("/organisation `organisation` is unknown; accepted: organization, url; "
                        "did you mean `organization`?"));
    CHECK_THAT(found, Contains("/a~1b~0 `a/b~` is unknown"));
    CHECK_THAT(found, Contains("/organization `organization` is required"));
    CHECK_THAT(found, Contains("/url `url` is required"));
}

TEST_CASE("schema: an object closed without properties takes no members", "[schema]") {
    CHECK(findings(R"({"additionalProperties":false})", "{}").empty());
    CHECK_THAT(findings(R"({"additionalProperties":false})", R"({"a":1})"),
               Contains("no members are accepted"));
}

TEST_CASE("schema: findings deep inside have their pointers", "[schema]") {
    const char* schema = R"({"properties":{"list":{"type":"array","items":{"type":"object",
        "additionalProperties":false,"properties":{"n":{"type":"integer"}}}}},"additionalProperties":false})";
    CHECK_THAT(findings(schema, R"({"list":[{"n":1},{"n":"x"}]})"),
               Catch::StartsWith("/list/1/n must be an integer"));
}

namespace {
const char* kAuthorization = R"({"type":"object","oneOf":[
    {"type":"object","additionalProperties":false,"required":["token"],"description":"a token",
     "properties":{"kind":{"const":"bearer"},"token":{"type":"string","x-secret":true}}},
    {"type":"object","additionalProperties":false,
     "properties":{"kind":{"const":"basic"},"user":{"type":"string","default":"me"}}}]})";
}

TEST_CASE("schema: oneOf is told apart by its const", "[schema]") {
    CHECK(findings(kAuthorization, R"({"kind":"bearer","token":"t"})").empty());
    CHECK(findings(kAuthorization, R"({"kind":"basic"})").empty());
    CHECK_THAT(findings(kAuthorization, R"({"kind":"bearer"})"),
               Catch::StartsWith("/token `token` is required"));
    CHECK_THAT(findings(kAuthorization, R"({"kind":"basic","token":"t"})"),
               Catch::StartsWith("/token `token` is unknown"));
    CHECK_THAT(
        findings(kAuthorization, R"({"kind":"bearr"})"),
        Catch::StartsWith(
            "/kind found the string \"bearr\", accepted: bearer, basic; did you mean `bearer`?"));
    CHECK_THAT(findings(kAuthorization, R"({"kind":3})"),
               Catch::StartsWith("/kind found the number 3, accepted"));
    CHECK_THAT(findings(kAuthorization, "{}"),
               Catch::StartsWith("/kind `kind` is required; accepted: bearer, basic"));
    CHECK_THAT(findings(kAuthorization, "[]"), Contains("must be an object"));
}

TEST_CASE("schema: a secret is never quoted", "[schema]") {
    const char* member[] = {
        R"({"x-secret":true,"type":"integer"})",
        R"({"x-secret":true,"type":"string","pattern":"^$"})",
        R"({"x-secret":true,"enum":["hunter3","x"]})",
        R"({"x-secret":true,"const":"hunter3"})",
        R"({"x-secret":true,"type":"string","format":"uri"})",
        R"({"x-secret":true,"type":"string","format":"duration"})",
        R"({"x-secret":true,"type":"string","maxLength":1})",
    };
    for (const char* schema : member) {
        INFO(schema);
        const std::string found = findings(
            R"({"additionalProperties":false,"properties":{"s":)" + std::string(schema) + "}}",
            R"({"s":"hunter2"})");
        CHECK_THAT(found, Catch::StartsWith("/s "));
        CHECK_THAT(found, !Contains("hunter"));
    }
    CHECK_THAT(findings(R"({"x-secret":true,"maximum":1})", "31337"), !Contains("31337"));
    CHECK_THAT(findings(R"({"x-secret":true,"items":{"type":"integer"}})", R"(["hunter2"])"),
               !Contains("hunter2"));
    CHECK_THAT(
        findings(
            R"({"x-secret":true,"additionalProperties":false,"properties":{"a":{"type":"integer"}}})",
            R"({"a":"hunter2"})"),
        !Contains("hunter2"));
    CHECK_THAT(findings(R"({"type":"integer"})", R"("hunter2")"), Contains("hunter2"));
}

TEST_CASE("schema: defaults are filled in at every level", "[schema]") {
    const auto schema = compiled(R"({"additionalProperties":false,"properties":{
        "a":{"type":"integer","default":1},
        "b":{"additionalProperties":false,"properties":{"c":{"default":"x"}}},
        "d":{"default":{},"additionalProperties":false,"properties":{"e":{"default":[2]}}},
        "f":{"items":{"additionalProperties":false,"properties":{"g":{"default":null}}}},
        "h":{"type":"string"}}})");
    json::Value given = value(R"({"b":{},"f":[{},{"g":3}]})");
    schema.fill_defaults(given);
    CHECK(given == value(R"({"a":1,"b":{"c":"x"},"d":{"e":[2]},"f":[{"g":null},{"g":3}]})"));
    json::Value written = value(R"({"a":5,"d":{"e":1}})");
    schema.fill_defaults(written);
    CHECK(written == value(R"({"a":5,"d":{"e":1}})"));
    json::Value branch = value(R"({"kind":"basic"})");
    compiled(kAuthorization).fill_defaults(branch);
    CHECK(branch == value(R"({"kind":"basic","user":"me"})"));
    json::Value other = value("3");
    schema.fill_defaults(other);
    CHECK(other == value("3"));
}

TEST_CASE("schema: secrets are listed where they are present", "[schema]") {
    const auto schema = compiled(R"({"additionalProperties":false,"properties":{
        "pat":{"x-secret":true},"none":{"x-secret":true},
        "deep":{"additionalProperties":false,"properties":{"a/b":{"x-secret":true}}},
        "keys":{"items":{"x-secret":true}}}})");
    CHECK(schema.secrets(value(R"({"pat":"x","deep":{"a/b":{"c":1}},"keys":[1,2]})")) ==
          std::vector<std::string>{"/pat", "/deep/a~1b", "/keys/0", "/keys/1"});
    CHECK(schema.secrets(value("[]")).empty());
    CHECK(compiled(kAuthorization).secrets(value(R"({"kind":"bearer","token":"t"})")) ==
          std::vector<std::string>{"/token"});
}

TEST_CASE("schema: one that was never compiled accepts everything", "[schema]") {
    const signalbox::schema::Schema schema;
    json::Value any = value(R"({"a":1})");
    CHECK(schema.validate(any).empty());
    schema.fill_defaults(any);
    CHECK(schema.secrets(any).empty());
}
