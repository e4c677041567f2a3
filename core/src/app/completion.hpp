#pragma once

#include "app/context.hpp"
#include "app/options.hpp"

namespace signalbox::app {

/// `signalbox completion`: prints a script for bash, made from the command table.
int run_completion(const Options& options, const Tools& tools);

}  // namespace signalbox::app
