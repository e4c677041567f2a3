#include "actions/input_locks.hpp"

#include "json/door.hpp"
#include "schema/values.hpp"

namespace signalbox::actions {

std::vector<Detail> find_locked(const std::vector<InputLock>& locks,
                                const json::Value& properties) {
    std::vector<Detail> findings;
    const json::Object* given = properties.if_object();
    if (given == nullptr) return findings;
    for (const InputLock& lock : locks) {
        const json::Value* value = given->if_contains(lock.name);
        if (value == nullptr) continue;
        const std::string pointer = "/" + json::escape_token(lock.name);
        if (lock.hidden) {
            findings.push_back(
                {pointer, "is hidden by `visible: false`, and not accepted; leave it out"});
        } else if (lock.only_value.is_null()) {
            findings.push_back({pointer, "is disabled, and not accepted; leave it out"});
        } else if (schema::canonical(*value) != schema::canonical(lock.only_value)) {
            findings.push_back({pointer,
                                "is disabled, and has its default; leave it out, or change the "
                                "action"});
        }
    }
    return findings;
}

}  // namespace signalbox::actions
