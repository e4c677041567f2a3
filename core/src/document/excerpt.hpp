#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "document/node.hpp"

/// The line of a file that a finding is about, as compilers show it.
namespace signalbox::document {

/// Line `number` (from 1) of a text, without its end; none: the text has fewer. A byte order mark is no
/// part of the first.
std::optional<std::string_view> line_of(std::string_view text, std::uint32_t number);

/// Two lines, the second with a caret below `position`:
///
///        3 | lisen: 127.0.0.1:8080
///          | ^
///
/// Tabs become blanks and other control characters `?`, so that the caret stands where it should. A
/// long line is cut around the caret. No line feed at the end.
std::string excerpt(std::string_view line, Position position);

}  // namespace signalbox::document
