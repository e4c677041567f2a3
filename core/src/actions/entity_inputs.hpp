#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/node.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

namespace signalbox::actions {

/// An input of Port's `format: entity`, or a list of such. Its value is an identifier, or an object that has
/// one. What the document's rules say of the text they say of the identifier; templates and queries see an
/// object in any case, as Port's do (docs/decisions/0015-entity-inputs.md).
struct EntityInput {
    std::string name;
    std::string blueprint;  ///< of its entities; empty: the document does not say
    bool list = false;
};

/// None: it is another kind of input, or a secret one, which nobody looks into.
std::optional<EntityInput> read_entity_input(const std::string& name, const document::Node& input);

/// The entity as templates and queries see it: an identifier becomes {"identifier", "blueprint"}, which is
/// all that is known of it here; anything else stays as it is.
json::Value shown_entity(json::Value entity, const std::string& blueprint);

/// The same for the inputs among `properties`.
void show_entities(const std::vector<EntityInput>& inputs, json::Object& properties);

/// The other way: the identifiers of an input's value, where it has them.
json::Value named_entity(const EntityInput& input, json::Value value);

/// The entities that one invocation sends whole. They are taken out while the inputs are checked, with their
/// identifiers in their places, and put back as they came.
class WholeEntities {
  public:
    /// `inputs` must outlive it.
    explicit WholeEntities(const std::vector<EntityInput>& inputs) : inputs_(inputs) {}

    void take_out_of(json::Object& properties);
    /// Of one input only, such as a default that a query gave.
    void take_out_of(std::string_view name, json::Value& value);
    void put_back_into(json::Object& properties) const;

    /// What is wrong with them, as pointers into the properties: no identifier, or larger than
    /// limits::input_entity_bytes_max. Such a one stays where it is.
    const std::vector<Detail>& findings() const { return findings_; }

  private:
    struct Taken {
        std::string name;
        std::optional<std::size_t> index;  // in a list
        json::Value entity;
    };

    void take_out_of(const EntityInput& input, json::Value& value);
    void take(const EntityInput& input, std::optional<std::size_t> index, json::Value& value);

    const std::vector<EntityInput>& inputs_;
    std::vector<Taken> taken_;
    std::vector<Detail> findings_;
};

}  // namespace signalbox::actions
