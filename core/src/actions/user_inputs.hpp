#pragma once

#include <memory>

#include "actions/report.hpp"
#include "document/node.hpp"
#include "schema/schema.hpp"

namespace signalbox::actions {

/// Reads `trigger.userInputs` (null: the document has none) in any of Port's three shapes, and
/// makes the schema of an invocation's `properties` from it. Never null: where the inputs cannot be
/// used, the report says so and the schema accepts any object.
/// `as_json`: the schema itself, for what is decided by each invocation (input_queries.hpp).
std::shared_ptr<const schema::Schema> read_user_inputs(const document::Node* user_inputs,
                                                       Report& report,
                                                       json::Value* as_json = nullptr);

}  // namespace signalbox::actions
