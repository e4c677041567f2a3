#pragma once

#include "app/log_sink.hpp"
#include "signalbox/plugin_call.hpp"

namespace signalbox::app {

/// From here on a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) writes one last log line, which names the
/// plugin whose code was running, and its run; then the signal takes its default course, core dump included.
/// `descriptor` must stay open; `running` must be async-signal-safe. Where a signal has a handler already (a
/// sanitizer's), that one comes after.
void name_the_plugin_of_a_crash(int descriptor, LogForm form, PluginCall (*running)() noexcept);

}  // namespace signalbox::app
