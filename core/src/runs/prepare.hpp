#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "journal/journal.hpp"
#include "jq/machine.hpp"
#include "json/value.hpp"
#include "runs/catalog.hpp"
#include "signalbox/result.hpp"

namespace signalbox::runs {

/// Who asks, as it is recorded.
struct Caller {
    std::string client;          ///< empty where nobody is named
    std::string origin = "API";  ///< `API`, a source's name
    std::string trace = {};      ///< trace_bytes() of the trace it asks in; empty: a new one
    std::string user = {};       ///< the email of whom the client speaks for; empty: for itself
    json::Value trigger = {};    ///< as a source was told it: what templates see as `.trigger`; null: made here
};

/// The run id that a preview is made under.
inline constexpr std::string_view preview_run_id = "r_preview";

/// The offer of that name. Errors `action_not_found`, `action_unavailable`.
Result<const Offer*> find_offer(const Catalog& catalog, const std::string& action);

/// What evaluates jq: a worker's.
struct Jq {
    jq::Machine& machine;
    const std::atomic<bool>& stop;
};

/// Does beforehand what is the same for each invocation of an offer.
void make_ready(Offer& offer);

/// From an invocation to a run that could be recorded: checks the inputs, fills the templates, and holds
/// the method's members against the plugin's schema. `invocation` is {"properties": {…}, "entity": …}.
/// Errors: `invalid_body`, `invalid_inputs`, `template_failed`, `template_timeout`, `plan_refused`. Pure;
/// any thread where the action has no jq, else with `jq` on that of its machine.
Result<journal::RunSeed> prepare(const Offer& offer, json::Value invocation, const Caller& caller,
                                 std::string run_id, std::int64_t at_ms, const Jq* jq = nullptr);

}  // namespace signalbox::runs
