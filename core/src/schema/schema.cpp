#include "schema/schema.hpp"

#include <string_view>

#include "schema/compiler.hpp"
#include "schema/node.hpp"
#include "schema/validator.hpp"

namespace signalbox::schema {
namespace {

using Node = Schema::Node;

std::string_view view(boost::json::string_view text) {
    return {text.data(), text.size()};
}

void fill(const Node& node, json::Value& value) {
    if (const Node* branch = node.branch_of(value)) fill(*branch, value);
    if (json::Array* array = value.if_array(); array != nullptr && node.items != nullptr) {
        for (json::Value& item : *array)
            fill(*node.items, item);
    }
    json::Object* object = value.if_object();
    if (object == nullptr) return;
    for (const std::string& name : node.names) {
        const Node& property = *node.properties.at(name);
        if (property.default_value) object->emplace(name, *property.default_value);
        if (json::Value* member = object->if_contains(name)) fill(property, *member);
    }
    if (node.patterned.empty() && node.others == nullptr) return;
    for (auto& member : *object) {
        node.for_member(view(member.key()), [&](const Node& schema) { fill(schema, member.value()); });
    }
}

void collect_secrets(const Node& node, const json::Value& value, const Path& path,
                     std::vector<std::string>& pointers) {
    if (node.secret) {
        pointers.push_back(path.pointer());
        return;
    }
    if (const Node* branch = node.branch_of(value)) collect_secrets(*branch, value, path, pointers);
    if (const json::Array* array = value.if_array(); array != nullptr && node.items != nullptr) {
        for (std::size_t i = 0; i < array->size(); ++i)
            collect_secrets(*node.items, (*array)[i], Path(path, i), pointers);
    }
    const json::Object* object = value.if_object();
    if (object == nullptr) return;
    for (const auto& member : *object) {
        node.for_member(view(member.key()), [&](const Node& schema) {
            collect_secrets(schema, member.value(), Path(path, view(member.key())), pointers);
        });
    }
}

std::string summary(const std::vector<Detail>& details) {
    const Detail& first = details.front();
    std::string message = "the schema cannot be used: " +
                          (first.pointer.empty() ? std::string() : first.pointer + ": ") +
                          first.message;
    if (details.size() > 1) message += " (and " + std::to_string(details.size() - 1) + " more)";
    return message;
}

}  // namespace

const Schema::Node* Schema::Node::branch_of(const json::Value& value) const {
    const json::Object* object = value.if_object();
    if (object == nullptr || branches.empty()) return nullptr;
    const json::Value* name = object->if_contains(discriminator);
    if (name == nullptr || !name->is_string()) return nullptr;
    const auto branch = branches.find(std::string(view(name->get_string())));
    return branch == branches.end() ? nullptr : branch->second.get();
}

Result<Schema> Schema::compile(const json::Value& schema, bool descriptions) {
    Compiler compiler(descriptions);
    std::unique_ptr<const Node> root = compiler.compile(schema);
    std::vector<Detail> details = compiler.take();
    if (!details.empty()) {
        std::string message = summary(details);
        return Error{"invalid_schema", std::move(message), std::move(details)};
    }
    Schema compiled;
    compiled.root_ = std::move(root);
    return compiled;
}

std::vector<Detail> Schema::validate(const json::Value& value) const {
    Validator validator;
    if (root_ != nullptr) validator.check(*root_, value, Path(), false);
    return validator.take();
}

void Schema::fill_defaults(json::Value& value) const {
    if (root_ != nullptr) fill(*root_, value);
}

std::vector<std::string> Schema::secrets(const json::Value& value) const {
    std::vector<std::string> pointers;
    if (root_ != nullptr) collect_secrets(*root_, value, Path(), pointers);
    return pointers;
}

}  // namespace signalbox::schema
