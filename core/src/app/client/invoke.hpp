#pragma once

#include "app/context.hpp"
#include "app/options.hpp"

namespace signalbox::app {

/// `signalbox invoke`: over the API; with `--wait` polls the run to its end.
int run_invoke(const Options& options, const Tools& tools);

/// `signalbox preview`: over the API, or with `--offline` by the core's own function.
int run_preview(const Options& options, const Tools& tools);

}  // namespace signalbox::app
