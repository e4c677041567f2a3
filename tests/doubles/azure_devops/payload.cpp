#include "payload.hpp"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <charconv>

namespace azure_standin {
namespace {

bool is_name_character(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '_' || character == '-';
}

// Takes what stands in brackets, `0]` or `'name']`, off the front of `text`.
bool take_bracket(std::string_view& text, PayloadPath& path) {
    const bool quoted = !text.empty() && text.front() == '\'';
    const std::size_t end = quoted ? text.find("']", 1) : text.find(']');
    if (end == std::string_view::npos) return false;
    if (quoted) {
        path.push_back({std::string(text.substr(1, end - 1)), std::nullopt});
        text.remove_prefix(end + 2);
        return true;
    }
    std::size_t position = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + end, position);
    if (error != std::errc{} || stopped != text.data() + end) return false;
    path.push_back({{}, position});
    text.remove_prefix(end + 1);
    return true;
}

bool take_name(std::string_view& text, PayloadPath& path) {
    std::size_t length = 0;
    while (length < text.size() && is_name_character(text[length]))
        ++length;
    if (length == 0) return false;
    path.push_back({std::string(text.substr(0, length)), std::nullopt});
    text.remove_prefix(length);
    return true;
}

}  // namespace

std::optional<PayloadPath> parse_payload_path(std::string_view text) {
    PayloadPath path;
    bool at_start = true;
    while (!text.empty()) {
        bool taken = false;
        if (text.front() == '[') {
            text.remove_prefix(1);
            taken = take_bracket(text, path);
        } else {
            const bool dotted = text.front() == '.';
            if (dotted == at_start) return std::nullopt;
            if (dotted) text.remove_prefix(1);
            taken = take_name(text, path);
        }
        if (!taken) return std::nullopt;
        at_start = false;
    }
    if (path.empty()) return std::nullopt;
    return path;
}

std::optional<Payload> Payload::parse(const std::string& body) {
    try {
        Poco::JSON::Parser parser;
        return Payload(parser.parse(body));
    } catch (const Poco::Exception&) {
        // Poco reports numbers out of range and broken text with different exception types.
        return std::nullopt;
    }
}

Payload::Found Payload::find(const PayloadPath& path) const {
    Poco::Dynamic::Var at = root_;
    for (const PathStep& step : path) {
        if (step.position) {
            if (at.type() != typeid(Poco::JSON::Array::Ptr)) return {};
            const auto array = at.extract<Poco::JSON::Array::Ptr>();
            if (*step.position >= array->size()) return {};
            at = array->get(static_cast<unsigned int>(*step.position));
        } else {
            if (at.type() != typeid(Poco::JSON::Object::Ptr)) return {};
            const auto object = at.extract<Poco::JSON::Object::Ptr>();
            if (!object->has(step.name)) return {};
            at = object->get(step.name);
        }
    }
    if (at.isEmpty()) return {Kind::scalar, ""};
    if (at.type() == typeid(Poco::JSON::Array::Ptr) || at.type() == typeid(Poco::JSON::Object::Ptr))
        return {Kind::composite, {}};
    if (at.isBoolean()) return {Kind::scalar, at.convert<bool>() ? "True" : "False"};
    return {Kind::scalar, at.convert<std::string>()};
}

}  // namespace azure_standin
