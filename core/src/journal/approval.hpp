#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::journal {

/// What one approver said of a run that waited; kept with the run for ever.
struct ApprovalDecision {
    bool approves = false;  ///< false: declines
    std::string client;     ///< who called
    std::string user;       ///< the email of whom the client spoke for; empty: for itself
    std::int64_t at_ms = 0;
    std::string comment;
};

/// The approval that a run needs before anything of it is sent.
struct Approval {
    bool all = false;              ///< everybody who is named must approve; else one is enough
    std::int64_t deadline_ms = 0;  ///< Unix ms at which it counts as declined; 0: never
    std::int64_t allowed_ms = 0;   ///< from the approval on, the run's own deadline; 0: none
    std::vector<ApprovalDecision> decisions;  ///< in their order
};

}  // namespace signalbox::journal
