#pragma once

#include "plugins/collector.hpp"
#include "plugins/plugin.hpp"

namespace signalbox::plugins {

/// The outcome of that number; none: there is no such one.
std::optional<Outcome> outcome_of(signalbox_outcome outcome);

/// Takes what one judge() writes.
class VerdictCollector : public Collector {
  public:
    signalbox_verdict_writer writer() noexcept;

    /// After an OK: a verdict without an outcome is a breach.
    void finish() noexcept;

    Verdict& verdict() { return verdict_; }

  private:
    static VerdictCollector& of(void* context) noexcept;
    static void on_outcome(void* context, signalbox_outcome outcome) noexcept;
    static void on_reason(void* context, signalbox_text reason) noexcept;
    static void on_advice(void* context, signalbox_text advice) noexcept;
    static void on_retry_after_ms(void* context, std::int64_t milliseconds) noexcept;
    static void on_external_run(void* context, signalbox_text id, signalbox_text link) noexcept;
    static void on_state(void* context, std::uint32_t version, signalbox_text data) noexcept;
    static void on_next_step_after_ms(void* context, std::int64_t milliseconds) noexcept;

    static void on_finished(void* context, std::int32_t success) noexcept;
    static void on_response(void* context, signalbox_text text) noexcept;

    void take_text(signalbox_text text, bool& said, const char* what, std::string& into) noexcept;
    void take_delay(std::int64_t milliseconds, bool& said, const char* what,
                    std::int64_t& into) noexcept;

    Verdict verdict_;
    bool outcome_said_ = false;
    bool reason_said_ = false;
    bool advice_said_ = false;
    bool retry_after_said_ = false;
    bool external_run_said_ = false;
    bool state_said_ = false;
    bool next_step_said_ = false;
    bool finished_said_ = false;
    bool response_said_ = false;
};

}  // namespace signalbox::plugins
