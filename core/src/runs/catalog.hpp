#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "actions/action.hpp"
#include "actions/input_encryption.hpp"
#include "schema/schema.hpp"

namespace signalbox::runs {

/// What has to be approved before a run of an action goes out.
struct ApprovalRule {
    bool all = false;              ///< by everybody who is named; else by anyone who may
    std::int64_t deadline_ms = 0;  ///< after the invocation it counts as declined; 0: never
    std::string notify;            ///< the action that is invoked to tell of it; empty: none
};

/// An action as it stands in this Signalbox: bound to the connection that will deliver it, or not.
struct Offer {
    std::shared_ptr<const actions::Action> action;
    std::string connection;
    std::optional<schema::Schema> members;  ///< of the invocation method, from the plugin's descriptor
    /// RunSeed::method where it is always the same, and fits `members`; empty: each invocation makes it.
    std::string method;
    std::shared_ptr<const actions::InputEncryption> encryption;  ///< null: the action has no secret input
    bool ordered = false;  ///< its runs go out one after the other, in a line for each value of order_by
    std::string order_by;  ///< an input; empty: one line
    std::optional<ApprovalRule> approval;  ///< none: its runs go out at once
    bool stamped = false;  ///< its payloads say under `signalbox` which run they are of and when it was made
    /// Why it cannot be invoked here, with file:line:column; empty: it can.
    std::string unavailable;
};

/// The actions by identifier. Immutable while runs are accepted.
using Catalog = std::map<std::string, Offer, std::less<>>;

}  // namespace signalbox::runs
