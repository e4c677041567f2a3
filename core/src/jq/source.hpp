#pragma once

#include <string>
#include <string_view>

#include "signalbox/result.hpp"

/// One expression of somebody's, as libjq will get it.
namespace signalbox::jq {

/// Judges the text by its tokens, and gives it as the compiler takes it. Refused, as Error
/// `unsupported_expression`: what reads from outside or acts on the process (`env`, `$ENV`,
/// `input`, `debug`, `halt`, `import`, …); without `unbounded`, what can run without end (`range`,
/// `until`, `while`, `repeat`, `recurse(f)`, `combinations`, `fromstream`, a `def` of its own);
/// numbers with more digits than jq keeps; brackets and strings that do not close; more than
/// limits::jq_expression_bytes_max. A name that is a string, a field (`.env`) or an object's key is
/// none of these. In what comes out, an `if` without `else` has one, as jq 1.7 reads it, and each
/// `def` looks first whether the evaluation is to stop. Any thread.
Result<std::string> make_source(std::string_view text, bool unbounded);

/// For a message: the expression in its braces, cut where it is long, on one line.
std::string shown(std::string_view expression);

}  // namespace signalbox::jq
