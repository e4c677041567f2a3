#include "sample.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "json/door.hpp"

namespace signalbox::conformance {
namespace {

constexpr int tries_max = 64;

constexpr std::array<const char*, Sampler::choices> likely = {
    "example",
    "https://target.example/hooks/one",
    "https://target.example",
    "target.example",
    "1",
    "30s",
    "/path/one",
    "A-1",
};

std::optional<std::int64_t> whole(const json::Object& schema, const char* key) {
    const json::Value* value = schema.if_contains(key);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

bool is_required(const json::Object& schema, std::string_view name) {
    const json::Value* list = schema.if_contains("required");
    if (list == nullptr || !list->is_array()) return false;
    const auto& items = list->get_array();
    return std::any_of(items.begin(), items.end(), [&](const json::Value& item) {
        return item.is_string() && std::string_view(item.get_string()) == name;
    });
}

}  // namespace

json::Value Sampler::fitting(const json::Value& schema, const schema::Schema& compiled, bool plain,
                             std::size_t choice) {
    for (int i = 0; i < tries_max; ++i) {
        json::Value value = any(schema, plain, choice + static_cast<std::size_t>(plain ? i : 0));
        if (!compiled.validate(value).empty()) continue;
        compiled.fill_defaults(value);
        return value;
    }
    return nullptr;
}

json::Value Sampler::any(const json::Value& value, bool plain, std::size_t choice) {
    const json::Object* schema = value.if_object();
    if (schema == nullptr) return nullptr;
    if (const auto* constant = schema->if_contains("const")) return *constant;
    if (const auto* list = schema->if_contains("enum"); list && list->is_array()) {
        const auto& items = list->get_array();
        return items[plain ? 0 : number(items.size())];
    }
    if (const auto* list = schema->if_contains("oneOf"); list && list->is_array()) {
        const auto& branches = list->get_array();
        return any(branches[plain ? choice % branches.size() : number(branches.size())], plain,
                   choice);
    }
    const json::Value* type = schema->if_contains("type");
    const std::string_view name =
        type && type->is_string() ? std::string_view(type->get_string()) : "string";
    if (name == "object") return object(*schema, plain, choice);
    if (name == "string") return text(*schema, plain, choice);
    if (name == "boolean") return !plain && number(2) == 1;
    if (name == "integer" || name == "number") {
        const std::int64_t low = whole(*schema, "minimum").value_or(plain ? 1 : -1000);
        const std::int64_t high = whole(*schema, "maximum").value_or(low + 2000);
        const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>(1, high - low + 1));
        return plain ? low : low + static_cast<std::int64_t>(number(span));
    }
    if (name == "array") {
        json::Array items;
        const std::int64_t least = whole(*schema, "minItems").value_or(0);
        const auto* item = schema->if_contains("items");
        const auto count = static_cast<std::uint64_t>(least) + (plain ? 0 : number(4));
        for (std::uint64_t i = 0; i < count; ++i)
            items.push_back(item ? any(*item, plain, choice + i) : json::Value(json::String("x")));
        return items;
    }
    return nullptr;
}

json::Value Sampler::object(const json::Object& schema, bool plain, std::size_t choice) {
    json::Object made;
    const json::Value* properties = schema.if_contains("properties");
    if (properties == nullptr || !properties->is_object()) {
        if (!plain && number(2) == 1) made[json::String(odd_text())] = json::String(odd_text());
        return made;
    }
    for (const auto& property : properties->get_object()) {
        const bool wanted = is_required(schema, property.key()) || (!plain && number(2) == 1);
        if (wanted) made[property.key()] = any(property.value(), plain, choice);
    }
    return made;
}

json::Value Sampler::text(const json::Object& schema, bool plain, std::size_t choice) {
    if (plain) {
        const json::Value* given = schema.if_contains("default");
        if (given && given->is_string()) return *given;
        return json::String(likely[choice % likely.size()]);
    }
    const bool patterned = schema.if_contains("pattern") || schema.if_contains("format");
    if (patterned || number(3) == 0) return json::String(likely[number(likely.size())]);
    std::string made = odd_text();
    // Cut to a length that may fit; a text is taken to pieces between characters.
    const auto most = static_cast<std::size_t>(whole(schema, "maxLength").value_or(100'000));
    if (made.size() > most) made = std::string(likely[0]).substr(0, most);
    return json::String(made);
}

std::string Sampler::odd_text() {
    switch (number(9)) {
        case 0:
            return "";
        case 1:
            return "a\r\nX-Injected: yes";
        case 2:
            return "\"quotes\" and 'ticks' and \\ and {{ braces }}";
        case 3:
            return "grüße \xE2\x82\xAC \xF0\x9F\x9A\x82";
        case 4:
            return "../../etc/passwd?x=1#y";
        case 5:
            return std::string(1 + number(9000), 'x');
        case 6:
            return "%zz%00%0d%0a";
        case 7:
            return "https://user:pass@target.example:99999/";
        default: {
            std::string made;
            for (std::uint64_t i = number(40); i > 0; --i)
                made += static_cast<char>(1 + number(126));
            return made;
        }
    }
}

}  // namespace signalbox::conformance
