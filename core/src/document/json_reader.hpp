#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "document/node.hpp"
#include "document/reporter.hpp"

namespace signalbox::document {

/// Builds the tree of one JSON text (RFC 8259), each node with its place. The first thing that is
/// not JSON ends it with an error there; a key that stands twice, U+0000, and numbers that would
/// lose digits are reported and reading goes on. One thread; borrows both arguments.
class JsonReader {
  public:
    /// `text` is valid UTF-8.
    JsonReader(std::string_view text, Reporter& reporter) : text_(text), reporter_(reporter) {}

    /// None: the text is not JSON, or beyond the limits of documents.
    std::optional<Node> read();

  private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool ended() const { return at_ >= text_.size(); }
    Position here() const { return {line_, column_}; }
    void step();
    void skip_blanks();
    std::nullopt_t fail(Position position, std::string message);
    std::nullopt_t fail_unexpected(std::string_view wanted);

    std::optional<Node> value(std::size_t depth);
    std::optional<Node> word();
    bool members(Node& object, std::size_t depth);
    bool items(Node& array, std::size_t depth);
    /// After a member or an item: true and `more` says whether another one follows.
    bool next(char close, Position open, bool& more);
    /// `begins`: as TextPlace::begins.
    std::optional<std::string> string(std::int8_t& begins);
    bool escape(std::string& into, Position start);
    bool unicode(std::string& into, Position start);
    std::optional<unsigned> four_digits(Position start);

    std::string_view text_;
    Reporter& reporter_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t column_ = 1;
    std::size_t nodes_ = 0;
};

}  // namespace signalbox::document
