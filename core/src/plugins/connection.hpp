#pragma once

#include <memory>
#include <string>

#include "plugins/plugin.hpp"

namespace signalbox::plugins {

/// A plugin's functions and what their caller needs. Immutable; shared by its connections, so that
/// it is there as long as one of them is.
struct Functions {
    signalbox_plugin table;
    Descriptor descriptor;
    std::string origin;
    LogSink& log;
    const Clock& clock;
};

/// What this host offers to plugins. It lives as long as the process, because a plugin does.
const signalbox_host& plugin_host();

/// As Plugin::connect.
Result<std::unique_ptr<Connection>> connect_through(std::shared_ptr<const Functions> functions,
                                                    const json::Value& settings);

}  // namespace signalbox::plugins
