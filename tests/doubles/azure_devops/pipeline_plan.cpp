#include <Poco/String.h>

#include "expression.hpp"
#include "pipeline.hpp"

namespace azure_standin {
namespace {

// Expands texts until the first issue and remembers that one.
class Expander {
  public:
    Expander(std::string_view alias, const Payload& payload) : alias_(alias), payload_(payload) {}

    std::string text(const std::string& from) {
        Expanded expanded = expand_template(from, alias_, payload_);
        if (issue_.empty()) issue_ = expanded.issue;
        return std::move(expanded.text);
    }

    NamedTexts texts(const NamedTexts& from) {
        NamedTexts result;
        for (const auto& [name, value] : from)
            result.emplace_back(name, text(value));
        return result;
    }

    const std::string& issue() const { return issue_; }

  private:
    std::string_view alias_;
    const Payload& payload_;
    std::string issue_;
};

void override_variable(NamedTexts& variables, const std::string& name, const std::string& value) {
    for (auto& variable : variables) {
        if (Poco::icompare(variable.first, name) != 0) continue;
        variable.second = value;
        return;
    }
    variables.emplace_back(name, value);
}

}  // namespace

std::variant<RunPlan, NoRun> plan_run(const Pipeline& pipeline, const Trigger& trigger,
                                      const Payload& payload, const NamedTexts& overrides) {
    for (const Filter& filter : trigger.filters) {
        const Payload::Found found = payload.find(filter.path);
        if (found.kind == Payload::Kind::scalar && found.text == filter.value) continue;
        return NoRun{"filter " + filter.path_text + " = '" + filter.value + "' does not hold"};
    }
    Expander expander(trigger.webhook, payload);
    RunPlan plan;
    plan.pipeline = pipeline.file;
    plan.webhook = trigger.webhook;
    for (const auto& [name, value] : pipeline.variables) {
        override_variable(plan.variables, name, expander.text(value));
    }
    for (const Step& from : pipeline.steps) {
        Step step = from;
        step.script = expander.text(from.script);
        step.display_name = expander.text(from.display_name);
        step.env = expander.texts(from.env);
        plan.steps.push_back(std::move(step));
    }
    if (!expander.issue().empty()) return NoRun{"Trigger issues: " + expander.issue()};
    for (const auto& [name, value] : overrides)
        override_variable(plan.variables, name, value);
    return plan;
}

}  // namespace azure_standin
