#include <array>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "schema/compiler.hpp"
#include "schema/formats.hpp"
#include "schema/one_of.hpp"
#include "schema/validator.hpp"
#include "schema/values.hpp"

// What each keyword's value may be, and where it goes.
namespace signalbox::schema {
namespace {

constexpr std::array<Type, 7> types = {Type::object, Type::array,   Type::string, Type::integer,
                                       Type::number, Type::boolean, Type::null};

std::string_view view(const json::String& text) {
    return {text.data(), text.size()};
}

std::string wrong_kind(const char* expected, const json::Value& value) {
    return std::string("must be ") + expected + ", found " + describe(value, false);
}

std::unique_ptr<const RE2> compile_pattern(std::string_view text) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(limits::schema_pattern_memory_bytes);
    return std::make_unique<const RE2>(re2::StringPiece(text.data(), text.size()), options);
}

}  // namespace

std::optional<std::size_t> Compiler::count(const json::Value& value, const Path& path) {
    if (value.is_int64() && value.get_int64() >= 0)
        return static_cast<std::size_t>(value.get_int64());
    find(path, wrong_kind("a whole number, 0 or more", value));
    return std::nullopt;
}

std::optional<json::Value> Compiler::number(const json::Value& value, const Path& path) {
    if (value.is_number()) return value;
    find(path, wrong_kind("a number", value));
    return std::nullopt;
}

bool Compiler::flag(const json::Value& value, const Path& path) {
    if (!value.is_bool()) find(path, wrong_kind("true or false", value));
    return value.is_bool() && value.get_bool();
}

void Compiler::read_type(Node& node, const json::Value& value, const Path& path) {
    std::vector<std::string> names;
    for (const Type type : types) {
        names.emplace_back(type_name(type));
        if (value.is_string() && view(value.get_string()) == names.back()) node.type = type;
    }
    if (node.type) return;
    std::string message =
        "must be one of object, array, string, integer, number, boolean, null, found " +
        describe(value, false);
    const std::string_view meant =
        value.is_string() ? nearest(view(value.get_string()), names) : std::string_view();
    if (!meant.empty()) message += "; did you mean `" + std::string(meant) + "`?";
    find(path, std::move(message));
}

void Compiler::read_properties(Node& node, const json::Value& value, const Path& path) {
    if (!value.is_object()) {
        find(path, wrong_kind("an object of schemas", value));
        return;
    }
    for (const auto& property : value.get_object()) {
        const std::string name = property.key();
        const Path place(path, name);
        const json::Object* schema = property.value().if_object();
        if (descriptions_ && schema != nullptr && schema->if_contains("description") == nullptr)
            find(place, "needs a `description`, which is shown where it is set wrongly");
        node.names.push_back(name);
        node.properties.emplace(name, this->node(property.value(), place));
    }
}

void Compiler::read_required(Node& node, const json::Value& value, const Path& path) {
    if (!value.is_array()) {
        find(path, wrong_kind("an array of property names", value));
        return;
    }
    std::size_t index = 0;
    for (const json::Value& name : value.get_array()) {
        if (name.is_string()) {
            node.required.emplace_back(view(name.get_string()));
        } else {
            find(Path(path, index), wrong_kind("a property name", name));
            node.required.emplace_back();  // keeps the indexes of the others
        }
        ++index;
    }
}

void Compiler::read_pattern_properties(Node& node, const json::Value& value, const Path& path) {
    if (descriptions_) {
        find(path, "is not supported in a plugin's schema; name the members in `properties`");
        return;
    }
    if (!value.is_object()) {
        find(path, wrong_kind("an object of schemas", value));
        return;
    }
    const json::Object& patterns = value.get_object();
    if (patterns.size() > limits::schema_pattern_properties_max) {
        find(path, "has " + std::to_string(patterns.size()) + " patterns; accepted are at most " +
                       std::to_string(limits::schema_pattern_properties_max));
        return;
    }
    for (const auto& pair : patterns) {
        const std::string name = pair.key();
        const Path place(path, name);
        auto matches = pattern(name, place);
        auto schema = this->node(pair.value(), place);
        if (matches != nullptr) node.patterned.push_back({std::move(matches), std::move(schema)});
    }
}

