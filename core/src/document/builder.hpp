#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "document/events.hpp"
#include "document/node.hpp"
#include "document/reporter.hpp"

namespace signalbox::document {

/// Builds one tree from libyaml's events and reports what the strict form does not accept.
class Builder {
  public:
    Builder(std::string_view text, Reporter& reporter);

    /// None: the text is no tree, or one beyond the limits.
    std::optional<Node> build();

  private:
    bool advance();
    std::optional<Node> fail(Position position, std::string message);
    Position start() const { return to_position(event_.raw().start_mark); }

    std::optional<Node> node(std::size_t depth);
    std::optional<Node> collection(std::size_t depth);
    bool fill_sequence(Node& sequence, std::size_t depth);
    bool fill_mapping(Node& mapping, std::size_t depth);
    bool skip_pair(std::size_t depth);
    Node scalar();
    void check_decoration();
    void check_key();
    void check_document_start();
    bool check_end();
    void check_tabs();

    std::string_view text_;
    Reporter& reporter_;
    EventSource source_;
    Event event_;
    std::size_t nodes_ = 0;
    std::vector<std::pair<std::size_t, std::size_t>> continued_;  // lines, 0-based, of long scalars
};

}  // namespace signalbox::document
