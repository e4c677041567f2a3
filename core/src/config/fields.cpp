#include "config/fields.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "config/config.hpp"
#include "json/writer.hpp"

namespace signalbox::config {
namespace {

using document::Node;

bool contains(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string back_quoted(std::string_view text) {
    constexpr std::size_t shown_bytes_max = 80;
    std::size_t end = std::min(text.size(), shown_bytes_max);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    std::string shown = "`";
    for (const char c : text.substr(0, end))
        shown += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    return shown += end < text.size() ? "…`" : "`";
}

double as_double(const json::Value& number) {
    if (number.is_int64()) return static_cast<double>(number.get_int64());
    if (number.is_uint64()) return static_cast<double>(number.get_uint64());
    return number.get_double();
}

std::string shown(double number) {
    std::string text;
    json::append_number(text, number);
    return text;
}

// The largest unit that says it in whole numbers.
std::string shown_duration(std::int64_t ms) {
    if (ms % 86'400'000 == 0) return std::to_string(ms / 86'400'000) + "d";
    if (ms % 3'600'000 == 0) return std::to_string(ms / 3'600'000) + "h";
    if (ms % 60'000 == 0) return std::to_string(ms / 60'000) + "m";
    if (ms % 1'000 == 0) return std::to_string(ms / 1'000) + "s";
    return std::to_string(ms) + "ms";
}

std::string must_be(std::string_view key, const std::string& what, const Node& node) {
    return back_quoted(key) + " must be " + what + ", found " + found(node);
}

}  // namespace

Fields::Fields(const Node& node, std::string what, std::vector<std::string> accepted, Scope scope)
    : node_(node), what_(std::move(what)), scope_(scope) {
    if (!is_mapping())
        scope_.reporter.error(node.position, what_ + " must be a mapping with the keys " +
                                                 join(accepted) + ", found " +
                                                 document::kind_name(node.kind));
    for (const Node::Member& member : node.members)
        check_key(member, accepted);
}

void Fields::check_key(const Node::Member& member,
                       const std::vector<std::string>& accepted) const {
    if (contains(accepted, member.key)) return;
    // What stands behind a misspelt `secret` or `key` is likely a secret all the same.
    const std::string_view meant = nearest(member.key, accepted);
    if (meant == "secret" || meant == "key")
        scope_.literal_secrets.push_back(member.value.position);
    scope_.reporter.error(member.key_position, back_quoted(member.key) + " is unknown in " + what_ +
                                                   "; accepted: " + join(accepted) +
                                                   did_you_mean(member.key, accepted));
}

const Node* Fields::find(std::string_view key) const {
    const Node* value = node_.find(key);
    if (value == nullptr || value->kind != Node::Kind::null) return value;
    scope_.reporter.error(value->position,
                          back_quoted(key) + " has no value; give it one, or remove the line");
    return nullptr;
}

const Node* Fields::require(std::string_view key, std::string_view advice) const {
    if (is_mapping() && !has(key))
        scope_.reporter.error(node_.position,
                              what_ + " has no " + back_quoted(key) + "; " + std::string(advice));
    return find(key);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string_view meant = nearest(word, candidates);
    return meant.empty() ? std::string() : "; did you mean `" + std::string(meant) + "`?";
}

std::string join(const std::vector<std::string>& words) {
    std::string list;
    for (const std::string& word : words)
        list += (list.empty() ? "" : ", ") + word;
    return list;
}

std::string found(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::sequence:
            return "a list";
        case Node::Kind::mapping:
            return "a mapping";
        default:
            return back_quoted(node.text);
    }
}

std::optional<std::string> read_string(const Node& node, std::string_view key, Scope scope) {
    if (node.kind == Node::Kind::string && !node.text.empty()) return node.text;
    const bool is_word = node.kind == Node::Kind::boolean || node.kind == Node::Kind::number;
    scope.reporter.error(
        node.position,
        node.kind == Node::Kind::string
            ? back_quoted(key) + " is an empty string; give it a value"
            : must_be(key, "a string", node) + (is_word ? "; put it in quotes" : ""));
    return std::nullopt;
}

std::optional<bool> read_boolean(const Node& node, std::string_view key, Scope scope) {
    if (node.kind == Node::Kind::boolean) return node.boolean;
    scope.reporter.error(node.position, must_be(key, "true or false", node));
    return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Node& node, std::string_view key, std::int64_t min,
                                         std::int64_t max, Scope scope) {
    if (node.kind == Node::Kind::number && node.number.is_int64()) {
        const std::int64_t number = node.number.get_int64();
        if (number >= min && number <= max) return number;
    }
    scope.reporter.error(
        node.position,
        must_be(key, "a whole number from " + std::to_string(min) + " to " + std::to_string(max),
                node));
    return std::nullopt;
}

std::optional<double> read_number(const Node& node, std::string_view key, double min, double max,
                                  Scope scope) {
    if (node.kind == Node::Kind::number) {
        const double number = as_double(node.number);
        if (number >= min && number <= max) return number;
    }
    scope.reporter.error(node.position,
                         must_be(key, "a number from " + shown(min) + " to " + shown(max), node));
    return std::nullopt;
}

std::optional<std::int64_t> read_duration(const Node& node, std::string_view key,
                                          std::int64_t min_ms, std::int64_t max_ms, Scope scope) {
    const auto ms = node.kind == Node::Kind::string ? parse_duration(node.text) : std::nullopt;
    if (ms && *ms >= min_ms && *ms <= max_ms) return ms;
    const bool lacks_unit = node.kind == Node::Kind::number;
    scope.reporter.error(node.position, must_be(key,
                                                "a duration from " + shown_duration(min_ms) +
                                                    " to " + shown_duration(max_ms) +
                                                    ", a whole number and one of ms, s, m, h, d",
                                                node) +
                                            (lacks_unit ? "; add the unit" : ""));
    return std::nullopt;
}

const std::vector<Node>* read_list(const Node& node, std::string_view key, std::string_view of,
                                   Scope scope) {
    if (node.kind == Node::Kind::sequence) return &node.items;
    scope.reporter.error(node.position, back_quoted(key) + " must be a list of " + std::string(of) +
                                            ", found " + document::kind_name(node.kind));
    return nullptr;
}

bool is_name(std::string_view text) {
    const auto is_letter_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !text.empty() && text.size() <= limits::config_name_bytes_max &&
           is_letter_or_digit(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
               return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-';
           });
}

std::string name_rule() {
    return "1 to " + std::to_string(limits::config_name_bytes_max) +
           " letters, digits, `_`, `.` and `-`, beginning with a letter or a digit";
}

}  // namespace signalbox::config