void Compiler::read_additional(Node& node, const json::Value& value, const Path& path) {
    // A plugin's contract is closed: a typing error in the config could pass otherwise.
    if (!descriptions_ && value.is_object()) {
        node.others = this->node(value, path);
        return;
    }
    const bool open = !descriptions_ && value.is_bool() && value.get_bool();
    if (!open && (!value.is_bool() || value.get_bool()))
        find(path, descriptions_ ? "must be false; unknown members are never accepted where members are "
                                   "named"
                                 : wrong_kind("true, false or a schema", value));
    node.open = open;
    node.closed = !open;
}

void Compiler::accept(Node& node, const json::Value& value, const Path& path) {
    std::optional<std::string> text = canonical(value);
    if (!text) {
        find(path, "nests too deep to be compared");
    } else if (!node.accepted_texts.insert(std::move(*text)).second) {
        find(path, "stands twice");
    } else {
        node.accepted.push_back(value);
    }
}

void Compiler::read_enum(Node& node, const json::Value& value, const Path& path) {
    if (!value.is_array() || value.get_array().empty()) {
        find(path, wrong_kind("an array of at least one value", value));
        return;
    }
    std::size_t index = 0;
    for (const json::Value& item : value.get_array())
        accept(node, item, Path(path, index++));
}

void Compiler::read_const(Node& node, const json::Value& value, const Path& path) {
    accept(node, value, path);
}

void Compiler::read_minimum(Node& node, const json::Value& value, const Path& path) {
    node.minimum = number(value, path);
}

void Compiler::read_maximum(Node& node, const json::Value& value, const Path& path) {
    node.maximum = number(value, path);
}

void Compiler::read_chars_min(Node& node, const json::Value& value, const Path& path) {
    node.chars_min = count(value, path);
}

void Compiler::read_chars_max(Node& node, const json::Value& value, const Path& path) {
    node.chars_max = count(value, path);
}

void Compiler::read_items(Node& node, const json::Value& value, const Path& path) {
    node.items = this->node(value, path);
}

void Compiler::read_items_min(Node& node, const json::Value& value, const Path& path) {
    node.items_min = count(value, path);
}

void Compiler::read_items_max(Node& node, const json::Value& value, const Path& path) {
    node.items_max = count(value, path);
}

void Compiler::read_unique(Node& node, const json::Value& value, const Path& path) {
    node.unique = flag(value, path);
}

void Compiler::read_one_of(Node& node, const json::Value& value, const Path& path) {
    if (!value.is_array() || value.get_array().empty()) {
        find(path, wrong_kind("an array of at least one schema", value));
        return;
    }
    const json::Array& branches = value.get_array();
    node.discriminator = discriminator_of(branches);
    if (node.discriminator.empty()) {
        find(path,
             "its schemas must be told apart by one property that each of them has, with a `const` "
             "string of its own and without `x-secret`");
        return;
    }
    std::size_t index = 0;
    for (const json::Value& branch : branches) {
        const std::string name = branch_name(branch, node.discriminator);
        node.branch_names.push_back(name);
        node.branches.emplace(name, this->node(branch, Path(path, index++)));
    }
}

void Compiler::read_pattern(Node& node, const json::Value& value, const Path& path) {
    if (!value.is_string()) {
        find(path, wrong_kind("a string", value));
        return;
    }
    node.pattern = pattern(view(value.get_string()), path);
}

std::unique_ptr<const RE2> Compiler::pattern(std::string_view text, const Path& path) {
    if (text.size() > limits::schema_pattern_bytes_max) {
        find(path, "has " + std::to_string(text.size()) + " bytes; accepted are at most " +
                       std::to_string(limits::schema_pattern_bytes_max));
        return nullptr;
    }
    auto made = compile_pattern(text);
    if (made->ok()) return made;
    find(path, "cannot be used as an RE2 pattern: " + made->error() +
                   "; look-around and back-references are not available");
    return nullptr;
}

void Compiler::read_format(Node& node, const json::Value& value, const Path& path) {
    if (const auto format = format_from_name(value.is_string() ? view(value.get_string()) : "")) {
        node.format = *format;
    } else {
        find(path, wrong_kind("`uri`, `duration`, `date-time`, `email`, `ipv4` or `ipv6`", value));
    }
}

void Compiler::read_default(Node& node, const json::Value& value, const Path&) {
    node.default_value = value;
}

void Compiler::read_description(Node&, const json::Value& value, const Path& path) {
    if (!value.is_string()) find(path, wrong_kind("a string", value));
}

void Compiler::read_secret(Node& node, const json::Value& value, const Path& path) {
    node.secret = flag(value, path);
}

}  // namespace signalbox::schema
