#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
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
    std::vector<std::string> required;
    bool closed = false;  ///< members beside `properties` are refused
    bool open = false;    ///< they are accepted, whatever they hold

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

    /// The branch of oneOf that `value` names; null: none, or not a oneOf.
    const Node* branch_of(const json::Value& value) const;
};

}  // namespace signalbox::schema
