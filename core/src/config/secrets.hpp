#pragma once

#include <optional>
#include <string_view>

#include "config/config.hpp"
#include "config/fields.hpp"

namespace signalbox::config {

/// `{env: NAME}` or `{file: PATH}`. Whatever else stands there may be the secret itself, so no
/// message quotes any of it.
std::optional<Secret> read_secret(const document::Node& node, std::string_view key, Scope scope);

}  // namespace signalbox::config
