#include "base/meter.hpp"

#include <algorithm>

namespace signalbox {
namespace {

class SilentMetrics final : public MetricsSink {
    void add(Counter, const MetricLabels&, std::uint64_t) override {}
    void set(Gauge, const MetricLabels&, double) override {}
    void observe(Histogram, const MetricLabels&, double) override {}
};

}  // namespace

const char* metric_name(Counter counter) {
    constexpr const char* kNames[] = {
        "signalbox_runs_accepted_total",   "signalbox_runs_held_total",
        "signalbox_runs_finished_total",   "signalbox_attempts_total",
        "signalbox_journal_commits_total", "signalbox_journal_operations_total",
        "signalbox_plugin_events_total",   "signalbox_invocations_rejected_total",
        "signalbox_invocations_replayed_total", "signalbox_rejections_dropped_total",
        "signalbox_clients_refused_total"};
    return kNames[static_cast<std::size_t>(counter)];
}

const char* metric_name(Gauge gauge) {
    constexpr const char* kNames[] = {"signalbox_runs_waiting", "signalbox_runs_in_flight",
                                      "signalbox_oldest_due_unix_ms", "signalbox_runs_held",
                                      "signalbox_runs_waiting_approval"};
    return kNames[static_cast<std::size_t>(gauge)];
}

const char* metric_name(Histogram histogram) {
    constexpr const char* kNames[] = {"signalbox_attempt_ms",
                                      "signalbox_attempt_dns_ms",
                                      "signalbox_attempt_connect_ms",
                                      "signalbox_attempt_tls_ms",
                                      "signalbox_attempt_send_ms",
                                      "signalbox_attempt_wait_ms",
                                      "signalbox_attempt_read_ms",
                                      "signalbox_journal_commit_ms",
                                      "signalbox_journal_batch_operations"};
    return kNames[static_cast<std::size_t>(histogram)];
}

MetricsSink& silent_metrics() {
    static SilentMetrics metrics;
    return metrics;
}

template <class Value>
Value& Meter::at(Series<Value>& series, const MetricLabels& labels) {
    const std::pair<std::string_view, std::string_view> sought(labels.connection, labels.outcome);
    const auto found = series.find(sought);
    if (found != series.end()) return found->second;
    return series.emplace(Key(labels.connection, labels.outcome), Value()).first->second;
}

void Meter::add(Counter counter, const MetricLabels& labels, std::uint64_t count) {
    if (host_) host_->add(counter, labels, count);
    const std::lock_guard lock(mutex_);
    at(counters_[counter], labels) += count;
}

void Meter::set(Gauge gauge, const MetricLabels& labels, double value) {
    if (host_) host_->set(gauge, labels, value);
    const std::lock_guard lock(mutex_);
    at(gauges_[gauge], labels) = value;
}

void Meter::observe(Histogram histogram, const MetricLabels& labels, double value) {
    if (host_) host_->observe(histogram, labels, value);
    const auto bucket = static_cast<std::size_t>(
        std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin());
    const std::lock_guard lock(mutex_);
    Observed& observed = at(histograms_[histogram], labels);
    ++observed.buckets[bucket];
    ++observed.count;
    observed.sum += value;
}

Meter::Snapshot Meter::snapshot() const {
    Snapshot shown;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, series] : counters_) {
        for (const auto& [key, value] : series)
            shown.counters.push_back({name, {key.first, key.second}, value});
    }
    for (const auto& [name, series] : gauges_) {
        for (const auto& [key, value] : series)
            shown.gauges.push_back({name, {key.first, key.second}, value});
    }
    for (const auto& [name, series] : histograms_) {
        for (const auto& [key, observed] : series) {
            shown.histograms.push_back(
                {name, {key.first, key.second}, observed.buckets, observed.count, observed.sum});
        }
    }
    return shown;
}

}  // namespace signalbox
