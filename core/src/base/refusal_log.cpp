#include "base/refusal_log.hpp"

#include <utility>

namespace signalbox {

void RefusalLog::note(const std::string& name, const std::string& reason, const std::string& peer) {
    Refusals& refusals = refusals_[name];
    const std::int64_t now_ms = clock_.steady_ms();
    if (refusals.noted_ms != 0 && now_ms - refusals.noted_ms < every_ms_) {
        ++refusals.unnoted;
        return;
    }
    refusals.noted_ms = now_ms;
    LogEvent event;
    event.level = LogLevel::warning;
    event.name = event_;
    event.fields = {{field_, name},
                    {"reason", reason},
                    {"peer", peer},
                    {"unnoted", std::to_string(std::exchange(refusals.unnoted, 0))}};
    log_.write(event);
}

}  // namespace signalbox
