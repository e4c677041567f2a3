#pragma once

#include <atomic>
#include <string>

#include "jq/libjq.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

namespace signalbox::jq {

/// One of libjq's interpreters. One thread.
class State {
  public:
    State();
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// Empty: it is compiled. Else what libjq says.
    std::string compile(const std::string& program);

    struct Output {
        enum class Kind { none, one, several, failed, stopped } kind = Kind::none;
        jv value;             ///< of `one`; the caller frees
        std::string message;  ///< of `failed`: libjq's, with the values in it
    };
    /// Runs what was compiled, which gives a list of its first two results, looking at `stop` where a program
    /// loops. Takes `input`.
    Output run(jv input, const std::atomic<bool>& stop);

  private:
    static jv tick(jq_state* state, void* self);
    static void hear(void* self, jv message);

    jq_state* state_;
    const std::atomic<bool>* stop_ = nullptr;
    bool stopped_ = false;
    std::string heard_;
};

}  // namespace signalbox::jq
