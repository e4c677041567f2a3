#pragma once

#include <vector>

#include "actions/action.hpp"
#include "document/node.hpp"
#include "signalbox/import.hpp"

namespace signalbox {

/// The members of a document that are accepted and change nothing, each by its name with the first
/// place and how often it stands there.
std::vector<ImportNote> notes_on_members(const document::Node& document);

/// What has to be done before the action can be invoked: names to fill in, secrets and keys that
/// the config must have, entities of which templates ask more than their identifiers tell.
std::vector<ImportNote> notes_to_do(const actions::Action& action);

}  // namespace signalbox
