#pragma once

#include <memory>

#include "actions/action.hpp"
#include "runs/catalog.hpp"
#include "wiring/assembly.hpp"

namespace signalbox::wiring {

/// Finds the connection that will deliver an action: the one it names, else its plugin's only one,
/// else the one whose `organization` is the document's `org`. What cannot be found makes the action
/// unavailable, with a warning at its place; a member that the plugin refuses is an error there.
runs::Offer bind(std::shared_ptr<const actions::Action> action, Assembly& assembly);

}  // namespace signalbox::wiring
