#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

/// The email of a person whom a client speaks for, as it is compared and recorded: lower case. None: it is
/// not one, has characters outside ASCII, or is longer than limits::identity_bytes_max.
std::optional<std::string> parse_identity(std::string_view text);

}  // namespace signalbox
