#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "jq/expressions.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

/// Evaluation. Nothing of libjq is shared between threads.
namespace signalbox::jq {

/// What one thread has compiled. [its own thread]
class Machine {
  public:
    Machine();
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    struct States;

  private:
    friend class Evaluation;
    std::unique_ptr<States> states_;
};

/// The expressions of one job: all with the same `now`. [its machine's thread]
class Evaluation {
  public:
    /// What is told to stop ends with `template_timeout` where it loops next; a call into C cannot
    /// be ended. `machine` and `stop` must outlive this.
    Evaluation(Machine& machine, std::shared_ptr<const Expressions> expressions,
               std::int64_t wall_ms, const std::atomic<bool>& stop);
    ~Evaluation();
    Evaluation(const Evaluation&) = delete;
    Evaluation& operator=(const Evaluation&) = delete;

    /// What `.` is from now on; borrowed until the next call, and converted when first needed.
    void set_context(const json::Value& context);

    /// No output is null; several are an error, because one of them would be lost unseen. Errors:
    /// `template_failed`, whose message ends a sentence that begins with the expression and holds
    /// none of the context's values; `template_timeout`.
    Result<json::Value> evaluate(std::size_t index);

  private:
    struct Context;
    Machine& machine_;
    const std::shared_ptr<const Expressions> expressions_;
    const std::int64_t wall_ms_;
    const std::atomic<bool>& stop_;
    std::unique_ptr<Context> context_;
};

}  // namespace signalbox::jq
