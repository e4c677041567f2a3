#include "runs/approvals.hpp"

#include <algorithm>
#include <utility>

#include "runs/approval.hpp"

namespace signalbox::runs {
namespace {

using journal::Run;
using journal::Sequence;

/// How long to leave the journal alone after it refused a write.
constexpr std::int64_t kJournalPauseMs = 1'000;

}  // namespace

Approvals::Approvals(Executor& executor, const Clock& clock, journal::Journal& journal,
                     MetricsSink& metrics)
    : executor_(executor), clock_(clock), journal_(journal), metrics_(metrics) {
    show();
}

Approvals::~Approvals() {
    if (timer_ != 0) executor_.cancel(timer_);
}

void Approvals::add(Sequence sequence, std::int64_t deadline_ms) {
    const std::int64_t left_ms = std::max<std::int64_t>(0, deadline_ms - clock_.wall_ms());
    const std::int64_t at_ms = deadline_ms == 0 ? 0 : clock_.steady_ms() + left_ms;
    if (!waiting_.emplace(sequence, at_ms).second) return;
    if (at_ms != 0) deadlines_.emplace(at_ms, sequence);
    set_timer();
    show();
}

void Approvals::moved(const Run& run) {
    if (run.state.phase != journal::Phase::waiting_approval) forget(run.sequence);
}

void Approvals::forget(Sequence sequence) {
    const auto found = waiting_.find(sequence);
    if (found == waiting_.end()) return;
    deadlines_.erase({found->second, sequence});
    waiting_.erase(found);
    set_timer();
    show();
}

void Approvals::set_timer() {
    const std::int64_t first_ms = deadlines_.empty() ? 0 : deadlines_.begin()->first;
    if (first_ms == timer_ms_) return;
    if (timer_ != 0) executor_.cancel(std::exchange(timer_, 0));
    timer_ms_ = first_ms;
    if (first_ms == 0) return;
    timer_ = executor_.at(first_ms, [this] {
        timer_ = 0;
        timer_ms_ = 0;
        expire();
    });
}

void Approvals::expire() {
    const std::int64_t steady_ms = clock_.steady_ms();
    const std::int64_t now_ms = clock_.wall_ms();
    while (!deadlines_.empty() && deadlines_.begin()->first <= steady_ms) {
        const Sequence sequence = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        journal_.change(
            sequence, [now_ms](const Run& run) { return expire_approval(run, now_ms); },
            [this, sequence](Result<Run> result) { expired(sequence, result); });
    }
    set_timer();
}

void Approvals::expired(Sequence sequence, const Result<Run>& result) {
    if (result || result.error().code == "run_not_found") return forget(sequence);
    const auto found = waiting_.find(sequence);
    if (found == waiting_.end()) return;
    found->second = clock_.steady_ms() + kJournalPauseMs;
    deadlines_.emplace(found->second, sequence);
    set_timer();
}

void Approvals::show() {
    metrics_.set(Gauge::runs_waiting_approval, {}, static_cast<double>(waiting_.size()));
}

}  // namespace signalbox::runs
