#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "document/reporter.hpp"
#include "unit/document/support.hpp"

namespace document = signalbox::document;
namespace limits = signalbox::limits;
using Catch::Matchers::Contains;
using document_test::read;

namespace {

std::string repeated(const std::string& text, std::size_t count) {
    std::string all;
    all.reserve(text.size() * count);
    for (std::size_t i = 0; i < count; ++i)
        all += text;
    return all;
}

}  // namespace

TEST_CASE("document: a file of the largest size is read and one byte more is refused",
          "[document]") {
    std::string text = "a: 1\n#";
    text.resize(limits::document_bytes_max, 'x');
    CHECK(read(text).json() == R"({"a":1})");
    text += 'x';
    CHECK(read(text).json() == "none");
    CHECK_THAT(read(text).findings(), Contains("f:1:1: error: the file is larger than 1 MiB"));
}

TEST_CASE("document: the deepest nesting is read and one level more is refused", "[document]") {
    const std::size_t deepest = limits::document_depth_max;
    const std::string json = repeated("[", deepest) + repeated("]", deepest);
    CHECK(read(json).json() == json);
    CHECK_THAT(read("[" + json + "]").findings(),
               Contains("f:1:65: error: the document nests deeper than 64"));
    CHECK(read("[" + json + "]").json() == "none");
    CHECK(read(repeated("- ", deepest) + "x").findings().empty());
    CHECK_THAT(read(repeated("- ", deepest + 1) + "x").findings(),
               Contains("nests deeper than 64"));
}

TEST_CASE("document: the most values are read and one more is refused", "[document]") {
    const std::string most = repeated("- 1\n", limits::document_nodes_max - 1);
    const auto result = read(most);
    CHECK(result.findings().empty());
    CHECK(result.node->items.size() == limits::document_nodes_max - 1);
    CHECK_THAT(read(most + "- 1\n").findings(),
               Contains("f:100000:3: error: the document has more than 100000"));
}

TEST_CASE("document: the most problems are shown and then one that says there are more",
          "[document]") {
    const auto at_limit = read(repeated("- yes\n", limits::document_problems_max));
    CHECK(at_limit.problems.size() == limits::document_problems_max);
    CHECK_THAT(at_limit.findings(), !Contains("more problems"));
    const auto past = read(repeated("- yes\n", limits::document_problems_max + 1));
    CHECK(past.problems.size() == limits::document_problems_max + 1);
    CHECK_THAT(to_string(past.problems.back()),
               Catch::StartsWith("f: error: there are more problems"));
    CHECK(read(repeated("- yes\n", 5'000)).problems.size() == limits::document_problems_max + 1);
}

TEST_CASE("document: dropped errors never hide behind warnings", "[document]") {
    document::Problems problems;
    document::Reporter reporter("f", problems);
    for (std::size_t i = 0; i < limits::document_problems_max; ++i)
        reporter.warning({1, 1}, "w");
    CHECK_FALSE(has_errors(problems));
    reporter.error({1, 1}, "e");
    CHECK(has_errors(problems));
}

TEST_CASE("document: a place with an error can be kept to that one", "[document]") {
    document::Problems problems{
        {document::Problem::Severity::error, "f", {2, 3}, "first"},
        {document::Problem::Severity::warning, "f", {4, 1}, "only a warning"},
        {document::Problem::Severity::error, "other", {5, 1}, "elsewhere"}};
    document::Reporter reporter("f", problems);
    reporter.hush_known_places();
    reporter.error({2, 3}, "second");
    CHECK(problems.size() == 3);
    reporter.error({2, 4}, "near");
    reporter.error({4, 1}, "now an error");
    reporter.error({5, 1}, "here");
    CHECK(problems.size() == 6);
}
