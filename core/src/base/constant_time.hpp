#pragma once

#include <string_view>

namespace signalbox {

/// Equal? In a time that depends on the sizes only, never on where the bytes differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace signalbox
