#pragma once

#include <string>
#include <string_view>

/// What stands before every program.
namespace signalbox::jq {

/// Names that only the prelude and the programs made here use.
inline constexpr std::string_view prelude_prefix = "_signalbox_";

/// Gives its input on, unless the evaluation is to stop: then it raises an error.
inline constexpr std::string_view tick_name = "_signalbox_tick";

/// jq text of definitions: the builtins of later versions that jq can say itself, those of 1.6 that
/// hang or end the process put right, and those that loop made to look for the stop. Any thread.
const std::string& prelude();

}  // namespace signalbox::jq
