#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.hpp"

/// A file as a tree of nodes that know where they stand.
namespace signalbox::document {

/// 1-based; a column counts characters (code points), as editors do. 0: unknown.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// Where a text stands in its file.
struct TextPlace {
    Position position;  ///< of its first character, or of its quote
    /// Columns from there to the first character, where the file has the text as it is and on one line: 0, or 1
    /// for the quote. -1: it has escapes or several lines.
    std::int8_t begins = -1;

    /// The place of the byte at `offset` of the text; the text's own place where that cannot be told.
    Position at(std::string_view text, std::size_t offset) const;
};

/// One finding in a file, ready to be printed as `file:line:column: error: message`.
struct Problem {
    enum class Severity : std::uint8_t { error, warning };
    Severity severity = Severity::error;
    std::string file;
    Position position;
    std::string message;  ///< what was found, what is accepted, what to do; never a secret's value
};
using Problems = std::vector<Problem>;

std::string to_string(const Problem& problem);
bool has_errors(const Problems& problems);

/// A value and its place. Owns its children; a value type.
struct Node {
    enum class Kind : std::uint8_t { null, boolean, number, string, sequence, mapping };
    struct Member;

    Kind kind = Kind::null;
    Position position;
    bool boolean = false;
    json::Value number;           ///< int64, uint64 or double; for Kind::number
    std::string text;             ///< for Kind::string; for scalars of other kinds as written
    std::vector<Node> items;      ///< for Kind::sequence
    std::vector<Member> members;  ///< for Kind::mapping, in the file's order, keys distinct
    std::int8_t text_begins = -1;  ///< as TextPlace::begins

    TextPlace place() const { return {position, text_begins}; }
    const Node* find(std::string_view key) const;
};

struct Node::Member {
    std::string key;
    Position key_position;
    Node value;
    std::int8_t key_begins = -1;  ///< as TextPlace::begins

    TextPlace key_place() const { return {key_position, key_begins}; }
};

const char* kind_name(Node::Kind kind);  ///< `a mapping`, `a string`, … for messages

/// The same tree as a JSON value.
json::Value to_json(const Node& node);

/// The node that a JSON pointer of to_json(node) names; null where it names nothing.
const Node* node_at(const Node& node, std::string_view pointer);

/// Where a JSON pointer of to_json(node) stands in the file; the nearest parent's place where it
/// names nothing. With `key`, the place of the member's key rather than of its value.
Position position_of(const Node& node, std::string_view pointer, bool key = false);

}  // namespace signalbox::document
