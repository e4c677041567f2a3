#pragma once

#include "signalbox/log.hpp"

namespace signalbox {

/// Where lines go that a host has not asked for. Without state, so that sharing it shares nothing.
LogSink& silent_log();

}  // namespace signalbox
