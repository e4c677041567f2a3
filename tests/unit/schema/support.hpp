#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

#include "json/door.hpp"
#include "json/writer.hpp"
#include "schema/schema.hpp"

namespace schema_test {

namespace json = signalbox::json;

inline json::Value value(std::string_view text) {
    auto parsed = json::parse(text);
    INFO(text);
    REQUIRE(parsed.ok());
    return std::move(*parsed);
}

inline signalbox::schema::Schema compiled(std::string_view text) {
    auto schema = signalbox::schema::Schema::compile(value(text), false);
    INFO((schema.ok() ? std::string(text) : schema.error().message));
    REQUIRE(schema.ok());
    return std::move(*schema);
}

/// Each detail as `pointer message`, a line each.
inline std::string lines(const std::vector<signalbox::Detail>& details) {
    std::string text;
    for (const auto& detail : details)
        text += detail.pointer + ' ' + detail.message + '\n';
    return text;
}

inline std::string findings(std::string_view schema, std::string_view instance) {
    return lines(compiled(schema).validate(value(instance)));
}

/// What is wrong with a schema, or nothing.
inline std::string faults(std::string_view schema, bool descriptions = false) {
    auto made = signalbox::schema::Schema::compile(value(schema), descriptions);
    if (made.ok()) return {};
    CHECK(made.error().code == "invalid_schema");
    return lines(made.error().details);
}

}  // namespace schema_test
