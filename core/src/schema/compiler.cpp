#include "schema/compiler.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "schema/validator.hpp"
#include "schema/values.hpp"

namespace signalbox::schema {
namespace {

std::string_view view(boost::json::string_view text) {
    return {text.data(), text.size()};
}

const json::Value* member(const json::Object& schema, const char* key) {
    return schema.if_contains(key);
}

bool is_number_type(Type type) {
    return type == Type::number || type == Type::integer;
}

}  // namespace

struct Compiler::Entry {
    const char* name;
    std::optional<Type> of;  // the type it says something about; none: any
    Keyword read;
};

const std::vector<Compiler::Entry>& Compiler::keywords() {
    static const std::vector<Entry> entries = {
        {"type", {}, &Compiler::read_type},
        {"properties", Type::object, &Compiler::read_properties},
        {"required", Type::object, &Compiler::read_required},
        {"patternProperties", Type::object, &Compiler::read_pattern_properties},
        {"additionalProperties", Type::object, &Compiler::read_additional},
        {"enum", {}, &Compiler::read_enum},
        {"const", {}, &Compiler::read_const},
        {"minimum", Type::number, &Compiler::read_minimum},
        {"maximum", Type::number, &Compiler::read_maximum},
        {"minLength", Type::string, &Compiler::read_chars_min},
        {"maxLength", Type::string, &Compiler::read_chars_max},
        {"items", Type::array, &Compiler::read_items},
        {"minItems", Type::array, &Compiler::read_items_min},
        {"maxItems", Type::array, &Compiler::read_items_max},
        {"uniqueItems", Type::array, &Compiler::read_unique},
        {"oneOf", Type::object, &Compiler::read_one_of},
        {"pattern", Type::string, &Compiler::read_pattern},
        {"format", Type::string, &Compiler::read_format},
        {"default", {}, &Compiler::read_default},
        {"description", {}, &Compiler::read_description},
        {"x-secret", {}, &Compiler::read_secret},
    };
    return entries;
}

void Compiler::find(const Path& path, std::string message) {
    if (details_.size() < limits::schema_findings_max)
        details_.push_back({path.pointer(), std::move(message)});
}

std::unique_ptr<const Schema::Node> Compiler::compile(const json::Value& schema) {
    return node(schema, Path());
}

std::unique_ptr<const Schema::Node> Compiler::node(const json::Value& schema, const Path& path) {
    auto made = std::make_unique<Node>();
    if (!schema.is_object()) {
        find(path, "a schema must be an object, found " + describe(schema, false));
    } else if (depth_ == limits::schema_depth_max) {
        find(path, "the schema nests deeper than " + std::to_string(limits::schema_depth_max) +
                       " levels");
    } else {
        ++depth_;
        apply(*made, schema.get_object(), path);
        check_whole(*made, schema.get_object(), path);
        --depth_;
    }
    return made;
}

void Compiler::apply(Node& node, const json::Object& schema, const Path& path) {
    std::vector<std::string> names;
    for (const Entry& entry : keywords())
        names.emplace_back(entry.name);
    for (const auto& pair : schema) {
        const auto entry = std::find_if(
            keywords().begin(), keywords().end(),
            [&](const Entry& candidate) { return view(pair.key()) == candidate.name; });
        const Path place(path, view(pair.key()));
        if (entry != keywords().end()) {
            (this->*entry->read)(node, pair.value(), place);
            continue;
        }
        const std::string_view meant = nearest(view(pair.key()), names);
        find(place,
             "this keyword is not supported" +
                 (meant.empty() ? std::string() : "; did you mean `" + std::string(meant) + "`?"));
    }
}

void Compiler::check_whole(Node& node, const json::Object& schema, const Path& path) {
    for (const Entry& entry : keywords()) {
        if (!node.type || !entry.of || member(schema, entry.name) == nullptr) continue;
        const bool fits =
            *entry.of == *node.type || (is_number_type(*entry.of) && is_number_type(*node.type));
        if (!fits)
            find(Path(path, entry.name), std::string("has no meaning for the type `") +
                                             type_name(*node.type) + "`; it goes with `" +
                                             type_name(*entry.of) + "`");
    }
    check_members(node, schema, path);
    check_values(node, schema, path);
}

void Compiler::check_members(const Node& node, const json::Object& schema, const Path& path) {
    const bool has_properties = member(schema, "properties") != nullptr;
    const bool has_patterns = member(schema, "patternProperties") != nullptr;
    if ((has_properties || has_patterns) && member(schema, "additionalProperties") == nullptr)
        find(path, std::string("a schema with `") +
                       (has_properties ? "properties" : "patternProperties") +
                       "` needs `additionalProperties: false`, so that a typing error cannot pass");
    if (has_properties && !has_patterns && node.others == nullptr) {
        for (std::size_t i = 0; i < node.required.size(); ++i) {
            if (!node.required[i].empty() && !node.properties.contains(node.required[i]))
                find(Path(Path(path, "required"), i), "is not among `properties`");
        }
    }
    if (member(schema, "oneOf") == nullptr) return;
    for (const char* other :
         {"properties", "patternProperties", "additionalProperties", "required"}) {
        if (member(schema, other) != nullptr)
            find(Path(path, other), "cannot stand beside `oneOf`; put it into each of its schemas");
    }
}

void Compiler::check_values(const Node& node, const json::Object& schema, const Path& path) {
    if (member(schema, "enum") != nullptr && member(schema, "const") != nullptr)
        find(Path(path, "const"), "cannot stand beside `enum`; remove one of them");
    if (node.minimum && node.maximum)
        check_range(is_less(*node.maximum, *node.minimum), "minimum", "maximum", path);
    if (node.chars_min && node.chars_max)
        check_range(*node.chars_max < *node.chars_min, "minLength", "maxLength", path);
    if (node.items_min && node.items_max)
        check_range(*node.items_max < *node.items_min, "minItems", "maxItems", path);
    if (!details_.empty()) return;  // what follows runs the schema, which must be sound for that
    const Path choices(path, "enum");
    for (std::size_t i = 0; i < node.accepted.size(); ++i) {
        if (member(schema, "enum") != nullptr) check_fits(node, node.accepted[i], Path(choices, i));
        if (member(schema, "const") != nullptr)
            check_fits(node, node.accepted[i], Path(path, "const"));
    }
    if (node.default_value) check_fits(node, *node.default_value, Path(path, "default"));
}

void Compiler::check_range(bool is_reversed, const char* low, const char* high, const Path& path) {
    if (is_reversed) find(Path(path, low), std::string("is greater than `") + high + "`");
}

void Compiler::check_fits(const Node& node, const json::Value& value, const Path& path) {
    Validator validator;
    validator.check(node, value, Path(), false);
    for (const Detail& detail : validator.take())
        find(path, "does not fit its own schema: " +
                       (detail.pointer.empty() ? std::string() : detail.pointer + " ") +
                       detail.message);
}

}  // namespace signalbox::schema
