#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace signalbox::config {

/// Line `number` of the config's text with `***` for what is, or may be, a secret that is written out:
/// from each of Config::literal_secrets to the line's end, the lines that belong to such a value, and
/// whatever stands behind a key that by its name holds a secret, unless that is a reference
/// (`{env: NAME}`). Errs on the side of showing too little: a text that could not be read as a tree has
/// its secrets too.
std::string redacted_line(const Config& config, std::string_view text, std::uint32_t number);

}  // namespace signalbox::config
