#include "plugins/credential_collector.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "plugins/http_text.hpp"
#include "plugins/verdict_collector.hpp"

namespace signalbox::plugins {

signalbox_credential_writer CredentialCollector::writer() noexcept {
    return {sizeof(signalbox_credential_writer),
            0,
            static_cast<Collector*>(this),
            &on_problem,
            &on_credential,
            &on_outcome,
            &on_reason,
            &on_advice,
            &on_retry_after_ms};
}

void CredentialCollector::finish() noexcept {
    shielded([&] {
        if (credential_said_ == outcome_said_)
            breach("it must give either a credential or an outcome that says why there is none");
    });
}

CredentialCollector& CredentialCollector::of(void* context) noexcept {
    return static_cast<CredentialCollector&>(*static_cast<Collector*>(context));
}

void CredentialCollector::on_credential(void* context, signalbox_text bytes,
                                        std::int64_t valid_ms) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        const auto text = self.read(bytes, "the credential");
        if (!text || !self.once(self.credential_said_, "the credential")) return;
        if (text->empty() || text->size() > limits::plugin_credential_bytes_max) {
            return self.breach("a credential of " + std::to_string(text->size()) +
                               " bytes; accepted are 1 to " +
                               std::to_string(limits::plugin_credential_bytes_max));
        }
        self.credential_.granted = true;
        self.credential_.bytes = *text;
        self.credential_.valid_ms = std::min(valid_ms, limits::plugin_delay_ms_max);
    });
}

void CredentialCollector::on_outcome(void* context, signalbox_outcome outcome) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        if (!self.once(self.outcome_said_, "the outcome")) return;
        const auto known = outcome_of(outcome);
        if (!known || *known == Outcome::accepted || *known == Outcome::effect_unknown) {
            return self.breach("outcome " + std::to_string(outcome) +
                               " says nothing about a missing credential; accepted are RETRYABLE, "
                               "THROTTLED, UNAUTHENTICATED and PERMANENT");
        }
        self.credential_.why_not.outcome = *known;
    });
}

void CredentialCollector::on_reason(void* context, signalbox_text reason) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        if (const auto text = self.read(reason, "the reason"))
            self.credential_.why_not.reason = clean_text(*text, limits::plugin_reason_bytes_max);
    });
}

void CredentialCollector::on_advice(void* context, signalbox_text advice) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        if (const auto text = self.read(advice, "the advice"))
            self.credential_.why_not.advice = clean_text(*text, limits::plugin_reason_bytes_max);
    });
}

void CredentialCollector::on_retry_after_ms(void* context, std::int64_t milliseconds) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        if (milliseconds < 0) return self.breach("retry_after_ms is negative");
        self.credential_.why_not.retry_after_ms =
            std::min(milliseconds, limits::plugin_delay_ms_max);
    });
}

}  // namespace signalbox::plugins
