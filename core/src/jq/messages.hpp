#pragma once

#include <string>
#include <string_view>

namespace signalbox::jq {

/// What jq says when it compiles, without what is about shells and about the lines of a program
/// that the author did not write.
std::string compile_message(std::string_view said);

/// What jq says when it evaluates, without the values in it: they are somebody's inputs, and may be
/// secret. What the expression itself says (`error("…")` with that very text in `source`) is kept.
std::string run_message(std::string_view said, std::string_view source);

}  // namespace signalbox::jq
