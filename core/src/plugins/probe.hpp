#pragma once

#include <filesystem>
#include <vector>

#include "plugins/plugin.hpp"

namespace signalbox::plugins {

/// A connection as it will be made.
struct ProbedConnection {
    json::Value settings;
    ConnectionInfo info;
};

/// Tries a plugin's file out in a child process: opens it, calls its entry, makes and drops each
/// connection. A library's static constructors run while it is opened, and one that throws ends its
/// process: better a child's. Done where the child came to its end, whatever it found, because the
/// caller finds the same and says it better. Errors: `plugin_crashed` (with the signal and the last words
/// on standard error), `plugin_hangs` (over limits::plugin_probe_ms_max). The child is a fork: call it
/// from the control thread, best while there is no other.
Result<Done> probe(const std::filesystem::path& file,
                   const std::vector<ProbedConnection>& connections, const Clock& clock);

}  // namespace signalbox::plugins
