#include "jq/machine.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "jq/messages.hpp"
#include "jq/state.hpp"
#include "jq/values.hpp"

namespace signalbox::jq {

/// Of the set that was used last: one that a reload has replaced is dropped with its states.
struct Machine::States {
    std::shared_ptr<const Expressions> expressions;
    std::vector<std::unique_ptr<State>> chunks;

    State& of(const std::shared_ptr<const Expressions>& wanted, std::size_t chunk) {
        if (expressions != wanted) {
            chunks.clear();
            expressions = wanted;
            chunks.resize(wanted->chunks());
        }
        std::unique_ptr<State>& state = chunks[chunk];
        if (!state) {
            state = std::make_unique<State>();
            state->compile(wanted->program(chunk));
        }
        return *state;
    }
};

Machine::Machine() : states_(std::make_unique<States>()) {}
Machine::~Machine() = default;

struct Evaluation::Context {
    const json::Value* value = nullptr;
    std::optional<Result<jv>> converted;

    void clear() {
        if (converted && *converted) jv_free(**converted);
        converted.reset();
    }
};

Evaluation::Evaluation(Machine& machine, std::shared_ptr<const Expressions> expressions,
                       std::int64_t wall_ms, const std::atomic<bool>& stop)
    : machine_(machine),
      expressions_(std::move(expressions)),
      wall_ms_(wall_ms),
      stop_(stop),
      context_(std::make_unique<Context>()) {}

Evaluation::~Evaluation() {
    context_->clear();
}

void Evaluation::set_context(const json::Value& context) {
    context_->clear();
    context_->value = &context;
}

Result<json::Value> Evaluation::evaluate(std::size_t index) {
    if (!context_->converted) context_->converted.emplace(to_jv(*context_->value));
    const Result<jv>& context = *context_->converted;
    if (!context) return context.error();
    const Expressions::Place place = expressions_->place(index);
    State& state = machine_.states_->of(expressions_, place.chunk);
    jv input = jv_array_sized(3);
    input = jv_array_append(input, jv_number(static_cast<double>(place.number)));
    input = jv_array_append(input, jv_number(static_cast<double>(wall_ms_) / 1000));
    input = jv_array_append(input, jv_copy(*context));
    const State::Output output = state.run(input, stop_);
    switch (output.kind) {
        case State::Output::Kind::one:
            return from_jv(output.value);
        case State::Output::Kind::several:
            return Error{"template_failed",
                         "gave several results; put it in [ ] for all of them, or in first(…)",
                         {}};
        case State::Output::Kind::failed:
            return Error{"template_failed",
                         "failed: " + run_message(output.message, expressions_->source(index)),
                         {}};
        case State::Output::Kind::stopped:
            return Error{"template_timeout", "did not end in time", {}};
        case State::Output::Kind::none:
            break;
    }
    return json::Value();
}

}  // namespace signalbox::jq
