#include "document/builder.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/limits.hpp"
#include "document/scalar.hpp"
#include "document/text.hpp"

namespace signalbox::document {
namespace {

bool is_plain(const Event& event) {
    return event.raw().data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool is_scalar(const Event& event) {
    return event.type() == YAML_SCALAR_EVENT;
}

/// As TextPlace::begins. An escape, and whatever else a reader undoes, is longer than what it stands for.
std::int8_t text_begins(const Event& event) {
    const yaml_event_t& raw = event.raw();
    const yaml_scalar_style_t style = raw.data.scalar.style;
    const bool quoted =
        style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (raw.start_mark.line != raw.end_mark.line || (!quoted && style != YAML_PLAIN_SCALAR_STYLE))
        return -1;
    const std::size_t columns = raw.end_mark.column - raw.start_mark.column;
    if (columns != count_characters(event.scalar()) + (quoted ? 2 : 0)) return -1;
    return quoted ? 1 : 0;
}

}  // namespace

Builder::Builder(std::string_view text, Reporter& reporter)
    : text_(text), reporter_(reporter), source_(text) {}

std::optional<Node> Builder::fail(Position position, std::string message) {
    reporter_.error(position, std::move(message));
    return std::nullopt;
}

bool Builder::advance() {
    if (source_.next(event_)) return true;
    reporter_.error(source_.problem_position(), source_.problem());
    return false;
}

std::optional<Node> Builder::build() {
    if (!advance() || !advance()) return std::nullopt;  // the stream's start, then what is in it
    if (event_.type() == YAML_STREAM_END_EVENT) {
        Node nothing;
        nothing.position = {1, 1};
        return nothing;
    }
    check_document_start();
    if (!advance()) return std::nullopt;
    std::optional<Node> root = node(0);
    if (!root || !check_end()) return std::nullopt;
    check_tabs();
    return root;
}

void Builder::check_document_start() {
    const auto& document = event_.raw().data.document_start;
    const bool has_directive = document.version_directive != nullptr ||
                               document.tag_directives.start != document.tag_directives.end;
    if (has_directive)
        reporter_.error(start(), "directives (`%…`) are not accepted; remove the line");
}

bool Builder::check_end() {
    if (!advance() || !advance()) return false;  // the document's end, then the stream's
    if (event_.type() == YAML_STREAM_END_EVENT) return true;
    reporter_.error(start(), "a second document begins here; a file holds one, remove the rest");
    return false;
}

void Builder::check_decoration() {
    if (event_.has_anchor())
        reporter_.error(start(),
                        "anchors (`&name`) are not accepted; write the value out where it is used");
    if (event_.has_tag())
        reporter_.error(start(),
                        "tags (`!name`) are not accepted; remove the tag, quote what is text");
}

std::optional<Node> Builder::node(std::size_t depth) {
    if (++nodes_ > limits::document_nodes_max)
        return fail(start(), "the document has more than " +
                                 std::to_string(limits::document_nodes_max) + " values; split it");
    check_decoration();
    if (event_.type() == YAML_ALIAS_EVENT) {
        reporter_.error(start(), "aliases (`*name`) are not accepted; write the value out");
        Node nothing;
        nothing.position = start();
        return nothing;
    }
    if (is_scalar(event_)) return scalar();
    return collection(depth + 1);
}

std::optional<Node> Builder::collection(std::size_t depth) {
    if (depth > limits::document_depth_max)
        return fail(start(), "the document nests deeper than " +
                                 std::to_string(limits::document_depth_max) +
                                 " levels; make it flatter");
    Node collection;
    collection.position = start();
    const bool is_mapping = event_.type() == YAML_MAPPING_START_EVENT;
    collection.kind = is_mapping ? Node::Kind::mapping : Node::Kind::sequence;
    const bool filled =
        is_mapping ? fill_mapping(collection, depth) : fill_sequence(collection, depth);
    if (!filled) return std::nullopt;
    return collection;
}

bool Builder::fill_sequence(Node& sequence, std::size_t depth) {
    while (advance()) {
        if (event_.type() == YAML_SEQUENCE_END_EVENT) return true;
        std::optional<Node> item = node(depth);
        if (!item) return false;
        sequence.items.push_back(std::move(*item));
    }
    return false;
}

bool Builder::fill_mapping(Node& mapping, std::size_t depth) {
    std::unordered_map<std::string, Position> seen;
    while (advance()) {
        if (event_.type() == YAML_MAPPING_END_EVENT) return true;
        if (!is_scalar(event_)) {
            if (!skip_pair(depth)) return false;
            continue;
        }
        check_decoration();
        check_key();
        Node::Member member{std::string(event_.scalar()), start(), {}, text_begins(event_)};
        const auto [first, is_new] = seen.emplace(member.key, member.key_position);
        if (!is_new)
            reporter_.error(member.key_position, "the key `" + shortened(member.key) +
                                                     "` stands twice; the first is on line " +
                                                     std::to_string(first->second.line) +
                                                     ", remove one of them");
        if (!advance()) return false;
        std::optional<Node> value = node(depth);
        if (!value) return false;
        member.value = std::move(*value);
        if (is_new) mapping.members.push_back(std::move(member));
    }
    return false;
}

bool Builder::skip_pair(std::size_t depth) {
    // An unquoted `{{ … }}` is a mapping whose only key is a mapping: by far the commonest way
    // here.
    reporter_.error(start(),
                    event_.type() == YAML_MAPPING_START_EVENT
                        ? "a mapping cannot be a key; if `{{ … }}` is meant, put it in quotes"
                        : "a key must be a string; quote it");
    if (!node(depth) || !advance()) return false;
    return node(depth).has_value();
}

void Builder::check_key() {
    if (event_.scalar().find('\0') != std::string_view::npos)
        reporter_.error(start(), "U+0000 is not accepted in a key");
    if (!is_plain(event_)) return;
    const std::string_view key = event_.scalar();
    if (key == "<<") {
        reporter_.error(start(), "merge keys (`<<`) are not accepted; write the members out");
    } else if (is_foreign_boolean(key) && key.front() != 'T' && key.front() != 'F') {
        return;  // `on:` and `y:` are keys that people really have, and no boolean can be meant
    } else if (const Resolved resolved = resolve_plain(key);
               resolved.kind != Node::Kind::string || !resolved.problem.empty()) {
        reporter_.error(start(),
                        resolved.problem.empty()
                            ? "a key must be a string, found " +
                                  std::string(kind_name(resolved.kind)) + "; quote it"
                            : "a key must be a string, and other readers take this one for "
                              "something else; quote it");
    }
}

Node Builder::scalar() {
    Node node;
    node.position = start();
    node.kind = Node::Kind::string;
    node.text = event_.scalar();
    node.text_begins = text_begins(event_);
    if (event_.raw().start_mark.line != event_.raw().end_mark.line)
        continued_.emplace_back(event_.raw().start_mark.line, event_.raw().end_mark.line);
    if (node.text.find('\0') != std::string::npos)
        reporter_.error(node.position, "U+0000 is not accepted in a string");
    if (!is_plain(event_)) return node;
    Resolved resolved = resolve_plain(event_.scalar());
    if (!resolved.problem.empty()) reporter_.error(node.position, resolved.problem);
    node.kind = resolved.kind;
    node.boolean = resolved.boolean;
    node.number = std::move(resolved.number);
    return node;
}

// libyaml takes tabs for spaces inside `{ }` and `[ ]`, where people still see indentation.
void Builder::check_tabs() {
    std::size_t line = 0;
    auto continued = continued_.begin();
    for (std::string_view rest = text_; !rest.empty(); ++line) {
        const std::string_view row = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(row.size() + 1, rest.size()));
        while (continued != continued_.end() && continued->second < line)
            ++continued;
        const bool in_scalar = continued != continued_.end() && continued->first < line;
        const std::size_t tab = row.substr(0, row.find_first_not_of(" \t\r")).find('\t');
        if (in_scalar || tab == std::string_view::npos) continue;
        reporter_.error({static_cast<std::uint32_t>(line + 1), static_cast<std::uint32_t>(tab + 1)},
                        "a tab is used for indentation; indent with spaces");
    }
}

}  // namespace signalbox::document
