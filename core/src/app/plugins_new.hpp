#pragma once

#include "app/context.hpp"
#include "app/options.hpp"

namespace signalbox::app {

/// `signalbox plugins new NAME`: writes the SDK's template into the new folder ./NAME, renamed.
int run_plugins_new(const Options& options, const Tools& tools);

}  // namespace signalbox::app
