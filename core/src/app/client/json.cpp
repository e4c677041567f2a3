#include "app/client/json.hpp"

#include <Poco/Exception.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>
#include <Poco/JSON/Stringifier.h>

#include <algorithm>
#include <sstream>

namespace signalbox::app {
namespace {

using Poco::Dynamic::Var;

constexpr std::size_t kDigitsKept = 15;  // what a double carries of any decimal number

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The length of the JSON number that `text` begins with, 0 where there is none.
std::size_t number_length(std::string_view text) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        return at - begin;
    };
    const auto next_is = [&](std::string_view any) {
        return at < text.size() && any.find(text[at]) != any.npos;
    };
    if (next_is("-")) ++at;
    if (next_is("0")) {
        ++at;
    } else if (digits() == 0) {
        return 0;
    }
    if (next_is(".")) {
        ++at;
        if (digits() == 0) return 0;
    }
    if (next_is("eE")) {
        ++at;
        if (next_is("+-")) ++at;
        if (digits() == 0) return 0;
    }
    return at;
}

bool poco_carries(std::string_view number) {
    const auto digits =
        static_cast<std::size_t>(std::count_if(number.begin(), number.end(), is_digit));
    return digits <= kDigitsKept && number.find_first_of("eE") == number.npos &&
           !number.starts_with("-0");
}

/// The same JSON with each number that Poco might not carry put into quotes. What is no number is
/// left for Poco to refuse.
std::string guard_numbers(std::string_view json) {
    std::string guarded;
    guarded.reserve(json.size());
    bool in_string = false;
    for (std::size_t i = 0; i < json.size();) {
        const char c = json[i];
        const std::size_t number = in_string ? 0 : number_length(json.substr(i));
        if (number > 0) {
            const std::string_view token = json.substr(i, number);
            const bool ends = i + number == json.size() || !is_digit(json[i + number]);
            const bool quote = ends && !poco_carries(token);
            guarded += quote ? '"' + std::string(token) + '"' : std::string(token);
            i += number;
            continue;
        }
        guarded += c;
        ++i;
        if (in_string && c == '\\' && i < json.size()) {
            guarded += json[i++];
        } else if (c == '"') {
            in_string = !in_string;
        }
    }
    return guarded;
}

Var parse(std::string_view json) {
    Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
    return parser.parse(guard_numbers(json));
}

Var member(const Poco::JSON::Object::Ptr& object, const std::string& name) {
    return object.isNull() ? Var() : object->get(name);
}

}  // namespace

Result<Poco::JSON::Object::Ptr> parse_object(std::string_view json) {
    try {
        const Var value = parse(json);
        if (value.type() == typeid(Poco::JSON::Object::Ptr)) {
            return value.extract<Poco::JSON::Object::Ptr>();
        }
        return Error{"invalid_json", "this is JSON, but not an object"};
    } catch (const Poco::Exception&) {
        // Poco's message may quote what it read, and that may be a secret.
        return Error{"invalid_json", "this is not JSON"};
    }
}

bool is_json(std::string_view text) {
    // Poco refuses scalars at the top, hence the array; two values would make it two elements.
    try {
        const Var value = parse("[" + std::string(text) + "]");
        return value.extract<Poco::JSON::Array::Ptr>()->size() == 1;
    } catch (const Poco::Exception&) {
        return false;
    }
}

std::string text_of(const Var& value) {
    if (value.isEmpty()) return "";
    if (value.isString()) return value.extract<std::string>();
    std::ostringstream text;
    Poco::JSON::Stringifier::stringify(value, text);
    return text.str();
}

std::string text_at(const Poco::JSON::Object::Ptr& object, const std::string& name) {
    return text_of(member(object, name));
}

double number_at(const Poco::JSON::Object::Ptr& object, const std::string& name, double otherwise) {
    const Var value = member(object, name);
    try {
        return value.isEmpty() || value.isBoolean() ? otherwise : value.convert<double>();
    } catch (const Poco::Exception&) {
        return otherwise;
    }
}

Poco::JSON::Object::Ptr object_at(const Poco::JSON::Object::Ptr& object, const std::string& name) {
    const Var value = member(object, name);
    const bool is_object = !value.isEmpty() && value.type() == typeid(Poco::JSON::Object::Ptr);
    return is_object ? value.extract<Poco::JSON::Object::Ptr>() : nullptr;
}

Poco::JSON::Array::Ptr array_at(const Poco::JSON::Object::Ptr& object, const std::string& name) {
    const Var value = member(object, name);
    const bool is_array = !value.isEmpty() && value.type() == typeid(Poco::JSON::Array::Ptr);
    return is_array ? value.extract<Poco::JSON::Array::Ptr>() : nullptr;
}

}  // namespace signalbox::app
