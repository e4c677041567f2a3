#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "document/node.hpp"

namespace signalbox::document {

/// Reads one document: the strict YAML that the contract names, or JSON where the text begins with
/// `{` or
/// `[`. Errors, each added to `problems` with its place: syntax, duplicate keys, anchors, aliases,
/// tags, tabs used as indentation, more than one document, keys that are not strings, plain
/// `yes/no/on/off` and their like where a boolean may have been meant, a file over
/// limits::document_bytes_max, more nodes or levels than the limits. Only `true`, `false`, `null`
/// (or nothing) and JSON's numbers are not strings. Returns none where the text could not be read
/// as a tree at all. Any thread.
std::optional<Node> read(std::string_view text, const std::string& file, Problems& problems);

/// As read, from a file; a file that cannot be opened is a problem at 1:1.
std::optional<Node> read_file(const std::filesystem::path& path, Problems& problems);

}  // namespace signalbox::document
