#include <string>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/limits.hpp"
#include "plugins/file.hpp"
#include "plugins/plugin.hpp"

namespace signalbox::plugins {

Result<Done> check_pin(const std::filesystem::path& path, std::string_view sha256) {
    constexpr std::size_t digest_bytes = 32;
    const auto pinned = from_hex(sha256);
    if (!pinned || pinned->size() != digest_bytes) {
        return Error{"plugin_bad_pin",
                     "sha256 of plugin '" + path.string() +
                         "' is not 64 hexadecimal digits; write what `sha256sum` prints for it."};
    }
    auto file = OpenFile::open(path);
    if (!file) return std::move(file).error();
    if (file->size() > limits::plugin_file_bytes_max) {
        return Error{"plugin_unreadable", "plugin file '" + path.string() + "' has " +
                                              std::to_string(file->size()) + " bytes; at most " +
                                              std::to_string(limits::plugin_file_bytes_max) +
                                              " are accepted."};
    }
    std::string bytes(file->size(), '\0');
    if (!file->read_at(0, bytes.data(), bytes.size())) {
        return Error{"plugin_unreadable",
                     "plugin file '" + path.string() + "' changed while it was read. Try again."};
    }
    const std::string found = signalbox::sha256(bytes);
    if (found != *pinned) {
        return Error{
            "plugin_pin_mismatch",
            "plugin file '" + path.string() + "' has SHA-256 " + to_hex(found) +
                ", but the config pins " + to_hex(*pinned) +
                ". If you meant to change the plugin, write the new digest; if not, do not "
                "run it."};
    }
    return Done{};
}

}  // namespace signalbox::plugins
