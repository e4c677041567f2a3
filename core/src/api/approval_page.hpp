#pragma once

#include <string>
#include <vector>

#include "journal/journal.hpp"
#include "runs/runs.hpp"

namespace signalbox::api {

/// The part of a run's page about its approval: who asked, who decided what, who is still asked, and while it
/// waits the exact request that would be sent. Empty where the run needs none. `upcoming` may be null.
std::string approval_html(const journal::Run& run, const std::vector<std::string>& asked,
                          const runs::Previewed* upcoming);

}  // namespace signalbox::api
