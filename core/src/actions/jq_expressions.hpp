#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "document/node.hpp"
#include "jq/machine.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

namespace signalbox::actions {

struct Action;

/// The jq of one action: what is no plain path, in its templates and its inputs. Numbered while the
/// document is read; compiled together with those of all the others (compile_expressions).
struct JqExpressions {
    struct One {
        std::string text;    ///< as it is shown
        std::string source;  ///< as it is compiled
        document::Position position;
    };

    bool unbounded = false;  ///< the document's `unbounded`: it may use what can run without end
    std::vector<One> list;
    std::shared_ptr<const jq::Expressions>
        compiled;           ///< null until it is, and where the list is empty
    std::size_t first = 0;  ///< of the list's in `compiled`

    /// Its number. Error `unsupported_expression`. `roots`: what may stand at the begin.
    Result<std::size_t> add(std::string_view text, document::Position position,
                            const std::vector<std::string>& roots);
};

/// One invocation's evaluation of an action's jq. [a worker's thread]
class JqRun {
  public:
    /// All but `wall_ms`, which is what `now` says, must outlive it.
    JqRun(const Action& action, jq::Machine& machine, const std::atomic<bool>& stop,
          std::int64_t wall_ms);

    void set_context(const json::Value& context) { evaluation_.set_context(context); }

    /// Errors `template_failed` and `template_timeout` with the expression and its
    /// file:line:column.
    Result<json::Value> evaluate(std::size_t number);

  private:
    const Action& action_;
    jq::Evaluation evaluation_;
};

/// Compiles the jq of all of them, and gives each its part. What is wrong makes its action
/// unavailable, with a warning at its place. Blocks for some 15 ms for every hundred different
/// expressions.
void compile_expressions(const std::vector<Action*>& actions, document::Problems& problems);

}  // namespace signalbox::actions
