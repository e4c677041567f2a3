#pragma once

#include "plugins/collector.hpp"
#include "plugins/plugin.hpp"

namespace signalbox::plugins {

/// Takes what one judge() of a connection step writes.
class CredentialCollector : public Collector {
  public:
    signalbox_credential_writer writer() noexcept;

    /// After an OK: neither a credential nor an outcome, or both, is a breach.
    void finish() noexcept;

    Credential& credential() { return credential_; }

  private:
    static CredentialCollector& of(void* context) noexcept;
    static void on_credential(void* context, signalbox_text bytes, std::int64_t valid_ms) noexcept;
    static void on_outcome(void* context, signalbox_outcome outcome) noexcept;
    static void on_reason(void* context, signalbox_text reason) noexcept;
    static void on_advice(void* context, signalbox_text advice) noexcept;
    static void on_retry_after_ms(void* context, std::int64_t milliseconds) noexcept;

    Credential credential_;
    bool credential_said_ = false;
    bool outcome_said_ = false;
};

}  // namespace signalbox::plugins
