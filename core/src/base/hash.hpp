#pragma once

#include <string>
#include <string_view>

namespace signalbox {

/// 32 raw bytes.
std::string sha256(std::string_view bytes);

}  // namespace signalbox
