#pragma once

#include <string>
#include <string_view>

namespace azure_pipelines {

/// One connection's settings, ready to build URLs from.
struct Settings {
    std::string organization;
    std::string base_url;  ///< without a slash at its end
    std::string api_version;
};

/// From settings that satisfy the descriptor's schema.
Settings read_settings(std::string_view text);

}  // namespace azure_pipelines
