#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"
#include "signalbox/result.hpp"

/// What stands between `{{` and `}}`.
namespace signalbox::actions {

/// A part of a string: text as it is, or an expression without its braces and outer white space.
struct TextPart {
    bool expression = false;
    std::string text;
    std::size_t offset = 0;  ///< of its first byte in what was split
};

struct SplitText {
    std::vector<TextPart> parts;
    bool closed = true;  ///< false: a `{{` has no end; what follows it is left out
    std::size_t open = 0;  ///< the offset of that `{{`
};

/// Splits a string at its expressions. The end of an expression is found by jq's tokens: a `}}`
/// within a string, or one that closes objects, ends nothing.
SplitText split_text(std::string_view text);

/// One step of a path: into an object by name, or into an array by number (negative: from its end).
struct Step {
    bool by_index = false;
    std::string name;
    std::int64_t index = 0;
};
using Path = std::vector<Step>;

/// Reads a plain path; `.` alone is the empty one. None: it is something else.
std::optional<Path> parse_path(std::string_view expression);

/// What may stand at the begin of an expression in an action's templates.
const std::vector<std::string>& action_roots();

/// Empty where the path begins at something that is there; else what is accepted. `expression` is for
/// the message.
std::string root_problem(const Path& path, std::string_view expression,
                         const std::vector<std::string>& roots = action_roots());

/// The same for an expression that is no plain path, as far as its tokens tell.
std::string jq_root_problem(std::string_view expression, const std::vector<std::string>& roots);

/// Where paths begin. One thread at a time.
class Context {
  public:
    virtual ~Context() = default;
    /// The root of that name, which lives as long as this; null: there is none.
    virtual const json::Value* root(std::string_view name) const = 0;
    /// All roots as one object.
    virtual const json::Value& whole() const = 0;
};

/// Roots that are there already, as the members of an object, which is borrowed.
class ReadyContext final : public Context {
  public:
    explicit ReadyContext(const json::Value& roots) : roots_(roots) {}
    const json::Value* root(std::string_view name) const override;
    const json::Value& whole() const override { return roots_; }

  private:
    const json::Value& roots_;
};

/// What `path` leads to in `context`; null where it leads nowhere. The reference is into `context`,
/// or to a null that lives as long as the process.
const json::Value& follow(const Path& path, const Context& context);

}  // namespace signalbox::actions
