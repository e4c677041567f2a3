#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"
#include "signalbox/result.hpp"

namespace signalbox::actions {

/// An input that a form shows to nobody (`visible: false`) or lets nobody change (`disabled:
/// true`).
struct InputLock {
    std::string name;
    bool hidden = false;     ///< else disabled
    json::Value only_value;  ///< the default; null: none
};

/// A finding for each locked input that was given all the same: a hidden one is never accepted, a
/// disabled one only with its default. Quotes no value. `properties` are as they came, without
/// defaults.
std::vector<Detail> find_locked(const std::vector<InputLock>& locks, const json::Value& properties);

}  // namespace signalbox::actions
