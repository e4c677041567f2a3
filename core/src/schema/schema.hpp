#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"
#include "signalbox/result.hpp"

/// One validator for plugin settings, invocation methods' members and action inputs: a closed
/// subset of JSON Schema. Patterns are RE2 (std::regex was measured to crash on long input).
namespace signalbox::schema {

/// A schema made ready. Immutable, shared freely between threads.
class Schema {
  public:
    /// Accepted keywords: type (one of object, array, string, integer, number, boolean, null),
    /// properties, required, additionalProperties (only `false`, or absent on a schema without
    /// properties; without `descriptions` also `true` or a schema), patternProperties (without
    /// `descriptions`; at most limits::schema_pattern_properties_max), enum, const, minimum, maximum, minLength,
    /// maxLength (in code points), items, minItems, maxItems, uniqueItems, oneOf (objects told apart by
    /// a `const` in one property), pattern, format (`uri`, `duration`, `date-time`, `email`, `ipv4`,
    /// `ipv6`), default, description, x-secret.
    /// Anything else is an Error `invalid_schema`, details pointing into the schema.
    /// With `descriptions`, every property must have a description (a plugin's contract).
    static Result<Schema> compile(const json::Value& schema, bool descriptions);

    /// What is wrong with `value`, as JSON pointers into it; empty: nothing. Every finding, at most
    /// 100. Unknown members name the nearest accepted one, enums what is accepted. The value of a
    /// property marked x-secret is never quoted; any other is quoted to at most 80 characters.
    std::vector<Detail> validate(const json::Value& value) const;

    /// Puts defaults in where members are missing, at every level.
    void fill_defaults(json::Value& value) const;

    /// The pointers of members marked x-secret that are present in `value`.
    std::vector<std::string> secrets(const json::Value& value) const;

    struct Node;

  private:
    std::shared_ptr<const Node> root_;
};

}  // namespace signalbox::schema
