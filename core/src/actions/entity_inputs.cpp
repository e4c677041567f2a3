#include "actions/entity_inputs.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::actions {
namespace {

using document::Node;

bool has_text(const Node& mapping, std::string_view key, std::string_view text) {
    const Node* value = mapping.find(key);
    return value != nullptr && value->kind == Node::Kind::string && value->text == text;
}

bool is_entity(const Node& mapping) {
    return has_text(mapping, "type", "string") && has_text(mapping, "format", "entity");
}

/// Null: it has none.
const json::String* identifier_in(const json::Value& entity) {
    const json::Object* object = entity.if_object();
    const json::Value* identifier = object == nullptr ? nullptr : object->if_contains("identifier");
    const json::String* text = identifier == nullptr ? nullptr : identifier->if_string();
    return text == nullptr || text->empty() ? nullptr : text;
}

void name(json::Value& value) {
    if (const json::String* identifier = identifier_in(value)) value = json::String(*identifier);
}

}  // namespace

std::optional<EntityInput> read_entity_input(const std::string& name, const Node& input) {
    if (input.find("encryption") != nullptr) return {};
    const Node* items = has_text(input, "type", "array") ? input.find("items") : nullptr;
    const Node& entity = items == nullptr ? input : *items;
    if (!is_entity(entity)) return {};
    const Node* blueprint = entity.find("blueprint");
    return EntityInput{name, blueprint == nullptr ? std::string() : blueprint->text,
                       items != nullptr};
}

json::Value shown_entity(json::Value entity, const std::string& blueprint) {
    if (!entity.is_string()) return entity;
    json::Object shown;
    shown["identifier"] = std::move(entity);
    if (!blueprint.empty()) shown["blueprint"] = json::String(blueprint);
    return shown;
}

void show_entities(const std::vector<EntityInput>& inputs, json::Object& properties) {
    for (const EntityInput& input : inputs) {
        json::Value* value = properties.if_contains(input.name);
        if (value == nullptr) continue;
        if (!input.list) {
            *value = shown_entity(std::move(*value), input.blueprint);
        } else if (json::Array* list = value->if_array()) {
            for (json::Value& item : *list)
                item = shown_entity(std::move(item), input.blueprint);
        }
    }
}

json::Value named_entity(const EntityInput& input, json::Value value) {
    if (!input.list) {
        name(value);
    } else if (json::Array* list = value.if_array()) {
        for (json::Value& item : *list)
            name(item);
    }
    return value;
}

void WholeEntities::take_out_of(json::Object& properties) {
    for (const EntityInput& input : inputs_) {
        if (json::Value* value = properties.if_contains(input.name)) take_out_of(input, *value);
    }
}

void WholeEntities::take_out_of(std::string_view name, json::Value& value) {
    const auto input = std::find_if(inputs_.begin(), inputs_.end(),
                                    [&](const EntityInput& each) { return each.name == name; });
    if (input != inputs_.end()) take_out_of(*input, value);
}

void WholeEntities::take_out_of(const EntityInput& input, json::Value& value) {
    if (!input.list) return take(input, {}, value);
    json::Array* list = value.if_array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
        take(input, i, (*list)[i]);
}

void WholeEntities::take(const EntityInput& input, std::optional<std::size_t> index,
                         json::Value& value) {
    if (!value.is_object() || findings_.size() == limits::schema_findings_max) return;
    std::string wrong;
    const json::String* identifier = identifier_in(value);
    if (identifier == nullptr) {
        wrong = "is an object without an `identifier` that is text; send the entity's identifier, "
                "or the entity as an object that has it";
    } else if (const std::size_t bytes = json::write(value).size();
               bytes > limits::input_entity_bytes_max) {
        wrong = "has " + std::to_string(bytes) + " bytes as an object; at most " +
                std::to_string(limits::input_entity_bytes_max) +
                " are accepted, send of the entity what the action needs";
    }
    if (!wrong.empty()) {
        std::string pointer = "/" + json::escape_token(input.name);
        if (index) pointer += "/" + std::to_string(*index);
        findings_.push_back({std::move(pointer), std::move(wrong)});
        return;
    }
    json::Value named = json::String(*identifier);
    taken_.push_back({input.name, index, std::exchange(value, std::move(named))});
}

void WholeEntities::put_back_into(json::Object& properties) const {
    for (const Taken& each : taken_) {
        json::Value* value = properties.if_contains(each.name);
        if (value != nullptr && each.index) {
            json::Array* list = value->if_array();
            value = list == nullptr ? nullptr : list->if_contains(*each.index);
        }
        if (value != nullptr) *value = each.entity;
    }
}

}  // namespace signalbox::actions
