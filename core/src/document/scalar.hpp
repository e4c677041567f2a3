#pragma once

#include <string>
#include <string_view>

#include "document/node.hpp"

namespace signalbox::document {

/// What an unquoted scalar means.
struct Resolved {
    Node::Kind kind = Node::Kind::string;
    bool boolean = false;
    json::Value number;
    std::string problem;  ///< why it is refused, or empty; never quotes more than a word like `yes`
};

/// Only `true`, `false`, `null`, nothing and JSON's numbers are not strings. What other readers
/// take for a boolean, for nothing, or for another number than is written, is a problem.
Resolved resolve_plain(std::string_view text);

/// Is this word a boolean to other readers, though not to this one? Fine for keys, refused for
/// values.
bool is_foreign_boolean(std::string_view text);

}  // namespace signalbox::document
