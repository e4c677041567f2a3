#include "plugins/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

namespace signalbox::plugins {
namespace {

namespace fs = std::filesystem;

Error unreadable(const fs::path& path, const std::string& why) {
    return {"plugin_unreadable", "plugin file '" + path.string() + "' cannot be read: " + why +
                                     ". Give the path of a plugin's .so file."};
}

std::string octal(mode_t mode) {
    char text[8];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
    return text;
}

Result<Done> check_one(const fs::path& path, const fs::path& plugin, bool is_own_folder) {
    struct stat status;
    if (::stat(path.c_str(), &status) != 0)
        return unreadable(path, std::generic_category().message(errno));
    const auto fault = trust_fault(status.st_uid, status.st_mode, ::geteuid(), is_own_folder);
    if (fault.empty()) return Done{};
    const std::string whose = path == plugin ? "" : " (above plugin '" + plugin.string() + "')";
    return Error{"plugin_untrusted", "'" + path.string() + "'" + whose + " " + fault};
}

/// Symbolic links are followed first, and the real path is what is opened later: so it does not
/// matter who could change a link.
Result<fs::path> check(const fs::path& file, bool is_folder) {
    std::error_code failed;
    const fs::path real = fs::canonical(file, failed);
    if (failed) return unreadable(file, failed.message());
    if (auto checked = check_one(real, real, is_folder); !checked)
        return std::move(checked).error();
    bool own_folder = !is_folder;
    for (fs::path above = real.parent_path();; above = above.parent_path()) {
        if (auto checked = check_one(above, real, own_folder); !checked)
            return std::move(checked).error();
        if (above == above.parent_path()) return real;
        own_folder = false;
    }
}

}  // namespace

Result<fs::path> check_trust(const fs::path& file) {
    return check(file, false);
}

Result<fs::path> check_folder_trust(const fs::path& folder) {
    return check(folder, true);
}

std::string trust_fault(uid_t owner, mode_t mode, uid_t user, bool is_own_folder) {
    if (owner != 0 && owner != user) {
        return "belongs to user " + std::to_string(owner) +
               ", who could replace the plugin; accepted are root and the user that Signalbox "
               "runs as (" +
               std::to_string(user) + "). Put the plugin elsewhere, or pin it by its sha256.";
    }
    const bool open_to_others = (mode & (S_IWGRP | S_IWOTH)) != 0;
    // In a sticky folder nobody can rename or remove what belongs to another.
    const bool sticky = S_ISDIR(mode) && (mode & S_ISVTX) != 0 && owner == 0 && !is_own_folder;
    if (!open_to_others || sticky) return {};
    return "has mode " + octal(mode) +
           ", so others than its owner can write there and replace the plugin. Take that right "
           "away (chmod go-w), or pin the plugin by its sha256.";
}

}  // namespace signalbox::plugins
