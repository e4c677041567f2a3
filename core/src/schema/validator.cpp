#include "schema/validator.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "schema/formats.hpp"
#include "schema/values.hpp"

namespace signalbox::schema {
namespace {

bool has_type(const json::Value& value, Type type) {
    switch (type) {
        case Type::object:
            return value.is_object();
        case Type::array:
            return value.is_array();
        case Type::string:
            return value.is_string();
        case Type::integer:
            return is_integral(value);
        case Type::number:
            return value.is_number();
        case Type::boolean:
            return value.is_bool();
        case Type::null:
            return value.is_null();
    }
    return false;
}

std::string list_of(const std::vector<std::string>& names) {
    constexpr std::size_t shown_max = 20;
    std::string list;
    for (std::size_t i = 0; i < names.size() && i < shown_max; ++i)
        list += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > shown_max)
        list += " and " + std::to_string(names.size() - shown_max) + " more";
    return list;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string_view meant = nearest(word, candidates);
    return meant.empty() ? "" : "; did you mean `" + std::string(meant) + "`?";
}

std::string_view view(boost::json::string_view text) {
    return {text.data(), text.size()};
}

std::string quote_key(std::string_view key) {
    const std::string quoted = quote(json::String(key));
    return '`' + quoted.substr(1, quoted.size() - 2) + '`';
}

}  // namespace

const char* type_name(Type type) {
    switch (type) {
        case Type::object:
            return "object";
        case Type::array:
            return "array";
        case Type::string:
            return "string";
        case Type::integer:
            return "integer";
        case Type::number:
            return "number";
        case Type::boolean:
            return "boolean";
        case Type::null:
            return "null";
    }
    return "unknown";
}

const char* type_phrase(Type type) {
    switch (type) {
        case Type::object:
            return "an object";
        case Type::array:
            return "an array";
        case Type::string:
            return "a string";
        case Type::integer:
            return "an integer";
        case Type::number:
            return "a number";
        case Type::boolean:
            return "a boolean";
        case Type::null:
            return "null";
    }
    return "unknown";
}

bool Validator::is_full() const {
    return findings_.size() >= limits::schema_findings_max;
}

void Validator::find(const Path& path, std::string message) {
    if (!is_full()) findings_.push_back({path.pointer(), std::move(message)});
}

void Validator::check(const Schema::Node& node, const json::Value& value, const Path& path,
                      bool secret) {
    if (is_full()) return;
    secret = secret || node.secret;
    if (node.type && !has_type(value, *node.type)) {
        find(path, std::string("must be ") + type_phrase(*node.type) + ", found " +
                       describe(value, secret));
        return;
    }
    if (!node.accepted.empty()) check_accepted(node, value, path, secret);
    if (!node.branches.empty()) check_branch(node, value, path, secret);
    if (value.is_object()) check_object(node, value.get_object(), path, secret);
    if (value.is_array()) check_array(node, value.get_array(), path, secret);
    if (value.is_string()) check_string(node, value, path, secret);
    if (value.is_number()) check_number(node, value, path, secret);
}

void Validator::check_accepted(const Schema::Node& node, const json::Value& value, const Path& path,
                               bool secret) {
    const std::optional<std::string> text = canonical(value);
    if (text && node.accepted_texts.contains(*text)) return;
    std::vector<std::string> names;
    std::vector<std::string> words;
    for (const json::Value& accepted : node.accepted) {
        names.push_back(quote(accepted));
        if (accepted.is_string()) words.emplace_back(view(accepted.get_string()));
    }
    std::string message = "found " + describe(value, secret);
    // What a secret may be is as much of a secret as what it is.
    if (secret) {
        message += ", which is not an accepted value";
    } else {
        message += ", accepted: " + list_of(names);
        if (value.is_string()) message += suggestion(view(value.get_string()), words);
    }
    find(path, std::move(message));
}

void Validator::check_branch(const Schema::Node& node, const json::Value& value, const Path& path,
                             bool secret) {
    if (!value.is_object()) {
        find(path, "must be an object, found " + describe(value, secret));
        return;
    }
    if (const Schema::Node* branch = node.branch_of(value)) {
        check(*branch, value, path, secret);
        return;
    }
    const Path place(path, node.discriminator);
    const std::string accepted = "accepted: " + list_of(node.branch_names);
    const json::Value* named = value.get_object().if_contains(node.discriminator);
    if (named == nullptr) {
        find(place, "`" + node.discriminator + "` is required; " + accepted);
    } else if (named->is_string() && !secret) {
        find(place, "found " + describe(*named, false) + ", " + accepted +
                        suggestion(view(named->get_string()), node.branch_names));
    } else {
        find(place, "found " + describe(*named, secret) + ", " + accepted);
    }
}

