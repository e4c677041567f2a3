#include "document/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/limits.hpp"
#include "document/scalar.hpp"
#include "document/text.hpp"

namespace signalbox::document {
namespace {

constexpr const char* kForm =
    "the file begins with `{` or `[`, so it is read as JSON: a string stands in double quotes, "
    "and beside strings there are true, false, null and numbers";

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.' || c == '_';
}

void append_utf8(std::string& into, unsigned code_point) {
    const auto tail = [&](unsigned shift) {
        into += static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
    };
    if (code_point < 0x80) {
        into += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        into += static_cast<char>(0xC0U | (code_point >> 6U));
        tail(0);
    } else if (code_point < 0x10000) {
        into += static_cast<char>(0xE0U | (code_point >> 12U));
        tail(6);
        tail(0);
    } else {
        into += static_cast<char>(0xF0U | (code_point >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

}  // namespace

void JsonReader::step() {
    const char c = text_[at_++];
    if (c == '\n') {
        ++line_;
        column_ = 1;
        return;
    }
    while (!ended() && is_continuation(text_[at_]))
        ++at_;
    ++column_;
}

void JsonReader::skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
        step();
}

std::nullopt_t JsonReader::fail(Position position, std::string message) {
    reporter_.error(position, std::move(message));
    return std::nullopt;
}

std::nullopt_t JsonReader::fail_unexpected(std::string_view wanted) {
    const std::string_view rest = text_.substr(std::min(at_, text_.size()));
    if (rest.starts_with("#") || rest.starts_with("//") || rest.starts_with("/*"))
        return fail(here(), "JSON has no comments; remove it, or write the file as YAML");
    const bool opens_value = rest.starts_with("\"") || rest.starts_with("{") ||
                             rest.starts_with("[") || rest.starts_with(":") ||
                             rest.starts_with(",") || rest.starts_with("}") ||
                             rest.starts_with("]") || rest.empty();
    std::string found = "nothing";
    if (!rest.empty()) found = opens_value ? '`' + std::string(1, rest.front()) + '`' : "text";
    return fail(here(), "expected " + std::string(wanted) + ", found " + found +
                            (opens_value ? "" : std::string("; ") + kForm));
}

std::optional<Node> JsonReader::read() {
    skip_blanks();
    std::optional<Node> root = value(0);
    if (!root) return std::nullopt;
    skip_blanks();
    if (!ended())
        return fail(here(), "something follows the value; a file holds one, remove the rest");
    return root;
}

std::optional<Node> JsonReader::value(std::size_t depth) {
    if (++nodes_ > limits::document_nodes_max)
        return fail(here(), "the document has more than " +
                                std::to_string(limits::document_nodes_max) + " values; split it");
    Node node;
    node.position = here();
    const char c = peek();
    if (c == '"') {
        std::optional<std::string> text = string(node.text_begins);
        if (!text) return std::nullopt;
        node.kind = Node::Kind::string;
        node.text = std::move(*text);
        if (node.text.find('\0') != std::string::npos)
            reporter_.error(node.position, "U+0000 is not accepted in a string");
        return node;
    }
    if (c != '{' && c != '[') return word();
    if (depth + 1 > limits::document_depth_max)
        return fail(here(), "the document nests deeper than " +
                                std::to_string(limits::document_depth_max) +
                                " levels; make it flatter");
    node.kind = c == '{' ? Node::Kind::mapping : Node::Kind::sequence;
    const bool whole = c == '{' ? members(node, depth + 1) : items(node, depth + 1);
    if (!whole) return std::nullopt;
    return node;
}

std::optional<Node> JsonReader::word() {
    const Position start = here();
    const std::size_t first = at_;
    while (is_word_character(peek()))
        step();
    const std::string_view text = text_.substr(first, at_ - first);
    if (text.empty()) return fail_unexpected("a value");
    Resolved resolved = resolve_plain(text);
    if (resolved.kind == Node::Kind::string ||
        (resolved.kind != Node::Kind::number && !resolved.problem.empty()))
        return fail(start, kForm);
    if (!resolved.problem.empty()) reporter_.error(start, resolved.problem);
    Node node;
    node.position = start;
    node.kind = resolved.kind;
    node.boolean = resolved.boolean;
    node.number = std::move(resolved.number);
    node.text = text;
    return node;
}

bool JsonReader::next(char close, Position open, bool& more) {
    skip_blanks();
    more = peek() == ',';
    if (!more && peek() != close) {
        if (ended()) {
            fail(open, std::string("this `") + (close == '}' ? '{' : '[') +
                           "` is never closed; add the `" + close + "`");
        } else {
            fail_unexpected(std::string("`,` or `") + close + '`');
        }
        return false;
    }
    const Position comma = here();
    step();
    if (!more) return true;
    skip_blanks();
    if (peek() != close) return true;
    fail(comma, std::string("a comma before `") + close + "`, which JSON does not have; remove it");
    return false;
}

bool JsonReader::members(Node& object, std::size_t depth) {
    const Position open = here();
    std::unordered_map<std::string, Position> seen;
    step();
    skip_blanks();
    bool more = peek() != '}';
    if (!more) step();
    while (more) {
        skip_blanks();
        Node::Member member;
        member.key_position = here();
        if (ended()) return fail(open, "this `{` is never closed; add the `}`"), false;
        if (peek() != '"') return fail_unexpected("a key in double quotes"), false;
        std::optional<std::string> key = string(member.key_begins);
        if (!key) return false;
        member.key = std::move(*key);
        if (member.key.find('\0') != std::string::npos)
            reporter_.error(member.key_position, "U+0000 is not accepted in a key");
        const auto [first, is_new] = seen.emplace(member.key, member.key_position);
        if (!is_new)
            reporter_.error(member.key_position, "the key `" + shortened(member.key) +
                                                     "` stands twice; the first is on line " +
                                                     std::to_string(first->second.line) +
                                                     ", remove one of them");
        skip_blanks();
        if (peek() != ':') return fail_unexpected("`:` and a value after the key"), false;
        step();
        skip_blanks();
        std::optional<Node> held = value(depth);
        if (!held) return false;
        member.value = std::move(*held);
        if (is_new) object.members.push_back(std::move(member));
        if (!next('}', open, more)) return false;
    }
    return true;
}

bool JsonReader::items(Node& array, std::size_t depth) {
    const Position open = here();
    step();
    skip_blanks();
    bool more = peek() != ']';
    if (!more) step();
    while (more) {
        skip_blanks();
        if (ended()) return fail(open, "this `[` is never closed; add the `]`"), false;
        std::optional<Node> item = value(depth);
        if (!item) return false;
        array.items.push_back(std::move(*item));
        if (!next(']', open, more)) return false;
    }
    return true;
}

std::optional<std::string> JsonReader::string(std::int8_t& begins) {
    const Position start = here();
    std::string text;
    begins = 1;
    step();
    for (;;) {
        if (ended()) return fail(start, "this `\"` is never closed; add the second `\"`");
        const char c = peek();
        if (c == '"') break;
        if (c == '\n' || c == '\r')
            return fail(start, "a line break inside a JSON string; write it as \\n");
        if (static_cast<unsigned char>(c) < 0x20)
            return fail(
                here(),
                "a control character inside a JSON string; write it as an escape (a tab is \\t)");
        if (c == '\\') {
            if (!escape(text, here())) return std::nullopt;
            begins = -1;
            continue;
        }
        const std::size_t first = at_;
        step();
        text += text_.substr(first, at_ - first);
    }
    step();
    return text;
}

bool JsonReader::escape(std::string& into, Position start) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    step();
    if (peek() == 'u') return unicode(into, start);
    const std::size_t found = ended() ? kNames.npos : kNames.find(peek());
    if (found == kNames.npos) {
        fail(start, "JSON knows no such escape; write \\\\ for a backslash");
        return false;
    }
    into += kMeant[found];
    step();
    return true;
}

bool JsonReader::unicode(std::string& into, Position start) {
    constexpr const char* kHalf =
        "half of a surrogate pair; write the character itself or both halves";
    std::optional<unsigned> unit = four_digits(start);
    if (!unit) return false;
    unsigned code_point = *unit;
    if (code_point >= 0xDC00 && code_point <= 0xDFFF) return fail(start, kHalf), false;
    if (code_point >= 0xD800 && code_point <= 0xDBFF) {
        if (!text_.substr(at_).starts_with("\\u")) return fail(start, kHalf), false;
        step();
        const std::optional<unsigned> low = four_digits(start);
        if (!low) return false;
        if (*low < 0xDC00 || *low > 0xDFFF) return fail(start, kHalf), false;
        code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (*low - 0xDC00);
    }
    append_utf8(into, code_point);
    return true;
}

std::optional<unsigned> JsonReader::four_digits(Position start) {
    step();  // the `u`
    unsigned unit = 0;
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4)
        return fail(start, "\\u wants four hexadecimal digits");
    for (int i = 0; i < 4; ++i)
        step();
    return unit;
}

}  // namespace signalbox::document
