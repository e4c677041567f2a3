#include "jq/state.hpp"

#include <new>

namespace signalbox::jq {

State::State() : state_(jq_init()) {
    if (state_ == nullptr) throw std::bad_alloc();
    jq_set_error_cb(state_, hear, this);
    jq_set_debug_cb(state_, nullptr, nullptr);
    jq_set_input_cb(state_, tick, this);
}

State::~State() {
    jq_teardown(&state_);
}

void State::hear(void* self, jv message) {
    auto& heard = static_cast<State*>(self)->heard_;
    // The first one is the cause.
    if (heard.empty() && jv_get_kind(message) == JV_KIND_STRING) heard = jv_string_value(message);
    jv_free(message);
}

jv State::tick(jq_state*, void* self) {
    auto& state = *static_cast<State*>(self);
    if (state.stop_ == nullptr || !state.stop_->load(std::memory_order_relaxed)) return jv_null();
    state.stopped_ = true;
    return jv_invalid_with_msg(jv_string("stopped"));
}

std::string State::compile(const std::string& program) {
    heard_.clear();
    if (jq_compile(state_, program.c_str()) != 0) return {};
    return heard_.empty() ? "it cannot be compiled" : heard_;
}

State::Output State::run(jv input, const std::atomic<bool>& stop) {
    stop_ = &stop;
    stopped_ = false;
    Output output{Output::Kind::none, jv_invalid(), {}};
    jq_start(state_, input, 0);
    jv next = jq_next(state_);
    if (jv_is_valid(next)) {
        const int results = jv_array_length(jv_copy(next));
        if (results > 1) output.kind = Output::Kind::several;
        if (results == 1) output = {Output::Kind::one, jv_array_get(jv_copy(next), 0), {}};
        jv_free(next);
        next = jq_next(state_);  // to its end
    }
    if (!jv_is_valid(next) && jv_invalid_has_msg(jv_copy(next))) {
        if (output.kind == Output::Kind::one) jv_free(output.value);
        output = {Output::Kind::failed, jv_invalid(), {}};
        jv said = jv_invalid_get_msg(jv_copy(next));
        if (jv_get_kind(said) == JV_KIND_STRING) output.message = jv_string_value(said);
        jv_free(said);
    }
    jv_free(next);
    // Lets go of the values: the state is kept for the next one.
    jq_start(state_, jv_null(), 0);
    if (stopped_) {
        if (output.kind == Output::Kind::one) jv_free(output.value);
        output = {Output::Kind::stopped, jv_invalid(), {}};
    }
    stop_ = nullptr;
    return output;
}

}  // namespace signalbox::jq
