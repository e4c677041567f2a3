#include "plugins/verdict_collector.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "plugins/http_text.hpp"

namespace signalbox::plugins {

std::optional<Outcome> outcome_of(signalbox_outcome outcome) {
    switch (outcome) {
        case SIGNALBOX_OUTCOME_ACCEPTED:
            return Outcome::accepted;
        case SIGNALBOX_OUTCOME_RETRYABLE:
            return Outcome::retryable;
        case SIGNALBOX_OUTCOME_THROTTLED:
            return Outcome::throttled;
        case SIGNALBOX_OUTCOME_UNAUTHENTICATED:
            return Outcome::unauthenticated;
        case SIGNALBOX_OUTCOME_PERMANENT:
            return Outcome::permanent;
        case SIGNALBOX_OUTCOME_EFFECT_UNKNOWN:
            return Outcome::effect_unknown;
        default:
            return std::nullopt;
    }
}

signalbox_verdict_writer VerdictCollector::writer() noexcept {
    return {sizeof(signalbox_verdict_writer),
            0,
            static_cast<Collector*>(this),
            &on_problem,
            &on_outcome,
            &on_reason,
            &on_advice,
            &on_retry_after_ms,
            &on_external_run,
            &on_state,
            &on_next_step_after_ms,
            &on_finished,
            &on_response};
}

void VerdictCollector::finish() noexcept {
    shielded([&] {
        if (!outcome_said_) return breach("it named no outcome");
        if (verdict_.finished && verdict_.outcome != Outcome::accepted) {
            breach("it said finished() with another outcome than ACCEPTED");
        } else if (verdict_.finished && verdict_.next_step_after_ms >= 0) {
            breach("it said finished() and asked for a next step as well");
        }
    });
}

VerdictCollector& VerdictCollector::of(void* context) noexcept {
    return static_cast<VerdictCollector&>(*static_cast<Collector*>(context));
}

void VerdictCollector::on_outcome(void* context, signalbox_outcome outcome) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        if (!self.once(self.outcome_said_, "the outcome")) return;
        const auto known = outcome_of(outcome);
        if (!known) {
            return self.breach("outcome " + std::to_string(outcome) +
                               " is unknown; accepted are 1 to 6");
        }
        self.verdict_.outcome = *known;
    });
}

void VerdictCollector::on_reason(void* context, signalbox_text reason) noexcept {
    auto& self = of(context);
    self.take_text(reason, self.reason_said_, "the reason", self.verdict_.reason);
}

void VerdictCollector::on_advice(void* context, signalbox_text advice) noexcept {
    auto& self = of(context);
    self.take_text(advice, self.advice_said_, "the advice", self.verdict_.advice);
}

void VerdictCollector::on_retry_after_ms(void* context, std::int64_t milliseconds) noexcept {
    auto& self = of(context);
    self.take_delay(milliseconds, self.retry_after_said_, "retry_after_ms",
                    self.verdict_.retry_after_ms);
}

void VerdictCollector::on_next_step_after_ms(void* context, std::int64_t milliseconds) noexcept {
    auto& self = of(context);
    self.take_delay(milliseconds, self.next_step_said_, "next_step_after_ms",
                    self.verdict_.next_step_after_ms);
}

void VerdictCollector::on_external_run(void* context, signalbox_text id,
                                       signalbox_text link) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        const auto name = self.read(id, "the external run's id");
        const auto place = self.read(link, "the external run's link");
        if (!name || !place || !self.once(self.external_run_said_, "the external run")) return;
        // Both come from the target's reply, so an odd one must not turn a known outcome into a
        // defect: it is left out. A cut id would name another run; a link that is no URL could be a
        // script.
        if (name->size() > limits::external_run_id_bytes_max) {
            self.ignore("an external run id of " + std::to_string(name->size()) + " bytes");
        } else {
            self.verdict_.external_run_id = clean_text(*name, limits::external_run_id_bytes_max);
        }
        if (place->empty()) return;
        if (place->size() > limits::link_bytes_max || !url_fault(*place).empty()) {
            self.ignore("an external link that is too long or no http(s) URL");
        } else {
            self.verdict_.external_link = *place;
        }
    });
}

void VerdictCollector::on_state(void* context, std::uint32_t version,
                                signalbox_text data) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        const auto bytes = self.read(data, "the state");
        if (!bytes || !self.once(self.state_said_, "the state")) return;
        if (bytes->size() > limits::plugin_state_bytes_max) {
            return self.breach("the state has " + std::to_string(bytes->size()) +
                               " bytes; at most " + std::to_string(limits::plugin_state_bytes_max) +
                               " are accepted");
        }
        self.verdict_.state.emplace(version, std::string(*bytes));
    });
}

void VerdictCollector::on_finished(void* context, std::int32_t success) noexcept {
    auto& self = of(context);
    if (self.once(self.finished_said_, "finished")) self.verdict_.finished = success != 0;
}

void VerdictCollector::on_response(void* context, signalbox_text text) noexcept {
    auto& self = of(context);
    self.shielded([&] {
        const auto words = self.read(text, "the response");
        if (!words || !self.once(self.response_said_, "the response")) return;
        self.verdict_.response = clean_text(*words, limits::log_message_bytes_max);
    });
}

void VerdictCollector::take_text(signalbox_text text, bool& said, const char* what,
                                 std::string& into) noexcept {
    shielded([&] {
        const auto read_text = read(text, what);
        if (!read_text || !once(said, what)) return;
        into = clean_text(*read_text, limits::plugin_reason_bytes_max);
    });
}

void VerdictCollector::take_delay(std::int64_t milliseconds, bool& said, const char* what,
                                  std::int64_t& into) noexcept {
    shielded([&] {
        if (!once(said, what)) return;
        if (milliseconds < 0) return breach(std::string(what) + " is negative");
        into = std::min(milliseconds, limits::plugin_delay_ms_max);
    });
}

}  // namespace signalbox::plugins
