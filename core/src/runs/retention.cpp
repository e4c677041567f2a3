#include "runs/retention.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace signalbox::runs {

bool RetentionRules::keep_all() const {
    return otherwise.keeps_all() &&
           std::all_of(actions.begin(), actions.end(),
                       [](const auto& entry) { return entry.second.keeps_all(); });
}

Retention::Retention(Executor& executor, const Clock& clock, journal::Journal& journal,
                     LogSink& log, RetentionRules rules)
    : executor_(executor),
      clock_(clock),
      journal_(journal),
      log_(log),
      rules_(std::move(rules)),
      started_wall_ms_(clock.wall_ms()),
      started_steady_ms_(clock.steady_ms()) {}

std::int64_t Retention::now_ms() const {
    // The machine's clock may be set to another year by mistake and back again. What it said at the
    // start, and the time since by the steady clock, deletes nothing because of that.
    return started_wall_ms_ + clock_.steady_ms() - started_steady_ms_;
}

void Retention::start() {
    if (!rules_.keep_all()) sleep(first_ms);
}

void Retention::replace(RetentionRules rules) {
    rules_ = std::move(rules);
    replaced_ = sweeping_;
    if (!sweeping_ && timer_ == 0) start();
}

void Retention::stop() {
    stopped_ = true;
    if (timer_ != 0) executor_.cancel(std::exchange(timer_, 0));
}

void Retention::sleep(std::int64_t duration_ms) {
    timer_ = executor_.at(clock_.steady_ms() + duration_ms, [this] {
        timer_ = 0;
        begin();
    });
}

void Retention::begin() {
    deleted_ = 0;
    sweeping_ = true;
    replaced_ = false;
    next_actions({});
}

void Retention::next_actions(const std::string& after) {
    journal_.actions(after, [this](Result<std::vector<std::string>> page) {
        if (stopped_) return;
        if (replaced_) return begin();
        if (!page) return end(&page.error());
        if (page->empty()) return end(nullptr);
        actions_ = std::move(*page);
        action_ = 0;
        next_action();
    });
}

const RetentionRule& Retention::rule_of(const std::string& action) const {
    const auto found = rules_.actions.find(action);
    return found == rules_.actions.end() ? rules_.otherwise : found->second;
}

void Retention::next_action() {
    while (action_ < actions_.size() && rule_of(actions_[action_]).keeps_all())
        ++action_;
    if (action_ == actions_.size()) return next_actions(std::string(actions_.back()));

    const std::string& action = actions_[action_];
    const RetentionRule& rule = rule_of(action);
    step_ = {};
    step_.action = action;
    if (rule.keep_ms != 0) step_.ended_before_ms = now_ms() - rule.keep_ms;
    step_.keyed_before_ms = now_ms() - limits::idempotency_keep_ms_min;
    if (rule.runs == 0) return step();
    journal_.older_than_newest(action, rule.runs, [this](Result<journal::Sequence> cut) {
        if (stopped_) return;
        if (replaced_) return begin();
        if (!cut) return end(&cut.error());
        step_.counted_out = *cut;
        step();
    });
}

void Retention::step() {
    journal_.sweep(step_, [this](Result<journal::Swept> result) { swept(std::move(result)); });
}

void Retention::swept(Result<journal::Swept> result) {
    if (stopped_) return;
    if (replaced_) return begin();
    if (!result) return end(&result.error());
    deleted_ += result->deleted;
    if (result->next != 0) {
        step_.after = result->next;
        return step();
    }
    ++action_;
    next_action();
}

void Retention::end(const Error* error) {
    if (error != nullptr) {
        log_.write({LogLevel::warning, "retention_failed", error->message, {}});
    } else if (deleted_ != 0) {
        log_.write({LogLevel::info, "retention_deleted", "", {{"runs", std::to_string(deleted_)}}});
    }
    sweeping_ = false;
    if (!rules_.keep_all()) sleep(pause_ms);
}

}  // namespace signalbox::runs
