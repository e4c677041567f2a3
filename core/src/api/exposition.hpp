#pragma once

#include <string>

#include "base/meter.hpp"

namespace signalbox::api {

/// The figures in Prometheus's text format 0.0.4, metrics in a fixed order, labels escaped.
std::string exposition(const Meter::Snapshot& snapshot);

}  // namespace signalbox::api
