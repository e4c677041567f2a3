#include "silent_log.hpp"

namespace signalbox {
namespace {

class SilentLog final : public LogSink {
    void write(const LogEvent&) override {}
};

}  // namespace

LogSink& silent_log() {
    static SilentLog log;
    return log;
}

}  // namespace signalbox
