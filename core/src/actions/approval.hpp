#pragma once

#include "actions/action.hpp"
#include "actions/report.hpp"

namespace signalbox::actions {

/// Reads `requiredApproval` (true, false, {type: ANY | ALL}) and `approvalNotification` ({type: email}, which
/// is Port's default, or {type: webhook, url, format: json | slack}) of a document.
void read_approval(const document::Node& document, Action& action, Report& report);

}  // namespace signalbox::actions
