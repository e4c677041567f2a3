#pragma once

#include <string>
#include <string_view>

namespace azure_standin {

/// A JSON string with its quotes. Bytes that are not UTF-8 are read as Latin-1, so that the result
/// is always valid JSON.
std::string json_string(std::string_view bytes);

/// Standard base64 with padding, in one line.
std::string base64(std::string_view bytes);

}  // namespace azure_standin
