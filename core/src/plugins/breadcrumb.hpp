#pragma once

#include <string_view>

#include "signalbox/plugin_call.hpp"

namespace signalbox::plugins {

/// While it lives, the thread is inside a call into a plugin: running_plugin_call() says which. They nest.
/// What it is given must outlive it.
class Breadcrumb {
  public:
    /// `trace` as it is kept with the run (base/trace.hpp).
    Breadcrumb(std::string_view plugin, std::string_view call, std::string_view run = {},
               std::string_view trace = {}) noexcept;
    ~Breadcrumb();
    Breadcrumb(const Breadcrumb&) = delete;
    Breadcrumb& operator=(const Breadcrumb&) = delete;

  private:
    const PluginCall before_;
    const std::string_view trace_before_;
};

/// The kept trace of the run that running_plugin_call() names.
std::string_view running_trace() noexcept;

}  // namespace signalbox::plugins
