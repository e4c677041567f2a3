#pragma once

#include <string_view>

#include "signalbox/visibility.hpp"

namespace signalbox {

/// The call into a plugin that a thread is inside of. Empty views: it is in none, or the call is of no run.
struct PluginCall {
    std::string_view plugin;  ///< its name, or its file's while it is being loaded
    std::string_view call;    ///< `load`, `connect`, `plan`, `judge`, `deliver`, …
    std::string_view run;     ///< the run's id
};

/// For a host's crash handler: which plugin runs on the calling thread. Async-signal-safe; the views are
/// valid while that call lasts. The library itself installs no handler.
SIGNALBOX_API PluginCall running_plugin_call() noexcept;

}  // namespace signalbox
