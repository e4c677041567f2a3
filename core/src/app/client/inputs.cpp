#include "app/client/inputs.hpp"

#include <istream>

#include "app/client/json.hpp"
#include "app/files.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == text.npos) return "";
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// What kind of JSON value a text is, by its first character; empty: it is none.
std::string kind_of(const std::string& text) {
    const std::string value = trimmed(text);
    if (value.empty() || !is_json(value)) return "";
    switch (value.front()) {
        case '"':
            return "string";
        case '{':
            return "object";
        case '[':
            return "array";
        case 't':
        case 'f':
            return "boolean";
        case 'n':
            return "null";
        default:
            return "number";
    }
}

Error usage(const std::string& message) {
    return Error{"usage", message};
}

}  // namespace

Result<Inputs> read_inputs(const Options& options, std::istream& standard_input) {
    Inputs inputs;
    std::set<std::string> names;
    for (const std::string& given : options.values("input")) {
        const std::size_t equals = given.find('=');
        if (equals == given.npos || equals == 0) return usage("-i takes NAME=VALUE");
        const std::string name = given.substr(0, equals);
        if (!names.insert(name).second) return usage("the input '" + name + "' is given twice");
        inputs.named.push_back({name, given.substr(equals + 1)});
    }
    const auto file = options.value("inputs");
    if (!file) return inputs;

    auto text = read_bytes(*file, standard_input, kInputsBytesMax);
    if (!text) return text.error();
    const auto object = parse_object(*text);
    if (!object)
        return usage("--inputs must be a JSON object of inputs; " + object.error().message);
    for (const Input& input : inputs.named) {
        if (!(*object)->has(input.name)) continue;
        return usage("the input '" + input.name +
                     "' is given by -i and by --inputs; keep one of them");
    }
    inputs.object = trimmed(*text);
    return inputs;
}

std::string input_json(const std::string& text, const std::string& type) {
    const std::string kind = type == "string" ? "" : kind_of(text);
    if (type == "entity") return kind == "object" ? trimmed(text) : json_string(text);
    if (type == "string") return json_string(text);
    const bool fits = type.empty() ? !kind.empty() : kind == (type == "integer" ? "number" : type);
    return fits ? trimmed(text) : json_string(text);
}

std::string declared_type(const Poco::JSON::Object::Ptr& action, const std::string& input) {
    const auto user_inputs = object_at(object_at(action, "trigger"), "userInputs");
    const auto declared = object_at(object_at(user_inputs, "properties"), input);
    const std::string type = text_at(declared, "type");
    return type == "string" && text_at(declared, "format") == "entity" ? "entity" : type;
}

std::string invocation_body(const Inputs& inputs, const Poco::JSON::Object::Ptr& action,
                            const std::set<std::string>& as_text) {
    // The object of --inputs is passed on as its bytes, less the closing brace: so numbers arrive
    // as they were written, and what the server has to say about it is said about what the person
    // wrote.
    std::string properties =
        inputs.object.empty() ? "{" : inputs.object.substr(0, inputs.object.size() - 1);
    bool first = properties.find_first_not_of(kBlanks, 1) == properties.npos;
    for (const Input& input : inputs.named) {
        const bool is_text = as_text.contains(input.name);
        const std::string type = is_text ? "string" : declared_type(action, input.name);
        properties +=
            (first ? "" : ",") + json_string(input.name) + ":" + input_json(input.text, type);
        first = false;
    }
    return "{\"properties\":" + properties + "}}";
}

}  // namespace signalbox::app
