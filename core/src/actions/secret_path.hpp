#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/node.hpp"

/// `{{ .secrets.NAME }}`: a secret of the config in what is sent.
namespace signalbox::actions {

/// A secret that a template names, and where.
struct SecretUse {
    std::string name;
    document::Position position;
};

/// The name in `.secrets.NAME`, `.secrets["NAME"]` or `.secrets."NAME"`; none: the expression is
/// something else.
std::optional<std::string> secret_in(std::string_view expression);

/// Does the expression reach for `.secrets` in another way, as in `.secrets.NAME | @base64`?
/// Nothing could be computed with a secret that is filled in when everything is computed, so such
/// an expression is refused; the text says what to do.
bool computes_with_secrets(std::string_view expression);
std::string no_computing_with_secrets();

/// Names that the config takes.
bool is_secret_name(std::string_view name);

}  // namespace signalbox::actions
