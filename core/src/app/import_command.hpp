#pragma once

#include "app/context.hpp"
#include "app/options.hpp"

namespace signalbox::app {

/// `signalbox import port FILE…`: says of each document what works, what is ignored and what is
/// refused, and writes those that load.
int run_import_port(const Options& options, const Tools& tools);

}  // namespace signalbox::app
