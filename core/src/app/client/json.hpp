#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <string_view>

#include "signalbox/result.hpp"

/// Reading the server's replies and people's inputs with Poco::JSON, around what Poco 1.11 gets
/// wrong: it reads 2^64 as 0, -0 as 0, refuses integers of 20 digits, and forgets how a number was
/// written. So a number that it might not carry is given to it as text, and JSON that is passed on
/// is passed on as the bytes that came, never printed anew.
namespace signalbox::app {

/// Members keep their order. A number of more than 15 digits, with an exponent, or -0, is found as
/// a string of its digits. Error `invalid_json`.
Result<Poco::JSON::Object::Ptr> parse_object(std::string_view json);

/// Whether `text` is exactly one JSON value (of any kind; blanks around it are accepted).
bool is_json(std::string_view text);

// Members of an object; null objects, missing members, nulls and other types give the empty value.
std::string text_at(const Poco::JSON::Object::Ptr& object, const std::string& name);
double number_at(const Poco::JSON::Object::Ptr& object, const std::string& name, double otherwise);
Poco::JSON::Object::Ptr object_at(const Poco::JSON::Object::Ptr& object, const std::string& name);
Poco::JSON::Array::Ptr array_at(const Poco::JSON::Object::Ptr& object, const std::string& name);

/// A string as it is, anything else as JSON.
std::string text_of(const Poco::Dynamic::Var& value);

}  // namespace signalbox::app
