#include <catch2/catch.hpp>

#include "unit/document/support.hpp"

namespace document = signalbox::document;
using document_test::read;

namespace {

std::string place(const document::Node& node, const char* pointer, bool key = false) {
    const document::Position position = position_of(node, pointer, key);
    return std::to_string(position.line) + ":" + std::to_string(position.column);
}

}  // namespace

TEST_CASE("document: columns count code points and lines from one", "[document]") {
    const auto result = read("é😀: {ü: x, z: \"ö\", last: 1}\r\nb: 2\r\n");
    REQUIRE(result.findings().empty());
    CHECK(place(*result.node, "/é😀/z") == "1:15");
    CHECK(place(*result.node, "/é😀/last", true) == "1:20");
    CHECK(place(*result.node, "/b") == "2:4");
}

TEST_CASE("document: a byte order mark is no column", "[document]") {
    const auto result = read("\xEF\xBB\xBFkey: 1");
    CHECK(place(*result.node, "/key", true) == "1:1");
    CHECK(place(*result.node, "/key") == "1:6");
}

TEST_CASE("document: places after surrogate pairs are those of the file", "[document]") {
    const auto result = read("{\"\\ud83d\\ude00\": \"\\ud83d\\ude00\", \"b\": 1,\n \"c\": 2}");
    REQUIRE(result.findings().empty());
    CHECK(place(*result.node, "/😀") == "1:18");
    CHECK(place(*result.node, "/b", true) == "1:34");
    CHECK(place(*result.node, "/b") == "1:39");
    CHECK(place(*result.node, "/c", true) == "2:2");
}

TEST_CASE("document: a pointer finds its place or the nearest parent's", "[document]") {
    const auto result = read("a:\n  b/c~d:\n    - x\n    - y: 1\n");
    const document::Node& node = *result.node;
    CHECK(place(node, "") == "1:1");
    CHECK(place(node, "/a", true) == "1:1");
    CHECK(place(node, "/a") == "2:3");
    CHECK(place(node, "/a/b~1c~0d", true) == "2:3");
    CHECK(place(node, "/a/b~1c~0d/0") == "3:7");
    CHECK(place(node, "/a/b~1c~0d/0", true) == "3:7");
    CHECK(place(node, "/a/b~1c~0d/1/y", true) == "4:7");
    CHECK(place(node, "/a/b~1c~0d/1/y") == "4:10");
    CHECK(place(node, "/a/b~1c~0d/1/absent", true) == "4:7");
    CHECK(place(node, "/a/b~1c~0d/2") == "3:5");
    CHECK(place(node, "/a/b~1c~0d/01") == "3:5");
    CHECK(place(node, "/a/b~1c~0d/-1") == "3:5");
    CHECK(place(node, "/absent/deeper") == "1:1");
    CHECK(place(node, "no pointer") == "1:1");
}

TEST_CASE("document: a character of a text is found where the file has the text as it is",
          "[document]") {
    struct Case {
        const char* text;
        const char* place;  // of the `x` in the member v, or of the text's begin
    };
    const Case cases[] = {
        {"v: a é x", "1:8"},
        {"v: 'a x'", "1:7"},
        {"v: \"a é x\" # c", "1:9"},
        {"v: a x   # c", "1:6"},
        {"{\"u\":\"\\n\",\"v\": \"é x\"}", "1:19"},
        // Escapes, and texts of several lines.
        {"v: 'it''s x'", "1:4"},
        {"v: \"\\t x\"", "1:4"},
        {"v: \"\\u00e9 x\"", "1:4"},
        {"v: a\n  x", "1:4"},
        {"v: |\n  a x\n", "1:4"},
        {"{\"v\": \"\\u00e9 x\"}", "1:7"},
        {"{\"v\": \"\\/ x\"}", "1:7"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        const auto result = read(c.text);
        REQUIRE(result.findings().empty());
        const document::Node& value = *result.node->find("v");
        const document::Position at = value.place().at(value.text, value.text.find('x'));
        CHECK(std::to_string(at.line) + ":" + std::to_string(at.column) == c.place);
    }
    for (const char* text : {"{\"a é x\": 1}", "\"a é x\": 1", "'a é x': 1"}) {
        CAPTURE(text);
        const auto result = read(text);
        const document::Node::Member& member = result.node->members.at(0);
        const std::uint32_t column = member.key_place().at(member.key, member.key.find('x')).column;
        CHECK(column == member.key_position.column + 5);
    }
}

TEST_CASE("document: a missing value stands behind its key", "[document]") {
    const auto result = read("a:\nb: 1\n");
    CHECK(place(*result.node, "/a") == "1:3");
}

TEST_CASE("document: find looks up members only", "[document]") {
    const auto result = read("a: {b: 1}\nc: [1]\n");
    REQUIRE(result.node->find("a") != nullptr);
    CHECK(result.node->find("a")->find("b") != nullptr);
    CHECK(result.node->find("b") == nullptr);
    CHECK(result.node->find("c")->find("0") == nullptr);
}

TEST_CASE("document: a problem prints as compilers print theirs", "[document]") {
    using document::Problem;
    CHECK(to_string(Problem{Problem::Severity::error, "a.yaml", {3, 7}, "no"}) ==
          "a.yaml:3:7: error: no");
    CHECK(to_string(Problem{Problem::Severity::warning, "a.yaml", {3, 0}, "no"}) ==
          "a.yaml:3: warning: no");
    CHECK(to_string(Problem{Problem::Severity::error, "a.yaml", {}, "no"}) == "a.yaml: error: no");
}

TEST_CASE("document: warnings alone are no errors", "[document]") {
    using document::Problem;
    document::Problems problems{{Problem::Severity::warning, "f", {1, 1}, "w"}};
    CHECK_FALSE(has_errors(problems));
    problems.push_back({Problem::Severity::error, "f", {1, 1}, "e"});
    CHECK(has_errors(problems));
    CHECK_FALSE(document::has_errors({}));
}

TEST_CASE("document: kinds have names for messages", "[document]") {
    using Kind = document::Node::Kind;
    CHECK(document::kind_name(Kind::mapping) == std::string("a mapping"));
    CHECK(document::kind_name(Kind::sequence) == std::string("a list"));
    CHECK(document::kind_name(Kind::string) == std::string("a string"));
    CHECK(document::kind_name(Kind::number) == std::string("a number"));
    CHECK(document::kind_name(Kind::boolean) == std::string("a boolean"));
    CHECK(document::kind_name(Kind::null) == std::string("nothing"));
}
