#include "app/files.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>

namespace signalbox::app {

std::optional<std::filesystem::path> usual_config() {
    std::filesystem::path usual = "signalbox.yaml";
    std::error_code ignored;
    if (std::filesystem::exists(usual, ignored)) return usual;
    return std::nullopt;
}

Result<std::filesystem::path> config_file(const Options& options) {
    if (const auto named = options.value("config")) return std::filesystem::path(*named);
    if (const auto usual = usual_config()) return *usual;
    return Error{"usage", "there is no ./signalbox.yaml here; name the config with --config FILE"};
}

Result<std::string> read_bytes(const std::string& file, std::istream& standard_input,
                               std::size_t bytes_max) {
    std::ifstream opened;
    const bool is_standard_input = file == "-";
    const std::string shown = is_standard_input ? "standard input" : "'" + file + "'";
    if (!is_standard_input) {
        opened.open(file, std::ios::binary);
        if (!opened) {
            return Error{"file_unreadable", shown + " cannot be read: " + std::strerror(errno)};
        }
    }
    std::istream& source = is_standard_input ? standard_input : opened;
    std::string bytes;
    char part[64 * 1024];
    while (source.read(part, sizeof part) || source.gcount() > 0) {
        bytes.append(part, static_cast<std::size_t>(source.gcount()));
        if (bytes.size() > bytes_max) {
            return Error{"file_too_large", shown + " has more than the accepted " +
                                               std::to_string(bytes_max) + " bytes"};
        }
    }
    // A directory opens and then fails to read.
    if (source.bad()) return Error{"file_unreadable", shown + " cannot be read: not a file?"};
    return bytes;
}

}  // namespace signalbox::app
