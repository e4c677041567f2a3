#pragma once

#include "actions/report.hpp"
#include "document/node.hpp"

/// What a form does with inputs: which come first, under which titles, and which wait for others.
/// Nothing of it changes what an invocation may hold, but a mistake in it is a mistake in the
/// document.
namespace signalbox::actions {

/// Checks `order`, `steps` and `titles` of `userInputs`. A name that is neither an input nor a
/// title is a warning: forms leave it out, and so do we.
void check_arrangement(const document::Node& user_inputs, Report& report);

/// Checks each input's `dependsOn`: names of other inputs, and no input waits for itself over
/// others.
void check_dependencies(const document::Node& properties, Report& report);

}  // namespace signalbox::actions
