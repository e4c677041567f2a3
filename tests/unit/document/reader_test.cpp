#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/limits.hpp"
#include "unit/document/support.hpp"

using Catch::Matchers::Contains;
using document_test::read;
namespace document = signalbox::document;

TEST_CASE("document: YAML becomes a tree in the file's order", "[document]") {
    const auto result =
        read("b: [1, x, {c: null}]\na:\n  - true\n  -\nd: |\n  one\n  \ttwo\ne: >\n  f\n  g\n");
    CHECK(result.findings().empty());
    CHECK(result.json() ==
          R"({"b":[1,"x",{"c":null}],"a":[true,null],"d":"one\n\ttwo\n","e":"f g\n"})");
}

TEST_CASE("document: nothing at all is null at the first place", "[document]") {
    for (const char* text : {"", "\n\n", "# only a comment\n", "\xEF\xBB\xBF"}) {
        const auto result = read(text);
        CHECK(result.json() == "null");
        CHECK(result.findings().empty());
        CHECK(result.node->position.line == 1);
        CHECK(result.node->position.column == 1);
    }
}

TEST_CASE("document: JSON is read with every escape it has", "[document]") {
    const auto result =
        read(R"({"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","b":[1,-2.5e3,true,false,null,{}]})");
    CHECK(result.findings().empty());
    CHECK(result.json() ==
          "{\"a\":\"\\\"\\\\/\\b\\f\\n\\r\\té😀\",\"b\":[1,-2500,true,false,null,{}]}");
}

TEST_CASE("document: an escaped backslash before u is no surrogate pair", "[document]") {
    CHECK(read(R"(["\\ud83d\\ude00"])").json() == R"(["\\ud83d\\ude00"])");
}

TEST_CASE("document: JSON may be indented with tabs", "[document]") {
    const auto result = read("\t{\r\n\t\"a\":\t[\n\t1\t],\n\t\"b\": 2}\t\n\t");
    CHECK(result.findings().empty());
    CHECK(result.json() == R"({"a":[1],"b":2})");
}

TEST_CASE("document: what JSON does not have is refused in JSON", "[document]") {
    struct Case {
        const char* text;
        const char* place;
    };
    const Case cases[] = {
        {"{a: 1}", "f:1:2: error: expected a key in double quotes"},
        {"{\"a\": 'b'}", "f:1:7: error: expected a value"},
        {"[yes]", "f:1:2: error: the file begins with"},
        {"[x]", "f:1:2: error: the file begins with"},
        {"[010]", "f:1:2: error: the file begins with"},
        {"[1, 0x10]", "f:1:5: error: the file begins with"},
        {"[123456789012345678901]", "f:1:2: error: an integer of more than 64 bits"},
        {"{\"a\"}", "f:1:5: error: expected `:` and a value after the key"},
        {"{\"a\":}", "f:1:6: error: expected a value"},
        {"[\"a\nb\"]", "f:1:2: error: a line break inside a JSON string"},
        {"[\"a\tb\"]", "f:1:4: error: a control character inside a JSON string"},
        {"[\"ab]", "f:1:2: error: this `\"` is never closed"},
        {"[\"a\\qb\"]", "f:1:4: error: JSON knows no such escape"},
        {"[\"a\\u12g4\"]", "f:1:4: error: \\u wants four hexadecimal digits"},
        {"[\"a\\u12", "f:1:4: error: \\u wants four hexadecimal digits"},
        {"[1] [2]", "f:1:5: error: something follows the value"},
        {"{\"a\": 1", "f:1:1: error: this `{` is never closed"},
        {"[\n  [1, 2\n]", "f:1:1: error: this `[` is never closed"},
        {"[\"\\ud83d\"]", "f:1:3: error: half of a surrogate pair"},
        {"[\"\\ude00\\ud83d\"]", "f:1:3: error: half of a surrogate pair"},
        {"[\"\\ud83dx\"]", "f:1:3: error: half of a surrogate pair"},
        {"[\"\\ud83d\\u0041\"]", "f:1:3: error: half of a surrogate pair"},
        {"[1,, 2]", "f:1:4: error: expected a value, found `,`"},
        {"[1,\n 2,\n]", "f:2:3: error: a comma before `]`"},
        {"{\"a\": 1, }", "f:1:8: error: a comma before `}`"},
        {"{\"a\": 1 \"b\": 2}", "f:1:9: error: expected `,` or `}`"},
        {"{\"a\": 1 # note\n}", "f:1:9: error: JSON has no comments"},
        {"{ // note\n\"a\": 1}", "f:1:3: error: JSON has no comments"},
        {"{\"a\": 1, \"a\": 2}", "f:1:10: error: the key `a` stands twice; the first is on line 1"},
        {"{\"a\\u0000\": 1}", "f:1:2: error: U+0000"},
        {"[\"\\u0000\"]", "f:1:2: error: U+0000"},
    };
    for (const Case& bad : cases) {
        INFO(bad.text);
        CHECK_THAT(read(bad.text).findings(), Contains(std::string(bad.place)));
    }
}

TEST_CASE("document: JSON may have keys and characters that YAML readers refuse", "[document]") {
    const std::string key(3000, 'k');
    const auto result = read("{\"" + key + "\": \"\xE2\x80\xA8\xC2\x85\x7f\",\n \"after\": 1}");
    CHECK(result.findings().empty());
    REQUIRE(result.node.has_value());
    CHECK(result.node->find(key)->text == "\xE2\x80\xA8\xC2\x85\x7f");
    CHECK(result.node->find("after")->position.line == 2);
}

