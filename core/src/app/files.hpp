#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>

#include "app/options.hpp"
#include "signalbox/result.hpp"

namespace signalbox::app {

/// ./signalbox.yaml, if there is one.
std::optional<std::filesystem::path> usual_config();

/// `--config`, else ./signalbox.yaml. Error `usage` where neither is there.
Result<std::filesystem::path> config_file(const Options& options);

/// All bytes of a file, or of `standard_input` where `file` is `-`. Error `file_unreadable`; more
/// than `bytes_max` bytes are refused as `file_too_large`.
Result<std::string> read_bytes(const std::string& file, std::istream& standard_input,
                               std::size_t bytes_max);

}  // namespace signalbox::app
