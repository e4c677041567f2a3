#pragma once

#include <vector>

#include "sources/port_channel.hpp"
#include "sources/source.hpp"
#include "wiring/assembly.hpp"

namespace signalbox::wiring {

/// The config's sources with their templates compiled; what is wrong with one is an error at its place: a
/// message is never taken by half a template. Keys are there once secrets are resolved.
std::vector<sources::Source> read_sources(Assembly& assembly);

/// Where their runs are reported.
std::vector<sources::ReportTo> reports_of(const Assembly& assembly);

}  // namespace signalbox::wiring
