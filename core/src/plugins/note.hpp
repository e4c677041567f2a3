#pragma once

#include <filesystem>
#include <string>

#include "signalbox/result.hpp"

namespace signalbox::plugins {

/// Reads the descriptor (a JSON text) out of a shared library's ELF note without running or mapping
/// any of it. Bounds-checked: any file may be given. Errors: `plugin_unreadable` (no such file, not
/// a regular file), `plugin_not_elf` (not a 64-bit little-endian ELF file, or one that is damaged
/// or cut off), `plugin_no_note` (a library, but not a Signalbox plugin), `plugin_bad_note` (over
/// limits::plugin_note_bytes_max, or two of them).
Result<std::string> read_note(const std::filesystem::path& file);

}  // namespace signalbox::plugins
