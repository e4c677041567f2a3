#pragma once

#include <string>

#include "document/node.hpp"
#include "signalbox/result.hpp"
#include "signalbox/settings.hpp"

namespace signalbox {

/// The settings as the text of a config, so that one reader checks both. Error `config_invalid` for what
/// cannot be written as one: settings that are no JSON, a name that stands twice.
Result<std::string> config_text(const Settings& settings);

/// The findings about such a text, each with the JSON pointer of its place.
Error located_in_settings(const std::string& text, const std::string& name,
                          const document::Problems& problems);

}  // namespace signalbox
