#pragma once

#include <string>
#include <vector>

#include "dispatch/target.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "wiring/assembly.hpp"

namespace signalbox::wiring {

/// Loads the plugins that connections use and connects each connection: the first moment at which a
/// plugin's code runs. What fails is a problem of the assembly, at the connection's place.
/// A plugin is first tried out in a child (plugins/probe.hpp). What `serving` (of a reload) has with the same
/// file and the same connections is neither tried, loaded nor connected: those targets have no connection,
/// and Engine::replace leaves them the one that serves.
/// `log`, `clock` and `events`, where plugins count (none: they cannot), must outlive the process's use of the plugins.
std::vector<dispatch::Target> connect(Assembly& assembly, LogSink& log, const Clock& clock,
                                      const std::string& public_url,
                                      plugins::EventSink* events = nullptr,
                                      const Assembly* serving = nullptr);

}  // namespace signalbox::wiring
