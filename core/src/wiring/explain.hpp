#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "document/node.hpp"

namespace signalbox::wiring {

/// Each problem as people read it: `file:line:column: error: …`, then the line it is about with a caret
/// below the place. Reads the files again; what is no line any more is left out. Secrets that the config
/// writes out are shown as ***.
std::vector<std::string> explain(const document::Problems& problems, const config::Config& config);

/// The same as one text, a line feed after each problem.
std::string to_text(const document::Problems& problems, const config::Config& config);

}  // namespace signalbox::wiring
