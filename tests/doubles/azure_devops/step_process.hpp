#pragma once

#include <functional>
#include <map>
#include <string>

#include "stop_signal.hpp"

namespace azure_standin {

struct StepProcess {
    std::string shell;  ///< sh or bash, found on the PATH
    std::string script_file;
    std::string folder;                              ///< where it runs
    std::map<std::string, std::string> environment;  ///< added to ours
};

/// Runs a step to its end and hands over each line it writes, of both streams. Returns its exit
/// code, 128 + signal when it was killed. When `stop` is raised it and its children are killed.
int run_step_process(const StepProcess& process, const StopSignal& stop,
                     const std::function<void(std::string)>& on_line);

}  // namespace azure_standin
