#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"

namespace signalbox {

/// Warns of who was refused, for each name at most once in a while, so that nobody can fill the log; the next
/// line says how many went unnoted. [one thread]
class RefusalLog {
  public:
    /// Clock and log must outlive this, and so must the texts: the event's name (`source_refused`) and the
    /// field that a name stands in (`source`).
    RefusalLog(const Clock& clock, LogSink& log, std::string_view event, std::string_view field,
               std::int64_t every_ms)
        : clock_(clock), log_(log), event_(event), field_(field), every_ms_(every_ms) {}

    /// `name` is one of the config's, or empty for all others together: each is remembered.
    void note(const std::string& name, const std::string& reason, const std::string& peer);

  private:
    struct Refusals {
        std::int64_t noted_ms = 0;
        std::uint64_t unnoted = 0;
    };
    const Clock& clock_;
    LogSink& log_;
    const std::string_view event_;
    const std::string_view field_;
    const std::int64_t every_ms_;
    std::map<std::string, Refusals> refusals_;
};

}  // namespace signalbox
