#include "actions/jq_expressions.hpp"

#include <utility>

#include "actions/action.hpp"
#include "actions/expression.hpp"
#include "actions/report.hpp"
#include "base/limits.hpp"
#include "jq/source.hpp"

namespace signalbox::actions {

Result<std::size_t> JqExpressions::add(std::string_view text, document::Position position,
                                       const std::vector<std::string>& roots) {
    if (std::string problem = jq_root_problem(text, roots); !problem.empty())
        return Error{"unsupported_expression", std::move(problem), {}};
    auto source = jq::make_source(text, unbounded);
    if (!source) return std::move(source).error();
    list.push_back({std::string(text), std::move(*source), position});
    return list.size() - 1;
}

JqRun::JqRun(const Action& action, jq::Machine& machine, const std::atomic<bool>& stop,
             std::int64_t wall_ms)
    : action_(action), evaluation_(machine, action.jq.compiled, wall_ms, stop) {}

Result<json::Value> JqRun::evaluate(std::size_t number) {
    auto value = evaluation_.evaluate(action_.jq.first + number);
    if (value) return value;
    const JqExpressions::One& expression = action_.jq.list[number];
    return Error{value.error().code,
                 "the expression " + jq::shown(expression.text) + " at " + action_.file + ":" +
                     std::to_string(expression.position.line) + ":" +
                     std::to_string(expression.position.column) + " " + value.error().message,
                 {}};
}

void compile_expressions(const std::vector<Action*>& actions, document::Problems& problems) {
    std::vector<std::string> sources;
    for (Action* action : actions) {
        if (sources.size() + action->jq.list.size() > limits::jq_expressions_max) {
            Report(action->file, problems, *action)
                .unavailable(action->jq.list.front().position,
                             "all actions together have more than " +
                                 std::to_string(limits::jq_expressions_max) +
                                 " expressions that are no plain paths");
            action->jq.list.clear();
            continue;
        }
        action->jq.first = sources.size();
        for (const JqExpressions::One& expression : action->jq.list)
            sources.push_back(expression.source);
    }
    if (sources.empty()) return;
    const auto compiled = std::make_shared<const jq::Expressions>(sources);
    auto refused = compiled->refused().begin();
    for (Action* action : actions) {
        if (action->jq.list.empty()) continue;
        action->jq.compiled = compiled;
        const std::size_t end = action->jq.first + action->jq.list.size();
        for (; refused != compiled->refused().end() && refused->index < end; ++refused) {
            const JqExpressions::One& one = action->jq.list[refused->index - action->jq.first];
            Report(action->file, problems, *action)
                .unavailable(one.position, "the expression " + jq::shown(one.text) +
                                               " is not jq: " + refused->message);
        }
    }
}

}  // namespace signalbox::actions
