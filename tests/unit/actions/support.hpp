#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "actions/action.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

/// What the tests of this room share.
namespace actions_test {

using namespace signalbox;
using actions::Action;

struct Read {
    std::optional<Action> action;
    document::Problems problems;

    /// Every problem, one a line, as a person sees it.
    std::string text() const {
        std::string all;
        for (const auto& problem : problems)
            all += document::to_string(problem) + "\n";
        return all;
    }
};

inline Read read(std::string_view text) {
    Read result;
    result.action = actions::read_text(text, "a.yaml", result.problems);
    return result;
}

/// An action whose inputs are `inputs`: YAML lines indented by four.
inline std::string with_inputs(const std::string& inputs) {
    return "identifier: a\n"
           "trigger:\n"
           "  type: self-service\n"
           "  operation: CREATE\n"
           "  userInputs:\n" +
           inputs +
           "invocationMethod:\n"
           "  type: WEBHOOK\n"
           "  url: https://example.test\n";
}

/// An action with one input `x`, given as YAML in one line.
inline std::string with_input(const std::string& input) {
    return with_inputs("    properties:\n      x: " + input + "\n");
}

inline Action good(std::string_view text) {
    Read result = read(text);
    INFO(result.text());
    REQUIRE(result.action.has_value());
    REQUIRE(result.problems.empty());
    return *result.action;
}

/// `pointer: message` of each finding, or `accepted as …`.
inline std::string checked(const Action& action, std::string_view properties) {
    const auto value = actions::check_inputs(action, json::parse(properties).value());
    if (value) return "accepted as " + json::write(*value);
    std::string all;
    for (const Detail& detail : value.error().details)
        all += detail.pointer + ": " + detail.message + "\n";
    CHECK(value.error().code == "invalid_inputs");
    return all;
}

}  // namespace actions_test
