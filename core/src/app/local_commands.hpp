#pragma once

#include "app/context.hpp"
#include "app/options.hpp"

/// The commands that need no server: they call the core's public functions and print.
namespace signalbox::app {

int run_check(const Options& options, const Tools& tools);
int run_plugins_list(const Options& options, const Tools& tools);
int run_plugins_inspect(const Options& options, const Tools& tools);
int run_sign(const Options& options, const Tools& tools);
int run_verify(const Options& options, const Tools& tools);

/// `signalbox setup ACTION`
int run_setup(const Options& options, const Tools& tools);
/// `signalbox doctor`
int run_doctor(const Options& options, const Tools& tools);

}  // namespace signalbox::app
