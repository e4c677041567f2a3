#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "schema/formats.hpp"
#include "schema/schema.hpp"

namespace signalbox::schema {

enum class Type : std::uint8_t { object, array, string, integer, number, boolean, null };

/// One schema made ready, with those inside it. Immutable once compiled.
struct Schema::Node {
    std::optional<Type> type;

    std::vector<std::string> names;  ///< of properties, in the schema's order
    std::unordered_map<std::string, std::unique_ptr<const Node>> properties;
    /// Of patternProperties: members whose name matches are held against it.
    struct Patterned {
        std::unique_ptr<const RE2> name;
        std::unique_ptr<const Node> schema;
    };
    std::vector<Patterned> patterned;
    std::vector<std::string> required;
    bool closed = false;  ///< members beside those named or matched are refused
    bool open = false;    ///< they are accepted, whatever they hold
    std::unique_ptr<const Node> others;  ///< what they are held against; null: see above

    std::unique_ptr<const Node> items;
    std::optional<std::size_t> items_min;
    std::optional<std::size_t> items_max;
    bool unique = false;

    std::optional<std::size_t> chars_min;
    std::optional<std::size_t> chars_max;
    std::unique_ptr<const RE2> pattern;
    Format format = Format::none;

    std::optional<json::Value> minimum;
    std::optional<json::Value> maximum;

    std::vector<json::Value> accepted;               ///< of enum, or the one of const
    std::unordered_set<std::string> accepted_texts;  ///< the same, canonical

    std::string discriminator;  ///< of oneOf: the property whose const tells the branches apart
    std::vector<std::string> branch_names;
    std::unordered_map<std::string, std::unique_ptr<const Node>> branches;

    std::optional<json::Value> default_value;
    bool secret = false;

    /// Calls `each` with every schema that an object's member `key` is held against: the one of its name, those
    /// whose pattern it matches, else the one of the others. Not called: there is none.
    template <class Each>
    void for_member(std::string_view key, Each each) const;

    /// The branch of oneOf that `value` names; null: none, or not a oneOf.
    const Node* branch_of(const json::Value& value) const;
};

template <class Each>
void Schema::Node::for_member(std::string_view key, Each each) const {
    bool found = false;
    if (const auto property = properties.find(std::string(key)); property != properties.end()) {
        each(*property->second);
        found = true;
    }
    for (const Patterned& each_pattern : patterned) {
        if (!RE2::PartialMatch(re2::StringPiece(key.data(), key.size()), *each_pattern.name)) continue;
        each(*each_pattern.schema);
        found = true;
    }
    if (!found && others != nullptr) each(*others);
}

}  // namespace signalbox::schema
