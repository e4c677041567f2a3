#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "payload.hpp"

namespace azure_standin {

/// Why the `${{ … }}` in `text` cannot be handled here, whatever the payload; nothing when they
/// can. Only `${{ parameters.ALIAS.path.to[0].value }}` can.
std::optional<std::string> template_problem(std::string_view text);

/// `text` with each `${{ … }}` replaced from the payload, or the issue Azure would list.
struct Expanded {
    std::string text;
    std::string issue;  ///< empty when expanded
};
Expanded expand_template(std::string_view text, std::string_view alias, const Payload& payload);

/// `text` with each `$(name)` replaced by what `lookup` gives; a name it does not know stays as it
/// stands, as Azure leaves it, so a shell's own `$(command)` survives.
using MacroLookup = std::function<std::optional<std::string>(const std::string& name)>;
std::string expand_macros(std::string_view text, const MacroLookup& lookup);

}  // namespace azure_standin
