#include "app/client/inputs.hpp"

#include <catch2/catch.hpp>

#include "app/client/json.hpp"
#include "app/commands.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

namespace {

Result<Inputs> inputs_of(std::vector<std::string> words, const std::string& standard_input = "") {
    words.insert(words.begin(), {"invoke", "deploy"});
    const auto chosen = choose_command(words);
    const auto options = parse_options(*chosen->command, chosen->rest);
    REQUIRE(options.ok());
    std::istringstream in(standard_input);
    return read_inputs(*options, in);
}

const char* const kAction = R"({"identifier":"deploy","trigger":{"userInputs":{"properties":{
    "version":{"type":"string"},"replicas":{"type":"number"},"dry":{"type":"boolean"},
    "tags":{"type":"array"},"extra":{"type":"object"}},"required":[]}}})";

}  // namespace

TEST_CASE("app: a typed value takes the declared type or stays text", "[app]") {
    const auto [type, text, json] = GENERATE(table<std::string, std::string, std::string>({
        {"string", "1.10", "\"1.10\""},
        {"string", "true", "\"true\""},
        {"string", "null", "\"null\""},
        {"string", "\"q\"", "\"\\\"q\\\"\""},
        {"string", "", "\"\""},
        {"number", "3", "3"},
        {"number", "1.10", "1.10"},
        {"number", "18446744073709551616", "18446744073709551616"},
        {"number", "three", "\"three\""},
        {"number", "null", "\"null\""},
        {"number", "", "\"\""},
        {"integer", "3", "3"},
        {"boolean", "true", "true"},
        {"boolean", "yes", "\"yes\""},
        {"boolean", "1", "\"1\""},
        {"array", "[\"a\", 1]", "[\"a\", 1]"},
        {"array", "a,b", "\"a,b\""},
        {"object", "{\"a\":1e400}", "{\"a\":1e400}"},
        {"object", "[]", "\"[]\""},
        {"entity", "cart", "\"cart\""},
        {"entity", "7", "\"7\""},
        {"entity", " {\"identifier\":\"cart\"}", "{\"identifier\":\"cart\"}"},
        {"entity", "{cart}", "\"{cart}\""},
        {"", "1.10", "1.10"},
        {"", "true", "true"},
        {"", "null", "null"},
        {"", "\"1.10\"", "\"1.10\""},
        {"", "[1]", "[1]"},
        {"", "checkout", "\"checkout\""},
        {"", "01", "\"01\""},
        {"", "1],[2", "\"1],[2\""},
        {"", "", "\"\""},
    }));
    INFO(type << ": " << text);
    CHECK(input_json(text, type) == json);
}

TEST_CASE("app: the invocation follows the types of the action", "[app]") {
    const auto inputs =
        inputs_of({"-i", "version=1.10", "-i", "replicas=3", "-i", "dry=false", "-i", "other=5"});
    REQUIRE(inputs.ok());
    const auto action = parse_object(kAction);
    REQUIRE(action.ok());
    CHECK(invocation_body(*inputs, *action) ==
          R"({"properties":{"version":"1.10","replicas":3,"dry":false,"other":5}})");
    CHECK(invocation_body(*inputs, nullptr) ==
          R"({"properties":{"version":1.10,"replicas":3,"dry":false,"other":5}})");
    CHECK(invocation_body(*inputs, nullptr, {"version", "other"}) ==
          R"({"properties":{"version":"1.10","replicas":3,"dry":false,"other":"5"}})");
}

TEST_CASE("app: an entity is sent as its identifier or as an object", "[app]") {
    const auto action = parse_object(
        R"({"trigger":{"userInputs":{"properties":{"service":{"type":"string","format":"entity"}}}}})");
    REQUIRE(action.ok());
    CHECK(invocation_body(*inputs_of({"-i", "service=cart"}), *action) ==
          R"({"properties":{"service":"cart"}})");
    CHECK(invocation_body(*inputs_of({"-i", R"(service={"identifier":"cart"})"}), *action) ==
          R"({"properties":{"service":{"identifier":"cart"}}})");
}

TEST_CASE("app: no inputs are an empty object", "[app]") {
    CHECK(invocation_body(*inputs_of({}), nullptr) == R"({"properties":{}})");
    CHECK(invocation_body(*inputs_of({"--inputs", "-"}, " { } "), nullptr) ==
          R"({"properties":{ }})");
    CHECK(invocation_body(*inputs_of({"--inputs", "-", "-i", "a=b"}, "{ }"), nullptr) ==
          R"({"properties":{ "a":"b"}})");
}

TEST_CASE("app: a file of inputs is passed on as its bytes", "[app]") {
    const test::Directory directory;
    directory.write("in.json", "{\"n\": 1.10, \"big\": 18446744073709551616}\n");
    const auto inputs = inputs_of({"--inputs", "in.json", "-i", "e=a=b", "-i", "é\"=x"});
    REQUIRE(inputs.ok());
    CHECK(invocation_body(*inputs, nullptr) ==
          "{\"properties\":{\"n\": 1.10, \"big\": "
          "18446744073709551616,\"e\":\"a=b\",\"é\\\"\":\"x\"}}");
}

TEST_CASE("app: inputs that cannot be meant are refused without their values", "[app]") {
    const auto refused = [](const std::vector<std::string>& words, const std::string& in = "") {
        const auto inputs = inputs_of(words, in);
        REQUIRE_FALSE(inputs.ok());
        CHECK_FALSE(contains(inputs.error().message, "hunter2"));
        return inputs.error().message;
    };
    CHECK(contains(refused({"-i", "hunter2"}), "NAME=VALUE"));
    CHECK(contains(refused({"-i", "=hunter2"}), "NAME=VALUE"));
    CHECK(contains(refused({"-i", "a=hunter2", "-i", "a=hunter2"}), "'a' is given twice"));
    CHECK(contains(refused({"-i", "a=1", "--inputs", "-"}, R"({"a":"hunter2"})"),
                   "by -i and by --inputs"));
    CHECK(contains(refused({"--inputs", "-"}, "[\"hunter2\"]"), "must be a JSON object"));
    CHECK(contains(refused({"--inputs", "-"}, "{hunter2}"), "must be a JSON object"));
    CHECK(contains(refused({"--inputs", "missing.json"}), "'missing.json' cannot be read"));
}

TEST_CASE("app: inputs are read up to what the server accepts and not one byte more", "[app]") {
    const std::string head = "{\"a\":\"";
    const std::string tail = "\"}";
    const std::string value(kInputsBytesMax - head.size() - tail.size(), 'x');
    CHECK(inputs_of({"--inputs", "-"}, head + value + tail).ok());
    CHECK(inputs_of({"--inputs", "-"}, head + value + "x" + tail).error().code == "file_too_large");
}
