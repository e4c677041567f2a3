#pragma once

#include "app/context.hpp"
#include "app/options.hpp"

/// The `signalbox runs` commands, over the API.
namespace signalbox::app {

int run_runs_list(const Options& options, const Tools& tools);
int run_runs_rejected(const Options& options, const Tools& tools);
int run_runs_show(const Options& options, const Tools& tools);
int run_runs_logs(const Options& options, const Tools& tools);
int run_runs_redeliver(const Options& options, const Tools& tools);
int run_runs_cancel(const Options& options, const Tools& tools);

}  // namespace signalbox::app
