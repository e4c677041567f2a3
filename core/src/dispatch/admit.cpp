// What is judged of a run that is recorded now and goes out later, once somebody has approved it.
#include "dispatch/engine.hpp"

namespace signalbox::dispatch {

Result<std::int64_t> Engine::admit(const journal::RunSeed& seed) const {
    if (draining_)
        return Error{"shutting_down", "Signalbox is shutting down; try again shortly"};
    const auto found = lanes_.find(seed.connection);
    if (found == lanes_.end())
        return Error{"unknown_connection", "no connection '" + seed.connection + "'"};
    const Target& target = *found->second->target;
    auto composed = compose(target, seed, journal::RunState{}, 1, seed.created_ms);
    if (!composed) return std::move(composed).error();
    if (composed->done) {
        return Error{"plugin_broken",
                     "plugin '" + target.plugin_id + "' planned nothing to send for a new run"};
    }
    return target.policy_of(seed.action).deadline_ms;
}

std::vector<std::string> Engine::connections() const {
    std::vector<std::string> names;
    for (const auto& [name, lane] : lanes_)
        names.push_back(name);
    return names;
}

bool Engine::signs(const std::string& connection, std::string_view header) const {
    const auto found = lanes_.find(connection);
    return found != lanes_.end() && found->second->target->signer.writes(header);
}

}  // namespace signalbox::dispatch
