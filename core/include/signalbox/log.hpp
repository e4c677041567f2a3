#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox {

/// Of an event.
enum class LogLevel { debug, info, warning, error };

/// One event: a stable name in snake_case, and fields. Values are text; secrets are never put here.
struct LogEvent {
    LogLevel level = LogLevel::info;  ///< how much it matters
    std::string_view name;            ///< `run_accepted`, …; stable
    std::string_view message;  ///< for people; may be empty
    std::vector<std::pair<std::string_view, std::string>> fields;  ///< in order
};

/// Where log lines go. Called from any thread, one call an event; what the views point at is valid during
/// the call only. Must not call back into the Dispatcher.
class LogSink {
  public:
    virtual ~LogSink() = default;
    /// One event.
    virtual void write(const LogEvent& event) = 0;
};

}  // namespace signalbox
