#pragma once

#include <memory>
#include <string>

#include "plugins/plugin.hpp"

namespace signalbox::plugins {

/// A plugin's functions and what their caller needs. Immutable; shared by its connections, so that
/// it is there as long as one of them is.
struct Functions {
    signalbox_plugin table;
    const signalbox_blocking* blocking;     ///< null: it speaks HTTP
    const signalbox_connection_step* step;  ///< null: it has none
    Descriptor descriptor;
    std::string origin;
    LogSink& log;
    const Clock& clock;
};

/// What a plugin's entry is given: no connection, so no service but crypto. It lives as long as the
/// process, because a plugin does.
const signalbox_host& plugin_host();

/// As Plugin::connect.
Result<std::unique_ptr<Connection>> connect_through(std::shared_ptr<const Functions> functions,
                                                    const json::Value& settings,
                                                    ConnectionInfo info);

}  // namespace signalbox::plugins
