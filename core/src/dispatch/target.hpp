#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dispatch/censor.hpp"
#include "dispatch/filling.hpp"
#include "dispatch/policy.hpp"
#include "dispatch/transport.hpp"
#include "journal/journal.hpp"
#include "plugins/plugin.hpp"
#include "signalbox/result.hpp"
#include "signing/scheme.hpp"

namespace signalbox::dispatch {

/// One connection of the config, ready to deliver: the plugin's side, the signature, the policy.
/// [loop thread]
struct Target {
    std::string name;
    std::string plugin_id;
    /// Shared with a blocking call under way. None, until Engine::replace: that of the target it replaces.
    std::shared_ptr<plugins::Connection> connection;
    signing::Signer signer;
    Policy policy;
    std::string public_url;
    std::map<std::string, Policy, std::less<>> by_action;  ///< where an action has its own; else `policy`
    bool traced = true;  ///< its requests carry a `traceparent`
    std::shared_ptr<const Secrets> secrets = nullptr;  ///< that actions may send
    Censor censor = {};  ///< of the connection's own secrets: its settings' and the signature's keys

    const Policy& policy_of(const std::string& action) const {
        const auto own = by_action.find(action);
        return own == by_action.end() ? policy : own->second;
    }
};

/// What an attempt of a run sends: planned by the plugin, then signed. The same code serves preview,
/// delivery and recovery.
struct Composed {
    bool done = false;               ///< the plugin has nothing left to send; the rest is empty
    journal::AttemptRequest record;  ///< as kept and shown
    std::vector<Header> headers;     ///< the plugin's, its secret ones, then the signature's
    bool safe = false;
    Censor censor;  ///< of the plugin's secret headers, which a reply may repeat
    // Where the run has secrets, what leaves is not what is kept: `record` has *** in their places.
    std::shared_ptr<const Filling> filling = nullptr;
    std::string filled_url;
    std::string filled_body;
};

/// Plans and signs attempt `number` of a run. Error `plan_refused` (details point into the invocation
/// method's members), `payload_too_large`, or `plugin_broken`. For a blocking target: checks it, and
/// describes the call as a request with the method DELIVER.
Result<Composed> compose(const Target& target, const journal::RunSeed& seed,
                         const journal::RunState& state, std::int32_t number, std::int64_t wall_ms,
                         std::string_view credential = {});

/// The composed request as the transport takes it. Its headers, and what its filling made, are moved out.
WireRequest to_wire(const Target& target, Composed& composed, const std::string& payload);

/// What the plugin is told of a run; borrows from all of its arguments.
plugins::RunView view_of(const Target& target, const journal::RunSeed& seed,
                         const journal::RunState& state, std::int32_t number, std::int64_t wall_ms);

}  // namespace signalbox::dispatch
