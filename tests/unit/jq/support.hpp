#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jq/machine.hpp"
#include "jq/source.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace jq_test {

using namespace signalbox;

inline constexpr std::int64_t wall_ms = 1'700'000'000'500;

inline std::shared_ptr<const jq::Expressions> compiled(const std::string& text,
                                                       bool unbounded = false) {
    const auto source = jq::make_source(text, unbounded);
    INFO(text);
    REQUIRE(source.ok());
    return std::make_shared<const jq::Expressions>(std::vector<std::string>{*source});
}

/// The result as JSON, or `code: message`.
inline std::string evaluated(const std::string& text, std::string_view context = "null",
                             bool unbounded = false) {
    const auto expressions = compiled(text, unbounded);
    if (!expressions->refused().empty())
        return "refused: " + expressions->refused().front().message;
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    jq::Evaluation evaluation(machine, expressions, wall_ms, stop);
    const json::Value value = json::parse(context).value();
    evaluation.set_context(value);
    const auto result = evaluation.evaluate(0);
    return result ? json::write(*result) : result.error().code + ": " + result.error().message;
}

}  // namespace jq_test
