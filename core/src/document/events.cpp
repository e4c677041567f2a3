#include "document/events.hpp"

#include <array>
#include <new>

#include "document/text.hpp"

namespace signalbox::document {
namespace {

struct Advice {
    std::string_view problem;  // a part of libyaml's words
    std::string_view message;
};

// libyaml says what its grammar missed; these say what a person most likely did.
constexpr std::array<Advice, 10> advices = {{
    {"mapping values are not allowed",
     "a second `: ` stands where a value goes on; quote the value, or check the indentation"},
    {"could not find expected ':'",
     "a key without a `:` after it; write `key: value`, or check the indentation of this line"},
    {"invalid Unicode character escape",
     "this escape is no character; a character beyond U+FFFF is written \\U with eight digits"},
    {"did not find expected <document start>",
     "something stands after the end of the document; a file holds one document, remove the rest"},
    {"did not find expected node content",
     "a value is missing here, or begins with a character that must be quoted; quote the value"},
    {"did not find expected ',' or",
     "a `,` or the closing bracket is missing before this; add it, or quote the value"},
    {"cannot start any token",
     "an unquoted value cannot begin with this character; quote the value"},
    {"did not find expected key",
     "this line fits neither the indentation nor the form of what stands before it; align it with "
     "the "
     "keys above, or quote the value before it"},
    {"did not find expected '-' indicator",
     "this line fits neither the indentation nor the form of the list before it; begin it with `- "
     "`, or "
     "indent it like the rest of its item"},
    {"block sequence entries are not allowed",
     "a list item cannot begin here; put `- ` on a line of its own below the key"},
}};

constexpr const char* kTabMessage = "a tab stands where YAML takes only spaces; indent with spaces";

}  // namespace

std::string_view Event::scalar() const {
    const auto& scalar = raw_.data.scalar;
    return {reinterpret_cast<const char*>(scalar.value), scalar.length};
}

bool Event::has_anchor() const {
    switch (raw_.type) {
        case YAML_SCALAR_EVENT:
            return raw_.data.scalar.anchor != nullptr;
        case YAML_SEQUENCE_START_EVENT:
            return raw_.data.sequence_start.anchor != nullptr;
        case YAML_MAPPING_START_EVENT:
            return raw_.data.mapping_start.anchor != nullptr;
        default:
            return false;
    }
}

bool Event::has_tag() const {
    switch (raw_.type) {
        case YAML_SCALAR_EVENT:
            return raw_.data.scalar.tag != nullptr;
        case YAML_SEQUENCE_START_EVENT:
            return raw_.data.sequence_start.tag != nullptr;
        case YAML_MAPPING_START_EVENT:
            return raw_.data.mapping_start.tag != nullptr;
        default:
            return false;
    }
}

EventSource::EventSource(std::string_view text) : text_(text) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
}

bool EventSource::next(Event& event) {
    yaml_event_delete(&event.raw_);
    if (yaml_parser_parse(&parser_, &event.raw_) != 0) return true;
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    return false;
}

bool EventSource::is_unclosed_quote() const {
    const std::string_view context = parser_.context == nullptr ? "" : parser_.context;
    const std::string_view problem = parser_.problem == nullptr ? "" : parser_.problem;
    return context.find("quoted scalar") != std::string_view::npos &&
           (problem.find("end of stream") != std::string_view::npos ||
            problem.find("document indicator") != std::string_view::npos);
}

bool EventSource::is_unclosed_bracket() const {
    const std::string_view problem = parser_.problem == nullptr ? "" : parser_.problem;
    return problem.starts_with("did not find expected ',' or") &&
           byte_at(text_, to_position(parser_.problem_mark)) == '\0';
}

Position EventSource::problem_position() const {
    const std::string_view problem = parser_.problem == nullptr ? "" : parser_.problem;
    // Where libyaml gave up says little about what was never closed or completed; its beginning
    // does.
    const bool at_beginning =
        is_unclosed_quote() || is_unclosed_bracket() || problem == "could not find expected ':'";
    return to_position(at_beginning ? parser_.context_mark : parser_.problem_mark);
}

std::string EventSource::problem() const {
    if (is_unclosed_quote()) return "a quote that is opened here is never closed; close it";
    if (is_unclosed_bracket()) return "a bracket that is opened here is never closed; close it";
    const std::string_view problem = parser_.problem == nullptr ? "unreadable" : parser_.problem;
    if (byte_at(text_, problem_position()) == '\t' ||
        problem.find("tab character") != std::string_view::npos)
        return kTabMessage;
    for (const Advice& advice : advices) {
        if (problem.find(advice.problem) != std::string_view::npos)
            return std::string(advice.message);
    }
    std::string message = "this is not YAML: ";
    if (parser_.context != nullptr) message += std::string(parser_.context) + ", ";
    return message += problem;
}

Position to_position(const yaml_mark_t& mark) {
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

}  // namespace signalbox::document
