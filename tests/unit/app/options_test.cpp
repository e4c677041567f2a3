#include "app/options.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;
using namespace signalbox::app;

namespace {

const Command kCommand = {
    "probe",
    "for tests",
    {{"ACTION"}, {"FILE", false}},
    {{"signature", "VALUE", ""},
     {"strict", "", "", 's'},
     {"input", "NAME=VALUE", "", 'i', true},
     {"config", "FILE", ""}},
    {"signalbox probe x"},
    {},
    nullptr,
};

using Words = std::vector<std::string>;

std::string refusal(const Words& words) {
    const auto parsed = parse_options(kCommand, words);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == "usage");
    return parsed.error().message;
}

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("app: an option takes its value with a blank or an equals sign", "[app]") {
    const Words words =
        GENERATE(Words{"a", "--signature", "v1,abc="}, Words{"a", "--signature=v1,abc="},
                 Words{"--signature=v1,abc=", "a"}, Words{"--signature", "v1,abc=", "a"});
    const auto parsed = parse_options(kCommand, words);
    REQUIRE(parsed.ok());
    CHECK(parsed->value("signature") == "v1,abc=");
    CHECK(parsed->arguments() == Words{"a"});
    CHECK_FALSE(parsed->has("config"));
}

TEST_CASE("app: the value of an option may begin with a dash", "[app]") {
    const std::string value = GENERATE("-abc", "--strict", "--", "-", "-i", "--help");
    for (const Words& words :
         {Words{"a", "--signature", value}, Words{"a", "--signature=" + value}}) {
        const auto parsed = parse_options(kCommand, words);
        REQUIRE(parsed.ok());
        CHECK(parsed->value("signature") == value);
        CHECK_FALSE(parsed->has("strict"));
        CHECK_FALSE(parsed->help_wanted());
    }
}

TEST_CASE("app: short options take the next word or the rest of their own", "[app]") {
    const auto parsed =
        parse_options(kCommand, {"-i", "a=1", "-ib=-2", "x", "-s", "--input", "c="});
    REQUIRE(parsed.ok());
    CHECK(parsed->values("input") == Words{"a=1", "b=-2", "c="});
    CHECK(parsed->has("strict"));
}

TEST_CASE("app: two dashes end the options and one is an argument", "[app]") {
    const auto parsed = parse_options(kCommand, {"--", "--strict", "-"});
    REQUIRE(parsed.ok());
    CHECK(parsed->arguments() == Words{"--strict", "-"});
    CHECK_FALSE(parsed->has("strict"));
    CHECK(parse_options(kCommand, {"a", "-"})->arguments() == Words{"a", "-"});
}

TEST_CASE("app: an empty value is a value", "[app]") {
    const auto parsed = parse_options(kCommand, {"a", "--signature=", "--config", ""});
    REQUIRE(parsed.ok());
    CHECK(parsed->value("signature") == "");
    CHECK(parsed->value("config") == "");
    CHECK(parsed->value_or("config", "other") == "");
    CHECK(parsed->value_or("input", "other") == "other");
}

TEST_CASE("app: an unknown option is refused with the one that was meant", "[app]") {
    CHECK(says(refusal({"a", "--signatur", "x"}), "did you mean --signature?"));
    CHECK(says(refusal({"a", "--hlep"}), "did you mean --help?"));
    CHECK_FALSE(says(refusal({"a", "--telephone"}), "did you mean"));
    CHECK(says(refusal({"a", "-z"}), "has no option -z"));
    CHECK(says(refusal({"a",
                        "--"
                        "x"}),
               "see: signalbox help probe"));
}

TEST_CASE("app: usage errors do not repeat the values of options", "[app]") {
    CHECK_FALSE(says(refusal({"a", "--kye=hunter2"}), "hunter2"));
    CHECK_FALSE(says(refusal({"a", "-khunter2"}), "hunter2"));
    CHECK_FALSE(says(refusal({"a", "--strict=hunter2"}), "hunter2"));
    CHECK_FALSE(says(refusal({"a", "--config=hunter2", "--config=hunter2"}), "hunter2"));
}

TEST_CASE("app: options are refused where they cannot be", "[app]") {
    CHECK(says(refusal({"a", "--signature"}), "--signature needs a value: --signature VALUE"));
    CHECK(says(refusal({"a", "-i"}), "--input needs a value"));
    CHECK(says(refusal({"a", "--strict=yes"}), "--strict takes no value"));
    CHECK(says(refusal({"a", "--strict", "-s"}), "--strict is given more than once"));
    CHECK(says(refusal({"a", "-sx"}), "has no option -s"));
}

TEST_CASE("app: arguments are counted and are not empty", "[app]") {
    CHECK(says(refusal({}), "ACTION is missing"));
    CHECK(says(refusal({""}), "ACTION is empty"));
    CHECK(says(refusal({"a", "b", "c"}), "does not take the argument 'c'"));
    CHECK(parse_options(kCommand, {"a", "b"}).ok());
}

TEST_CASE("app: help needs no arguments", "[app]") {
    const std::string word = GENERATE("--help", "-h");
    const auto parsed = parse_options(kCommand, {word});
    REQUIRE(parsed.ok());
    CHECK(parsed->help_wanted());
}
