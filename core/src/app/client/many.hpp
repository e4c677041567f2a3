#pragma once

#include <string>

#include "app/context.hpp"
#include "app/options.hpp"

namespace signalbox::app {

/// `runs redeliver` and `runs cancel` by a filter instead of an id: `verb` is the API's. Goes on until
/// nothing matches any more, or `--limit` is reached.
int change_many_runs(const Options& options, const Tools& tools, const std::string& verb);

/// Whether an option of the filter is given.
bool has_filter(const Options& options);

int run_backup(const Options& options, const Tools& tools);

}  // namespace signalbox::app
