#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/node.hpp"

/// The bytes of a document before they are parsed.
namespace signalbox::document {

struct TextFault {
    Position position;
    std::string message;
};

/// The first thing in `text` that no document may hold: invalid UTF-8, control characters, a line
/// break that editors do not count as one. None: every character is fine, and lines end with LF or
/// CRLF.
std::optional<TextFault> find_text_fault(std::string_view text);

/// The byte at a place of a text without faults; 0 where the text has none.
char byte_at(std::string_view text, Position position);

/// Does the text begin, after white space, with `{` or `[`?
bool looks_like_json(std::string_view text);

/// JSON as libyaml understands it. It knows no surrogate pairs, so `\ud83d\ude00` becomes
/// `\U0001f600`, and takes tabs between tokens for indentation, so they become spaces.
class YamlFromJson {
  public:
    explicit YamlFromJson(std::string_view json);

    const std::string& text() const { return text_; }
    /// Where a place of text() stands in the original.
    Position original(Position position) const;

  private:
    struct Shortened {
        Position position;  // in text(), just after an escape that lost two characters
    };
    std::string text_;
    std::vector<Shortened> shortened_;
};

}  // namespace signalbox::document
