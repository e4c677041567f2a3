// How long a thousand actions take to load, and an invocation's inputs and templates to be
// evaluated.
//
//   bench-templates
//
// Prints a line each for actions of plain paths and for 300 actions with an expression of jq among
// them.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "actions/action.hpp"
#include "actions/jq_expressions.hpp"
#include "json/door.hpp"

namespace {

using namespace signalbox;
using Moment = std::chrono::steady_clock;

double ms_since(Moment::time_point begin) {
    return std::chrono::duration<double, std::milli>(Moment::now() - begin).count();
}

std::string document(int number, bool jq) {
    const std::string n = std::to_string(number);
    const std::string name =
        jq ? "{{ .inputs.name | gsub(\" \"; \"-\") | ascii_downcase | . + \"-" + n + "\" }}"
           : "{{ .inputs.name }}";
    return "identifier: action-" + n +
           "\n"
           "trigger:\n"
           "  type: self-service\n"
           "  operation: CREATE\n"
           "  userInputs:\n"
           "    properties:\n"
           "      name: { type: string, maxLength: 40 }\n"
           "      count: { type: number, default: 1 }\n"
           "invocationMethod:\n"
           "  type: WEBHOOK\n"
           "  url: https://example.test/{{ .run.id }}\n"
           "  body:\n"
           "    name: '" +
           name +
           "'\n"
           "    all: '{{ .inputs }}'\n"
           "    context: { runId: '{{ .run.id }}', trigger: '{{ .trigger }}' }\n";
}

std::vector<actions::Action> load(int with_jq) {
    const auto begin = Moment::now();
    document::Problems problems;
    std::vector<actions::Action> all;
    for (int i = 0; i < 1'000; ++i)
        all.push_back(*actions::read_text(document(i, i < with_jq), "a.yaml", problems));
    std::vector<actions::Action*> pointers;
    for (actions::Action& action : all)
        pointers.push_back(&action);
    actions::compile_expressions(pointers, problems);
    std::cout << "1000 actions, " << with_jq << " with jq: loaded in " << ms_since(begin)
              << " ms\n";
    if (!problems.empty()) std::cout << document::to_string(problems.front()) << '\n';
    return all;
}

void invoke(const actions::Action& action, int times) {
    jq::Machine machine;
    const std::atomic<bool> stop{false};
    const json::Value properties = json::parse(R"({"name":"Some Service"})").value();
    double first_ms = 0;
    const auto begin = Moment::now();
    for (int i = 0; i < times; ++i) {
        std::optional<actions::JqRun> jq;
        if (!action.jq.list.empty()) jq.emplace(action, machine, stop, 1'700'000'000'000);
        auto checked = actions::check_inputs(action, properties);
        const auto rendered = actions::render(
            action, {"r_1", std::move(*checked), nullptr, "portal", "", "API", 1'700'000'000'000},
            jq ? &*jq : nullptr);
        if (!rendered) std::cout << rendered.error().message << '\n';
        if (i == 0) first_ms = ms_since(begin);
    }
    std::cout << "  inputs and templates: the first " << first_ms << " ms, then "
              << (ms_since(begin) - first_ms) * 1000 / (times - 1) << " µs each\n";
}

}  // namespace

int main() {
    invoke(load(0).front(), 100'000);
    invoke(load(300).front(), 10'000);
    return 0;
}
