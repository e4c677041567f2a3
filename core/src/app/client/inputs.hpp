#pragma once

#include <Poco/JSON/Object.h>

#include <iosfwd>
#include <set>
#include <string>
#include <vector>

#include "app/options.hpp"
#include "signalbox/result.hpp"

namespace signalbox::app {

inline constexpr std::size_t kInputsBytesMax = 1024 * 1024;  ///< what the server accepts as a body

struct Input {
    std::string name;
    std::string text;
};

/// What a person gave for an action: `-i name=value`, and the JSON object of `--inputs`.
struct Inputs {
    std::vector<Input> named;
    std::string object;  ///< as it came; empty: none
};

/// Error `usage`: no `=`, a name twice, a name that is in the object too, or no JSON object. Values
/// are not quoted in it.
Result<Inputs> read_inputs(const Options& options, std::istream& standard_input);

/// The JSON for a typed text. `type` is what the action declares: string, number, integer, boolean,
/// object, array, `entity` (an identifier, or the entity as an object), or empty where it is not
/// known. A text that is not of its type becomes a JSON string: the server's answer then says what
/// is wrong, at its place.
std::string input_json(const std::string& text, const std::string& type);

/// The type that an action's document declares for an input, `entity` for a string of that format; empty:
/// none.
std::string declared_type(const Poco::JSON::Object::Ptr& action, const std::string& input);

/// The body of POST /v1/actions/{id}/runs and /preview. `action` may be null. The inputs of
/// `as_text` become JSON strings whatever they look like.
std::string invocation_body(const Inputs& inputs, const Poco::JSON::Object::Ptr& action,
                            const std::set<std::string>& as_text = {});

}  // namespace signalbox::app
