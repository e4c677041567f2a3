#pragma once

#include <string>
#include <string_view>

namespace webhook {

/// One connection's settings.
struct Settings {
    std::string base_url;  ///< without a slash at its end; empty: any URL
    std::string delivery_id_header;
    std::string authorization;  ///< the name of a secret; empty: none
};

/// From settings that satisfy the descriptor's schema. Throws Refusal for a base_url that no URL can
/// start with.
Settings read_settings(std::string_view text);

}  // namespace webhook
