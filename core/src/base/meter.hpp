#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "signalbox/metrics.hpp"

namespace signalbox {

/// The figures in memory: what the core counts into, and what `/metrics` reads. Hands everything on to the
/// host's sink, where there is one. Any thread.
class Meter final : public MetricsSink {
  public:
    /// Upper bounds of the histograms' buckets, in milliseconds or operations; one more holds the rest.
    static constexpr std::array<double, 15> bounds = {1,   2.5, 5,    10,   25,   50,    100,  250,
                                                      500, 1000, 2500, 5000, 10000, 30000, 60000};

    /// `host` may be null; it must outlive this.
    explicit Meter(MetricsSink* host = nullptr) : host_(host) {}

    void add(Counter counter, const MetricLabels& labels, std::uint64_t count) override;
    void set(Gauge gauge, const MetricLabels& labels, double value) override;
    void observe(Histogram histogram, const MetricLabels& labels, double value) override;

    struct Labels {
        std::string connection;
        std::string outcome;
    };
    struct Count {
        Counter name;
        Labels labels;
        std::uint64_t value;
    };
    struct Level {
        Gauge name;
        Labels labels;
        double value;
    };
    struct Distribution {
        Histogram name;
        Labels labels;
        std::array<std::uint64_t, bounds.size() + 1> buckets;  ///< each on its own, not cumulative
        std::uint64_t count;
        double sum;
    };
    /// Sorted by name, then by labels.
    struct Snapshot {
        std::vector<Count> counters;
        std::vector<Level> gauges;
        std::vector<Distribution> histograms;
    };
    Snapshot snapshot() const;

  private:
    struct Observed {
        std::array<std::uint64_t, bounds.size() + 1> buckets{};
        std::uint64_t count = 0;
        double sum = 0;
    };
    /// Label texts, found without making strings of them.
    using Key = std::pair<std::string, std::string>;
    struct ByLabels {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const {
            return std::pair<std::string_view, std::string_view>(a.first, a.second) <
                   std::pair<std::string_view, std::string_view>(b.first, b.second);
        }
    };
    template <class Value>
    using Series = std::map<Key, Value, ByLabels>;
    template <class Value>
    static Value& at(Series<Value>& series, const MetricLabels& labels);

    MetricsSink* const host_;
    mutable std::mutex mutex_;
    std::map<Counter, Series<std::uint64_t>> counters_;
    std::map<Gauge, Series<double>> gauges_;
    std::map<Histogram, Series<Observed>> histograms_;
};

/// Counts nothing. Without state, so that sharing it shares nothing.
MetricsSink& silent_metrics();

}  // namespace signalbox
