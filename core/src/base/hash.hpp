#pragma once

#include <string>
#include <string_view>

namespace signalbox {

/// 32 raw bytes.
std::string sha256(std::string_view bytes);

/// 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace signalbox
