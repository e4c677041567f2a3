#pragma once

#include "app/context.hpp"
#include "app/options.hpp"

namespace signalbox::app {

/// `signalbox serve`: opens and starts the service, prints its URL, waits for a stop signal,
/// drains.
int run_serve(const Options& options, const Tools& tools);

}  // namespace signalbox::app
