#pragma once

#include <string>
#include <vector>

#include "app/context.hpp"

namespace signalbox::app {

/// Runs what the words after the program's name say and returns the exit code. Faults (exceptions)
/// are reported and are exit code 1.
int run_program(const std::vector<std::string>& words, const Tools& tools);

}  // namespace signalbox::app
