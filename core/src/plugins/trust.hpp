#pragma once

#include <sys/types.h>

#include <filesystem>

#include "signalbox/result.hpp"

namespace signalbox::plugins {

/// The file's real path, if nobody but root and this process's user can put another file there: the file
/// and every folder above it belong to one of the two and are writable by nobody else. A sticky folder of
/// root's, as the system's temporary one is, passes above the plugin's own folder. Errors:
/// `plugin_unreadable`, `plugin_untrusted` (names the path, its owner or mode, and the cure).
Result<std::filesystem::path> check_trust(const std::filesystem::path& file);

/// As check_trust, for a folder and those above it.
Result<std::filesystem::path> check_folder_trust(const std::filesystem::path& folder);

/// The rule for one path; empty: it holds. Split off because a test cannot own files as somebody else.
std::string trust_fault(uid_t owner, mode_t mode, uid_t user, bool is_own_folder);

}  // namespace signalbox::plugins