void Validator::check_object(const Schema::Node& node, const json::Object& object, const Path& path,
                             bool secret) {
    const bool judges = node.closed || !node.properties.empty() || !node.patterned.empty() ||
                        node.others != nullptr;
    for (const auto& member : object) {
        if (!judges || is_full()) break;
        check_member(node, view(member.key()), member.value(), path, secret);
    }
    for (const std::string& name : node.required) {
        if (object.find(name) == object.end()) find(Path(path, name), "`" + name + "` is required");
    }
}

void Validator::check_member(const Schema::Node& node, std::string_view key,
                             const json::Value& value, const Path& path, bool secret) {
    if (!node.patterned.empty() && key.size() > limits::schema_pattern_text_bytes_max) {
        find(path, "has a member whose name is too long for the patterns of names: at most " +
                       std::to_string(limits::schema_pattern_text_bytes_max) + " bytes, found " +
                       std::to_string(key.size()));
        return;
    }
    bool held = false;
    node.for_member(key, [&](const Schema::Node& schema) {
        held = true;
        check(schema, value, Path(path, key), secret);
    });
    if (held || node.open) return;
    if (secret) {
        // A secret's keys are as much of a secret as its values.
        find(path, "has a member that is not accepted here");
        return;
    }
    std::string accepted = node.names.empty() ? std::string() : list_of(node.names);
    for (const Schema::Node::Patterned& pattern : node.patterned) {
        accepted += (accepted.empty() ? "names that match " : ", names that match ") +
                    quote(json::String(pattern.name->pattern()));
    }
    find(Path(path, key), quote_key(key) + " is unknown; " +
                              (accepted.empty() ? "no members are accepted here"
                                                : "accepted: " + accepted) +
                              suggestion(key, node.names));
}

void Validator::check_array(const Schema::Node& node, const json::Array& array, const Path& path,
                            bool secret) {
    const std::string found = ", found " + std::to_string(array.size());
    if (node.items_min && array.size() < *node.items_min)
        find(path, "must have at least " + std::to_string(*node.items_min) + " items" + found);
    if (node.items_max && array.size() > *node.items_max)
        find(path, "must have at most " + std::to_string(*node.items_max) + " items" + found);
    if (node.unique) check_unique(array, path);
    if (node.items == nullptr) return;
    for (std::size_t i = 0; i < array.size() && !is_full(); ++i)
        check(*node.items, array[i], Path(path, i), secret);
}

void Validator::check_unique(const json::Array& array, const Path& path) {
    if (array.size() > limits::schema_unique_items_max) {
        find(path, "must have distinct items, and at most " +
                       std::to_string(limits::schema_unique_items_max) +
                       " can be compared, found " + std::to_string(array.size()));
        return;
    }
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < array.size() && !is_full(); ++i) {
        std::optional<std::string> text = canonical(array[i]);
        if (!text) {
            find(Path(path, i), "nests deeper than " + std::to_string(limits::schema_depth_max) +
                                    " levels, so it cannot be compared with the other items");
        } else if (const auto [first, is_new] = seen.emplace(std::move(*text), i); !is_new) {
            find(Path(path, i),
                 "must differ from the other items, equals item " + std::to_string(first->second));
        }
    }
}

void Validator::check_string(const Schema::Node& node, const json::Value& value, const Path& path,
                             bool secret) {
    const std::string_view text = view(value.get_string());
    if (node.chars_min || node.chars_max) {
        const std::size_t chars = count_chars(text);
        const std::string found = ", found " + std::to_string(chars);
        if (node.chars_min && chars < *node.chars_min)
            find(path,
                 "must have at least " + std::to_string(*node.chars_min) + " characters" + found);
        if (node.chars_max && chars > *node.chars_max)
            find(path,
                 "must have at most " + std::to_string(*node.chars_max) + " characters" + found);
    }
    if (node.pattern != nullptr) check_pattern(node, value, path, secret);
    if (!fits(node.format, text))
        find(path, std::string("must be ") + format_phrase(node.format) + ", found " +
                       describe(value, secret));
}

void Validator::check_pattern(const Schema::Node& node, const json::Value& value, const Path& path,
                              bool secret) {
    const auto& text = value.get_string();
    if (text.size() > limits::schema_pattern_text_bytes_max) {
        find(path, "is too long for its pattern: at most " +
                       std::to_string(limits::schema_pattern_text_bytes_max) + " bytes, found " +
                       std::to_string(text.size()));
    } else if (!RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.pattern)) {
        find(path, "must match the pattern " + quote(json::String(node.pattern->pattern())) +
                       ", found " + describe(value, secret));
    }
}

void Validator::check_number(const Schema::Node& node, const json::Value& value, const Path& path,
                             bool secret) {
    if (node.minimum && is_less(value, *node.minimum))
        find(path,
             "must be at least " + quote(*node.minimum) + ", found " + describe(value, secret));
    if (node.maximum && is_less(*node.maximum, value))
        find(path,
             "must be at most " + quote(*node.maximum) + ", found " + describe(value, secret));
}

}  // namespace signalbox::schema
