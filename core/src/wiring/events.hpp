#pragma once

#include "plugins/plugin.hpp"
#include "signalbox/metrics.hpp"

namespace signalbox::wiring {

/// What plugins count, as one of the core's own figures. The number of series is bounded where they are
/// counted (limits::plugin_events_max for each connection).
class PluginEvents final : public plugins::EventSink {
  public:
    explicit PluginEvents(MetricsSink& metrics) : metrics_(metrics) {}

    void count(std::string_view, std::string_view connection, std::string_view event,
               std::uint64_t amount) override {
        metrics_.add(Counter::plugin_events, {connection, event}, amount);
    }

  private:
    MetricsSink& metrics_;
};

}  // namespace signalbox::wiring
