#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/node.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

namespace signalbox::actions {

struct Action;
class JqRun;
class Report;
class WholeEntities;

/// What of an action's inputs is decided by each invocation: `visible` and `disabled`, and every
/// member that is a jqQuery. A query sees `.form` (what was sent, the fixed defaults, and the
/// queried defaults of the inputs before it; no secret inputs), `.entity` and `.user`.
struct InputQueries {
    /// A condition: fixed, or a query's number in the action's jq, which holds unless it gives
    /// false or null.
    struct Rule {
        bool fixed = true;
        std::optional<std::size_t> query;
    };
    /// A member of the schema of an input or of its items.
    struct Keyword {
        std::string name;
        bool of_items = false;
        std::size_t query = 0;
    };
    struct Input {
        std::string name;
        std::vector<Rule> visible;   ///< all of them; those of its step among them
        std::vector<Rule> disabled;  ///< any of them
        std::vector<Keyword> keywords;
        std::optional<std::size_t> default_query;
        bool secret = false;
    };

    std::vector<Input> inputs;  ///< in the order of `dependsOn`; empty: nothing is decided
    std::optional<std::size_t> required_query;
    json::Value schema;  ///< of all inputs, without what queries give

    bool any() const { return !inputs.empty(); }
};

/// May the member `key` of an input (or `required`) be a jqQuery here?
bool is_queried(std::string_view key);

/// Reads them into `action`. `schema` is the one of its inputs.
void read_input_queries(const document::Node& user_inputs, json::Value schema, Report& report,
                        Action& action);

/// Who asks, and about what.
struct Asking {
    const json::Value& entity;  ///< null, an identifier or an object
    const json::Value& user;
    JqRun* jq = nullptr;  ///< null only where the action has no queries
};

/// As check_inputs, for an action that has such inputs. Also refuses inputs that are hidden, and
/// those that are disabled and are not sent as their default. What is hidden is not required; its
/// default is filled in all the same. `whole`: what was taken out of `properties`; a default that a query
/// gave is added to it. Errors `invalid_inputs`, with pointers into the properties; those of JqRun.
Result<json::Value> check_queried_inputs(const Action& action, json::Value properties,
                                         WholeEntities& whole, const Asking& asking);

}  // namespace signalbox::actions
