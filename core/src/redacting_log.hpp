#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "signalbox/log.hpp"
#include "wiring/assembly.hpp"

namespace signalbox {

/// Hands log events on with every known secret's value shown as ***, wherever it stands in them: a plugin's
/// words and a target's replies may repeat what they were given. Any thread.
class RedactingLog final : public LogSink {
  public:
    /// Values shorter than this are left alone: they would blot out ordinary words.
    static constexpr std::size_t value_bytes_min = 4;

    explicit RedactingLog(LogSink& next) : next_(next) {}

    /// Adds the config's secrets. Earlier ones stay: what was sent under them may still be told of.
    void learn(const wiring::Assembly& assembly);
    void learn(const std::string& value);

    void write(const LogEvent& event) override;

  private:
    LogSink& next_;
    std::mutex mutex_;
    std::vector<std::string> values_;  // the longest first, as one may be part of another
};

}  // namespace signalbox
