#pragma once

#include <functional>
#include <string>
#include <string_view>

/// Where a secret goes into a text that is stored and shown without it: a hole with the secret's
/// name. It is made of two bytes that no UTF-8 text has, and everything from outside is UTF-8, so
/// no input can look like a hole or make one.
namespace signalbox {

/// `name` has letters, digits, `_` and `-` only.
std::string hole(std::string_view name);

bool has_hole(std::string_view text);

/// The text with what `value_of` gives for each hole's name in its place.
std::string fill_holes(std::string_view text,
                       const std::function<std::string(std::string_view name)>& value_of);

/// For people: each hole as `***`.
std::string without_holes(std::string_view text);

}  // namespace signalbox
