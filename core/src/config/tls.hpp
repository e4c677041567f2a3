#pragma once

#include "config/config.hpp"

namespace signalbox::config {

/// Reads every file that a `tls` names and reports, at its place, what cannot be read, is not what it
/// should be, does not belong together, or has expired (a warning). No key is kept or shown.
void check_tls_files(const Config& config, document::Problems& problems);

}  // namespace signalbox::config
