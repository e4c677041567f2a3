#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "document/node.hpp"

/// The bytes of a document before they are parsed.
namespace signalbox::document {

struct TextFault {
    Position position;
    std::string message;
};

/// The first thing in `text` that no document may hold: invalid UTF-8, control characters, a line
/// break that editors do not count as one. None: every character is fine, and lines end with LF or
/// CRLF. With `json` only invalid UTF-8 counts: the JSON reader judges the rest, and JSON's strings may
/// hold what YAML takes for a line break.
std::optional<TextFault> find_text_fault(std::string_view text, bool json);

/// The byte at a place of a text without faults; 0 where the text has none.
char byte_at(std::string_view text, Position position);

/// Code points of a text that is UTF-8.
std::size_t count_characters(std::string_view text);

/// Does the text begin, after white space, with `{` or `[`?
bool looks_like_json(std::string_view text);

/// At most 80 bytes of a text that a message quotes, cut between characters.
std::string shortened(std::string_view text);

}  // namespace signalbox::document