TEST_CASE("document: each mistake has its place and its cure", "[document]") {
    struct Case {
        const char* text;
        const char* place;
        const char* message;
    };
    const Case cases[] = {
        {"a: 1\nb: 2\na: 3\n", "f:3:1: error: ", "`a` stands twice; the first is on line 1"},
        {"a: {x: 1, x: 2}", "f:1:11: error: ", "stands twice"},
        {"a: &x 1", "f:1:4: error: ", "anchors"},
        {"a: *x", "f:1:4: error: ", "aliases"},
        {"&x a: 1", "f:1:1: error: ", "anchors"},
        {"a: !!str 1", "f:1:4: error: ", "tags"},
        {"a: ! 1", "f:1:4: error: ", "tags"},
        {"!x {a: 1}", "f:1:1: error: ", "tags"},
        {"<<: {a: 1}", "f:1:1: error: ", "merge keys"},
        {"%YAML 1.1\n---\na: 1", "f:1:1: error: ", "directives"},
        {"a: 1\n---\nb: 2", "f:2:1: error: ", "second document"},
        {"a:\n\tb: 1", "f:2:1: error: ", "tab"},
        {"a:\n  b: 1\n \tc: 1", "f:3:2: error: ", "tab"},
        {"a: [1,\n \t2]", "f:2:2: error: ", "a tab is used for indentation"},
        {"-\ta: 1", "f:1:2: error: ", "tab"},
        {"1: a", "f:1:1: error: ", "a key must be a string, found a number"},
        {"true: a", "f:1:1: error: ", "a key must be a string, found a boolean"},
        {"null: a", "f:1:1: error: ", "a key must be a string"},
        {"0x10: a", "f:1:1: error: ", "a key must be a string"},
        {"? [a]\n: b", "f:1:3: error: ", "a key must be a string"},
        {"a: {{ .inputs.x }}", "f:1:5: error: ", "put it in quotes"},
        {"a: b: c", "f:1:5: error: ", "quote the value"},
        {"a: 1\n  b: 2", "f:2:4: error: ", "indentation"},
        {"a: \"x\nb: 1\n", "f:1:4: error: ", "never closed"},
        {"a: 'x\n", "f:1:4: error: ", "never closed"},
        {"a: [1\n", "f:1:4: error: ", "never closed"},
        {"a: 1\nb\nc: 2", "f:2:1: error: ", "without a `:`"},
        {"a: @x", "f:1:4: error: ", "quote the value"},
        {"a: `x`", "f:1:4: error: ", "quote the value"},
        {"a: %x", "f:1:4: error: ", "quote the value"},
        {"a: - b", "f:1:4: error: ", "list item"},
        {"- a\nb: c", "f:2:1: error: ", "list"},
        {"a: 'it's'", "f:1:8: error: ", "quote"},
        {"é: x\nü: \"\\0\"", "f:2:4: error: ", "U+0000"},
        {"\"a\\0\": 1", "f:1:1: error: ", "U+0000"},
    };
    for (const Case& bad : cases) {
        INFO(bad.text);
        const std::string findings = read(bad.text).findings();
        CHECK_THAT(findings, Contains(std::string(bad.place)));
        CHECK_THAT(findings, Contains(std::string(bad.message)));
    }
}

TEST_CASE("document: every mistake that leaves a tree is reported", "[document]") {
    const auto result = read("a: yes\nb: &x 1\na: 2\n3: x\nc: 010\n");
    CHECK(result.node.has_value());
    CHECK(result.problems.size() == 5);
    CHECK(result.json() == R"({"a":"yes","b":1,"3":"x","c":"010"})");
}

TEST_CASE("document: tabs inside quoted and block text are text", "[document]") {
    const auto result = read("a: \"x\n\ty\"\nb: |\n  w\n  \tz\nc:\td\n");
    CHECK(result.findings().empty());
    CHECK(result.json() == R"({"a":"x y","b":"w\n\tz\n","c":"d"})");
}

TEST_CASE("document: words such as on and y are fine as keys", "[document]") {
    const auto result = read("on: 1\ny: 2\nno: 3\n");
    CHECK(result.findings().empty());
    CHECK(result.json() == R"({"on":1,"y":2,"no":3})");
}

TEST_CASE("document: messages do not quote a refused value", "[document]") {
    CHECK_THAT(read("secret: 0123456789").findings(), !Contains("123456789"));
    CHECK_THAT(read("secret: 0xdeadbeef").findings(), !Contains("deadbeef"));
    CHECK_THAT(read("secret: \"hunter2\nx: 1").findings(), !Contains("hunter2"));
}

TEST_CASE("document: a file is read and named in its problems", "[document]") {
    const auto directory = std::filesystem::temp_directory_path() / "signalbox_document_reader";
    std::filesystem::create_directories(directory);
    const auto file = directory / "a.yaml";
    std::ofstream(file) << "a: yes\n";
    document::Problems problems;
    CHECK(document::read_file(file, problems).has_value());
    REQUIRE(problems.size() == 1);
    CHECK_THAT(to_string(problems[0]), Catch::StartsWith(file.string() + ":1:4: error: "));

    problems.clear();
    CHECK_FALSE(document::read_file(directory / "absent.yaml", problems).has_value());
    REQUIRE(problems.size() == 1);
    CHECK_THAT(to_string(problems[0]),
               Contains("absent.yaml:1:1: error: the file cannot be opened"));

    problems.clear();
    CHECK_FALSE(document::read_file(directory, problems).has_value());
    REQUIRE(problems.size() == 1);
    CHECK_THAT(to_string(problems[0]), Contains(":1:1: error: the file cannot be read"));
    std::filesystem::remove_all(directory);
}
