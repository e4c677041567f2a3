#pragma once

#include <mutex>
#include <string>

#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"

namespace signalbox::app {

enum class LogForm {
    json,      ///< {"time":…,"level":…,"event":…,"message":…, then the fields}
    readable,  ///< 2026-01-31T09:00:00.250Z warning journal_slow  message  field=value
};

/// One event as a line with its line feed. A field that is called as one of the first four members
/// gets `field_` before its name, as a JSON object must not have a key twice.
std::string log_line(const LogEvent& event, LogForm form, std::int64_t wall_ms);

/// Writes each event as one line to a descriptor, which stays the caller's. Any thread; lines of
/// several threads do not mix. A descriptor that fails loses the line: a log must not stop what it
/// describes.
class StreamLog final : public LogSink {
  public:
    StreamLog(int descriptor, LogForm form, const Clock& clock)
        : descriptor_(descriptor), form_(form), clock_(clock) {}
    void write(const LogEvent& event) override;

  private:
    const int descriptor_;
    const LogForm form_;
    const Clock& clock_;
    std::mutex mutex_;
};

}  // namespace signalbox::app
