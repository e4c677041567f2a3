#pragma once

#include <string>
#include <string_view>

#include <yaml.h>

#include "document/node.hpp"

/// libyaml's parser and its events as resources with one owner.
namespace signalbox::document {

class Event {
  public:
    Event() = default;
    ~Event() { yaml_event_delete(&raw_); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    yaml_event_type_t type() const { return raw_.type; }
    const yaml_event_t& raw() const { return raw_; }
    std::string_view scalar() const;
    bool has_anchor() const;
    bool has_tag() const;

  private:
    friend class EventSource;
    yaml_event_t raw_{};
};

/// Reads events from a text, which must outlive it.
class EventSource {
  public:
    explicit EventSource(std::string_view text);
    ~EventSource() { yaml_parser_delete(&parser_); }
    EventSource(const EventSource&) = delete;
    EventSource& operator=(const EventSource&) = delete;

    /// Puts the next event into `event`; false: the text is not YAML, see problem().
    bool next(Event& event);

    /// After next() failed: where, and what to do about it. Quotes nothing of the text.
    Position problem_position() const;
    std::string problem() const;

  private:
    bool is_unclosed_quote() const;
    bool is_unclosed_bracket() const;

    std::string_view text_;
    yaml_parser_t parser_{};
};

/// 1-based, from libyaml's marks, which count characters (tested).
Position to_position(const yaml_mark_t& mark);

}  // namespace signalbox::document
