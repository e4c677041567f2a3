#pragma once

#include "wiring/assembly.hpp"

namespace signalbox {

/// Warns, at its place, of each setting of a connection that is a URL whose host is an address (or
/// localhost) that the connection's `egress` does not allow: it would be refused at the first run.
/// Names are not looked up.
void warn_of_egress(wiring::Assembly& assembly);

}  // namespace signalbox
